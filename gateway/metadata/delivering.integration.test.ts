/** What subscribers of /v1/metadata receive: state on joining, filters, windows, resumes. */
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { final, interim, moderation, presence } from './fixtures/frames.ts';
import { LASTING_POLICY } from './fixtures/lasting-policy.ts';
import type { MetadataClient } from './fixtures/metadata-client.ts';
import { metadataUnderTest, sleep, until } from './fixtures/metadata-under-test.ts';

const TICK_MS = 100;
/** With the longest tick that its times to live allow. */
const RARELY_TICKING = LASTING_POLICY.replace(/coalesce: \{[^}]*\}/, 'coalesce: {tickMs: 2000}').replace(
  /interimTickMs: \d+/,
  'interimTickMs: 2000',
);

/** Finals in the order in which they came, as `stream segment`. */
function finalsOf(client: MetadataClient): string[] {
  const finals = client.of('caption').filter((frame) => frame.final);
  return finals.map(({ caption }) => `${caption?.stream} ${caption?.segment}`);
}

t.test(
  'META-20 the first interim of a segment and its final do not wait for the tick, later interims do',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: RARELY_TICKING });
    const ann = await gateway.open({ identity: 'ann' });
    const agent = await gateway.open({ identity: 'agent', agent: true });
    const revisions = [];
    for (let segment = 0; segment < 5; segment++) {
      agent.send(interim('s', segment, 0, 'first'));
      await ann.count('caption', revisions.length + 1);
      for (let revision = 1; revision < 5; revision++) agent.send(interim('s', segment, revision, `${revision}`));
      agent.send(final('s', segment, 'done'));
      revisions.push(0, 'final');
      await ann.until(() => finalsOf(ann).length === segment + 1);
    }
    const came = ann.of('caption').map(({ final: last, caption }) => (last ? 'final' : caption?.revision));
    // A tick may fall among them, once in two seconds, and bring one of the twenty that came between.
    t.ok(came.length - revisions.length <= 5, `${came.join(' ')}`);
    gateway.conserved();
  },
);

t.test('META-20 what a segment was leaves at every tick while it is open', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  for (let segment = 0; segment < 3; segment++) {
    for (let revision = 0; revision < 12; revision++) {
      agent.send(interim('s', segment, revision, `${revision}`));
      await sleep(20);
    }
    agent.send(final('s', segment, 'done'));
    await ann.until(() => finalsOf(ann).length === segment + 1);
    const interims = ann.of('caption').filter((frame) => !frame.final && frame.caption?.segment === segment);
    const openMs = 12 * 20 * 3;
    t.ok(interims.length >= 2 && interims.length <= 1 + Math.ceil(openMs / TICK_MS), `${interims.length} of 12`);
  }
  gateway.conserved();
});

t.test('META-21 a late joiner is given every live key and open segment, and no ended one', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: LASTING_POLICY });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  agent.send(presence('hand', 'up'));
  agent.send(presence('hand', 'down'));
  agent.send(interim('s', 1, 1, 'open'));
  agent.send(interim('t', 1, 1, 'to be ended'));
  agent.send(final('t', 1, 'ended'));
  agent.send(moderation('m'));
  await agent.until(() => agent.of('caption').length >= 2 && agent.of('presence').length === 1);
  for (const json of [false, true]) {
    const late = await gateway.open({ identity: 'late', json });
    await late.until(() => late.received.length >= 2);
    await sleep(2 * TICK_MS);
    t.equal(late.received.length, 2);
    t.equal(Buffer.from(late.of('presence')[0]!.presence!.value!).toString(), 'down');
    t.match(late.of('caption'), [{ final: false, caption: { stream: 's', text: 'open' } }]);
    t.ok((late.of('caption')[0]?.ts ?? 0) > 1e12, 'with the time of its arrival');
  }
  gateway.conserved();
});

t.test('META-22 what a publisher keeps goes when it goes', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const bob = await gateway.open({ identity: 'bob' });
  bob.send(presence('hand', 'up'));
  await ann.count('presence', 1);
  bob.drop();
  await until(() => gateway.snapshot().sessions.standard === 1, 'bob to be gone');
  const late = await gateway.open({ identity: 'late' });
  await late.settled();
  await sleep(2 * TICK_MS);
  t.same(late.received, []);
  gateway.conserved();
});

t.test('META-23 a subscription chooses kinds, and among captions speakers and languages', async (t) => {
  const gateway = await metadataUnderTest(t);
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const wishes: [string, object, string[]][] = [
    ['kinds', { kinds: [Kind.moderation] }, ['moderation']],
    ['speakers', { speakers: ['bob'] }, ['moderation', 'caption bob de', 'caption bob en']],
    ['langs', { langs: ['en'], kinds: [Kind.caption] }, ['caption ann en', 'caption bob en']],
    ['both', { langs: ['de'], speakers: ['bob'], kinds: [Kind.caption] }, ['caption bob de']],
    ['nothing said', {}, ['moderation', 'caption ann en', 'caption bob de', 'caption bob en']],
  ];
  const clients: [string, MetadataClient, string[]][] = [];
  for (const [index, [name, wish, expected]] of wishes.entries()) {
    const client = await gateway.open({ identity: `c${index}`, json: index % 2 === 1 });
    client.send({ kind: Kind.subscribe, subscribe: { id: 9, ...wish } });
    t.equal((await client.seen('ok')).ok?.id, 9);
    clients.push([name, client, expected]);
  }
  const choosy = await gateway.open({ identity: 'choosy' });
  choosy.send({ kind: Kind.unsubscribe, unsubscribe: { id: 1, kinds: [Kind.moderation] } });
  clients.push(['unsubscribed from a kind', choosy, ['caption ann en', 'caption bob de', 'caption bob en']]);
  const fickle = await gateway.open({ identity: 'fickle' });
  fickle.send({ kind: Kind.subscribe, subscribe: { id: 1, speakers: ['ann', 'bob'] } });
  fickle.send({ kind: Kind.unsubscribe, unsubscribe: { id: 2, speakers: ['bob'] } });
  clients.push(['unsubscribed from a speaker', fickle, ['moderation', 'caption ann en']]);
  const gone = await gateway.open({ identity: 'gone' });
  gone.send({ kind: Kind.unsubscribe, unsubscribe: { id: 1 } });
  clients.push(['unsubscribed', gone, []]);
  for (const [, client] of clients) await client.settled();

  agent.send(moderation('m'));
  agent.send(final('a', 1, 'hello', { speaker: 'ann', lang: 'en' }));
  agent.send(final('b', 1, 'hallo', { speaker: 'bob', lang: 'de' }));
  agent.send(final('b', 2, 'hello', { speaker: 'bob', lang: 'en' }));
  await agent.count('caption', 3);
  await sleep(TICK_MS);
  for (const [name, client, expected] of clients) {
    await client.until(() => client.received.length >= expected.length);
    await client.settled();
    const words = client.received.map(({ frame: { kind, caption } }) =>
      kind === Kind.moderation ? 'moderation' : `caption ${caption?.speaker} ${caption?.lang}`,
    );
    t.same(words, expected, name);
  }
  gone.send({ kind: Kind.subscribe, subscribe: { id: 3 } });
  agent.send(final('a', 2, 'again', { speaker: 'ann' }));
  await gone.count('caption', 1);
  t.pass('who unsubscribed may subscribe again');
  gateway.conserved();
});

t.test(
  'META-24 acknowledgements open the window; who is slow gets the newest of every key, and every final',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: LASTING_POLICY, limits: { unackedBytes: 2000 } });
    const agent = await gateway.open({ identity: 'agent', agent: true });
    const slow = await gateway.open({ identity: 'slow' });
    agent.send(final('s', 0, 'first'));
    await slow.count('caption', 1);
    await slow.settled();
    slow.acks = false;
    for (let round = 1; round <= 20; round++) {
      agent.send(presence('level', `${round}`.padEnd(300, '.')));
      agent.send(final('s', round, `${round}`.padEnd(500, '.')));
      await agent.until(() => finalsOf(agent).length === round + 1);
      await sleep(TICK_MS);
    }
    await sleep(2 * TICK_MS);
    const stalled = finalsOf(slow).length;
    t.ok(stalled < 8, `${stalled} of 21 finals before an acknowledgement`);
    slow.send({ kind: Kind.ack, ack: { upTo: slow.lastNumber } });
    await slow.count('caption', stalled + 1);
    await sleep(3 * TICK_MS);
    const more = finalsOf(slow).length - stalled;
    t.ok(more < 6, `${more} finals for an acknowledgement: no more than a window, though much waits`);
    slow.acks = true;
    slow.send({ kind: Kind.ack, ack: { upTo: slow.lastNumber } });
    await slow.count('caption', 21);
    t.same(finalsOf(slow), finalsOf(agent), 'every final, once and in order');
    await slow.until(() =>
      Buffer.from(slow.of('presence').at(-1)?.presence?.value ?? [])
        .toString()
        .startsWith('20'),
    );
    t.ok(slow.of('presence').length < 20, 'values between were passed over');
    gateway.conserved();
  },
);

t.test('META-25 a reader the log cannot wait for is let go with 4108, and the others are not', async (t) => {
  const gateway = await metadataUnderTest(t, {
    policy: LASTING_POLICY,
    limits: { unackedBytes: 2000, roomLogBytes: 20_000 },
  });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const slow = await gateway.open({ identity: 'slow' });
  const node = gateway.node({ nodeId: 'watcher', role: 1 });
  agent.send(presence('k', 'v'));
  await agent.count('presence', 1);
  node.send({ watch: { tenant: 'acme', room: 'room' } });
  await until(() => node.frames().length === 1, 'the node to watch');
  agent.send(moderation('first'));
  await slow.count('moderation', 1);
  await slow.settled();
  slow.acks = false;
  for (let index = 0; index < 60; index++) {
    agent.send(moderation(`${index}`.padEnd(1000, '.')));
    if (index % 10 === 9) await agent.count('moderation', index + 2);
  }
  t.equal((await slow.closed).code, 4108);
  await agent.count('moderation', 61);
  t.equal(agent.socket.readyState, 1);
  await until(() => node.frames().length === 62, 'the watching node to have everything');
  await until(() => gateway.snapshot().queued.every((count) => count === 0), 'nothing to wait');
  gateway.conserved();
});
