/** What clients may publish on /v1/metadata, how frames are refused, and what publishers are told. */
import t from 'tap';
import { encodeBinaryFrame } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { batchOf, custom, final, interim, moderation, presence } from './fixtures/frames.ts';
import { metadataUnderTest, sleep } from './fixtures/metadata-under-test.ts';

const bytesOf = (frame: Frame) => Buffer.from(encodeBinaryFrame(frame));
/** After some bad frames from one address the edge drops sockets without saying why. */
const ORDERLY_ENDS = 6;
/** A caption with a field that the encoder would not write so. */
const captionBytes = (...fields: number[]) =>
  Buffer.from([8, Kind.caption, 0x82, 0x05, fields.length + 3, 0x0a, 1, 0x73, ...fields]);

t.test('META-1 a frame that breaks the protocol is told of and ends the socket, counted as malformed', async (t) => {
  let gateway = await metadataUnderTest(t);
  const kindTwice = Buffer.concat([bytesOf(interim('s', 1, 1, 'a')), Buffer.from([8, Kind.caption])]);
  const batch = batchOf([custom('a')]);
  const cases: [string, Buffer, number, string][] = [
    ['no kind', Buffer.from([1, 2, 3]), 4001, 'unclassified'],
    ['cut off', bytesOf(interim('s', 1, 1, 'abc')).subarray(0, -1), 4001, 'captions'],
    ['kind twice', kindTwice, 4001, 'captions'],
    ['a field twice', captionBytes(0x3a, 1, 0x61, 0x3a, 1, 0x62), 4001, 'captions'],
    ['a payload of another kind', Buffer.from([8, Kind.gauge, 0x92, 0x05, 3, 0x0a, 1, 0x6b]), 4004, 'standard'],
    [
      'a final that is not UTF-8',
      Buffer.from([8, 64, 16, 1, 0x82, 5, 6, 0x0a, 1, 0x73, 0x3a, 1, 0xff]),
      4001,
      'captions',
    ],
    ['an event that is not UTF-8', Buffer.from([8, Kind.custom, 0xe2, 0x05, 3, 0x0a, 1, 0xff]), 4001, 'standard'],
    ['a caption without a stream', bytesOf(interim('', 1, 1, 'a')), 4001, 'captions'],
    ['a batch in a batch', bytesOf(batchOf([batch])), 4001, 'unclassified'],
    [
      '65 frames in a batch',
      bytesOf(batchOf(Array.from({ length: 65 }, () => presence('k', 'v')))),
      4001,
      'unclassified',
    ],
    ['a frame of the gateway', bytesOf({ kind: Kind.accepted, accepted: { upTo: 1 } }), 4001, ''],
  ];
  for (const [index, [name, bytes, code, className]] of cases.entries()) {
    if (index % ORDERLY_ENDS === 0) {
      gateway.conserved();
      gateway = await metadataUnderTest(t);
    }
    const before = className === '' ? 0 : gateway.outcome(className, 'malformed');
    const client = await gateway.open({ identity: `agent-${index}`, agent: true });
    client.sendBytes(bytes);
    const closed = await client.closed;
    t.equal(closed.code, code, name);
    const reason = code === 4004 ? 'kindMismatch' : 'badFrame';
    t.equal((await client.seen('error')).error?.reason, reason, `${name}: is told`);
    if (className !== '') t.equal(gateway.outcome(className, 'malformed') - before, 1, `${name}: counted`);
  }
  gateway.conserved();
});

t.test('META-1 in JSON too, with what was expected and where', async (t) => {
  const gateway = await metadataUnderTest(t);
  const cases: [string, RegExp][] = [
    ['{', /frame/],
    ['{"kind":"caption","stream":1,"segment":0,"revision":0,"text":""}', /caption\.stream/],
    ['{"kind":"capton"}', /caption/],
    [`{"kind":"batch","frames":[${Array.from({ length: 65 }, () => '{"kind":"custom","type":"a"}').join(',')}]}`, /64/],
    ['{"kind":"batch","frames":[{"kind":"batch","frames":[]}]}', /batch/],
    ['{"kind":"batch","frames":[{"kind":"ping","id":1,"sentMs":1}]}', /metadata/],
  ];
  for (const [index, [text, message]] of cases.entries()) {
    const client = await gateway.open({ identity: `agent-${index}`, agent: true, json: true });
    client.socket.send(text);
    t.equal((await client.closed).code, 4001, text.slice(0, 60));
    t.match((await client.seen('error')).error?.message, message);
  }
  gateway.conserved();
});

t.test(
  'META-2 text that is not UTF-8 in an interim is found when it would leave, and nobody receives it',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const agent = await gateway.open({ identity: 'agent', agent: true });
    const json = await gateway.open({ identity: 'json', json: true });
    const binary = await gateway.open({ identity: 'binary' });
    agent.sendBytes(captionBytes(0x3a, 1, 0xff));
    agent.send(final('t', 1, 'fine'));
    for (const client of [json, binary]) {
      const [caption] = await client.count('caption', 1);
      t.equal(caption?.caption?.stream, 't', 'the good one comes');
    }
    t.equal(gateway.outcome('captions', 'malformed'), 1);
    gateway.conserved();
  },
);

t.test('META-3 a standard participant publishes values and feedback, an agent everything', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  ann.send(interim('s', 1, 1, 'not mine to say'));
  ann.send(moderation('m'));
  const { error } = await ann.seen('error');
  t.match(error, { code: 403, reason: 'forbidden' });
  await ann.settled();
  t.equal(ann.frames.filter(({ kind }) => kind === Kind.error).length, 1, 'told once, not frame by frame');
  t.equal(gateway.outcome('captions', 'unauthorised'), 1);
  t.equal(gateway.outcome('premium', 'unauthorised'), 1);
  ann.send(presence('hand', 'up'));
  const [mine] = await ann.count('presence', 1);
  t.match(mine, { from: 'ann', class: 'standard', node: '' }, 'the gateway says from whom and of which class');

  const agent = await gateway.open({ identity: 'agent', agent: true });
  agent.send(final('s', 1, 'mine'));
  t.match(await ann.count('caption', 1), [{ from: 'agent', final: true, caption: { text: 'mine' } }]);
  gateway.conserved();
});

t.test('META-3 an access token without canPublishData or canSubscribe grants neither', async (t) => {
  const gateway = await metadataUnderTest(t);
  const mute = await gateway.open({ identity: 'mute', agent: true, grants: { canPublishData: false } });
  const deaf = await gateway.open({ identity: 'deaf', agent: true, grants: { canSubscribe: false } });
  mute.send(custom('a'));
  t.match((await mute.seen('error')).error, { code: 403, reason: 'forbidden', message: /canPublishData/ });
  deaf.send(final('s', 1, 'heard by others'));
  await mute.count('caption', 1);
  await deaf.settled();
  t.same(deaf.received, []);
  gateway.conserved();
});

t.test('META-4 a stream and a speaker belong to whoever was first, but for the participant of that name', async (t) => {
  const gateway = await metadataUnderTest(t);
  const one = await gateway.open({ identity: 'one', agent: true });
  const two = await gateway.open({ identity: 'two', agent: true });
  const bob = await gateway.open({ identity: 'bob', agent: true });
  one.send(final('s', 1, 'one as bob', { speaker: 'bob' }));
  await one.settled();
  two.send(final('s', 2, 'in the stream of one'));
  two.send(final('t', 1, 'two as bob', { speaker: 'bob' }));
  two.send(final('t', 1, 'two as nobody'));
  bob.send(final('b', 1, 'bob himself', { speaker: 'bob' }));
  const texts = (await one.count('caption', 3)).map(({ caption }) => caption?.text);
  t.same(texts.sort(), ['bob himself', 'one as bob', 'two as nobody']);
  t.match((await two.seen('error')).error, { code: 403, reason: 'not_owner' });
  t.equal(gateway.outcome('captions', 'unauthorised'), 2);
  gateway.conserved();
});

t.test(
  'META-11 numbered frames are confirmed in any order of coming, and a repeated final is not delivered twice',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann' });
    const agent = await gateway.open({ identity: 'agent', agent: true });
    const upTo = () => agent.frames.filter(({ kind }) => kind === Kind.accepted).at(-1)?.accepted?.upTo;
    agent.send(final('s', 1, 'one', {}, 5));
    agent.send(moderation('m', 7));
    await agent.until(() => upTo() === 5);
    agent.send(moderation('n', 6));
    await agent.until(() => upTo() === 7);
    agent.send(final('s', 1, 'one', {}, 5));
    await agent.until(
      () => agent.frames.filter((f) => f.kind === Kind.accepted && f.accepted?.upTo === 7).length === 2,
    );
    agent.send(final('s', 2, 'two', {}, 8));
    const finals = await ann.count('caption', 2);
    t.same(
      finals.map(({ caption }) => caption?.text),
      ['one', 'two'],
    );
    gateway.conserved();
  },
);

t.test('META-11 a numbered frame that was refused is not confirmed by a later one', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  for (let index = 0; index < 100; index++) agent.send(moderation(`m${index}`));
  agent.send(moderation('refused', 1));
  const { throttled } = await agent.seen('throttled');
  await sleep(throttled?.retryAfterMs ?? 0);
  await agent.seen('credit');
  agent.send(moderation('later', 2));
  await agent.settled();
  await sleep(200);
  t.notOk(
    agent.frames.some(({ kind }) => kind === Kind.accepted),
    'nothing is confirmed',
  );
  agent.send(moderation('refused', 1));
  t.equal((await agent.seen('accepted')).accepted?.upTo, 2);
  gateway.conserved();
});

t.test('META-12 texts may be empty or 64 KB long; a frame above the cap ends the socket', async (t) => {
  const gateway = await metadataUnderTest(t);
  const json = await gateway.open({ identity: 'json', json: true });
  const binary = await gateway.open({ identity: 'binary' });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const long = 'é'.repeat(32_768);
  agent.send(final('s', 1, ''));
  agent.send(final('s', 2, long));
  for (const client of [json, binary]) {
    const finals = await client.count('caption', 2);
    t.ok(finals[0]?.caption?.text === '' && finals[1]?.caption?.text === long);
  }
  agent.send(final('s', 3, 'x'.repeat(140_000)));
  t.equal((await agent.closed).code, 1006);
  gateway.conserved();
});
