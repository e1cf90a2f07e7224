/** How much clients may publish on /v1/metadata, and what becomes of those who publish more. */
import t from 'tap';
import { encodeBinaryFrame } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { batchOf, custom, final, interim, presence } from './fixtures/frames.ts';
import { metadataUnderTest, sleep, until } from './fixtures/metadata-under-test.ts';

const bytesOf = (frame: Frame) => Buffer.from(encodeBinaryFrame(frame));
/** What two notices half a second apart may come nearer to each other on their way. */
const NOTICE_SLACK_MS = 250;

t.test('META-5 a batch is charged frame by frame', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  for (let batch = 0; batch < 2; batch++) {
    ann.send(batchOf(Array.from({ length: 40 }, (_, index) => presence(`k${index}`, 'v'))));
  }
  const { throttled } = await ann.seen('throttled');
  t.equal(throttled?.class, 'standard');
  t.ok((throttled?.dropped ?? 0) >= 35, `${throttled?.dropped} of 80 frames over a burst of 40 were dropped`);
  t.equal(gateway.outcome('standard', 'rejected_session'), throttled?.dropped);
  gateway.conserved();
});

t.test(
  'META-6 who is over its rate hears so at most twice a second, with the time after which it may go on',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann' });
    const notices = () => ann.frames.filter(({ kind }) => kind === Kind.throttled);
    const startMs = performance.now();
    while (notices().length < 3) {
      for (let index = 0; index < 20; index++) ann.send(custom('a'));
      await sleep(20);
    }
    const elapsedMs = performance.now() - startMs;
    t.ok(elapsedMs >= 2 * 500 - NOTICE_SLACK_MS, `3 notices in ${Math.ceil(elapsedMs)} ms`);
    t.ok(
      notices().every(({ throttled }) => (throttled?.retryAfterMs ?? 0) <= 51),
      'one frame of the class takes 50 ms',
    );
    const admitted = gateway.snapshot().admitted[gateway.snapshot().classes.indexOf('standard')]!;
    const seconds = (performance.now() - startMs) / 1000;
    t.ok(admitted <= 40 + 20 * seconds + 1, `${admitted} admitted in ${seconds.toFixed(2)} s`);
    gateway.conserved();
  },
);

t.test('META-7 a publisher whose finals are over their own rate is let go, none refused in silence', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  for (let segment = 1; segment <= 60; segment++) agent.send(final('s', segment, `${segment}`, {}, segment));
  t.equal((await agent.closed).code, 4129);
  await until(() => gateway.snapshot().finals.received > 0, 'finals');
  const taken = gateway.snapshot().finals.received;
  t.ok(taken >= 20 && taken < 60, `${taken} finals taken of 60 with a burst of 20`);
  const finals = await ann.count('caption', taken);
  t.same(
    finals.map(({ caption }) => caption?.segment),
    Array.from({ length: taken }, (_, index) => index + 1),
  );
  const again = await gateway.open({ identity: 'agent', agent: true });
  t.ok(again, 'it may come back');
  gateway.conserved();
});

t.test('META-8 a flooder is cut, and refused for its penalty when it comes back', async (t) => {
  const gateway = await metadataUnderTest(t);
  const rude = await gateway.open({ identity: 'rude', agent: true });
  const frame = bytesOf(interim('s', 1, 1, 'x'.repeat(200)));
  for (let index = 0; index < 20_000 && rude.socket.readyState === 1; index++) rude.sendBytes(frame);
  t.equal((await rude.closed).code, 1006);
  t.equal(gateway.snapshot().disconnects['4129'], 1, 'the label says why');
  await t.rejects(gateway.open({ identity: 'rude', agent: true }), 'its identity is refused');
  t.ok(await gateway.open({ identity: 'polite', agent: true }), 'its address is not');
  gateway.conserved();
});

t.test('META-9 the socket’s own conversation has a rate too; acknowledgements are free', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  for (let index = 0; index < 150; index++) ann.send({ kind: Kind.ping, ping: { id: index, sentMs: 1 } });
  t.match((await ann.seen('throttled')).throttled, { class: 'call-control' });
  const pongs = ann.frames.filter(({ kind }) => kind === Kind.pong).length;
  t.ok(pongs >= 100 && pongs < 150, `${pongs} of 150 pings answered`);
  const before = gateway.outcome('call-control', 'rejected_session');
  for (let index = 0; index < 150; index++) ann.send({ kind: Kind.ack, ack: { upTo: 1 } });
  ann.send(presence('k', 'v'));
  await ann.count('presence', 1);
  t.equal(gateway.outcome('call-control', 'rejected_session'), before);
  gateway.conserved();
});

t.test('META-10 the welcome grants credit by class, and more comes as it is used', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const { welcome } = await agent.seen('welcome');
  t.same({ ...welcome?.credits }, { premium: 100, captions: 60, standard: 40, deferred: 10 });
  for (let index = 0; index < 35; index++) agent.send(interim('s', 1, index, 'a'));
  const { credit } = await agent.seen('credit');
  t.equal(credit?.class, 'captions');
  t.ok(
    (credit?.frames ?? 0) >= 8 && credit!.frames! <= 35,
    `${credit?.frames} frames: what a burst lacks, as it is earned`,
  );
  gateway.conserved();
});

t.test('META-10 who keeps to its credit has nothing refused, however much it wishes to say', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const { welcome } = await agent.seen('welcome');
  let credit = welcome!.credits!.captions!;
  let heard = 0;
  let revision = 0;
  while (revision < 150) {
    for (const frame of agent.frames.slice(heard))
      if (frame.credit?.class === 'captions') credit += frame.credit.frames!;
    heard = agent.frames.length;
    for (; credit > 0; credit--) agent.send(interim('s', 1, revision++, 'a'));
    await agent.settled();
    await sleep(20);
  }
  t.equal(gateway.outcome('captions', 'rejected_session') + gateway.outcome('captions', 'rejected_credit'), 0);
  t.notOk(agent.frames.some(({ throttled }) => throttled));
  gateway.conserved();
});
