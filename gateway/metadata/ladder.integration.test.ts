/** That a worker gives up what the levels of the ladder say, by real sockets, and takes all of it back. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import { batchOf, final, interim, presence } from './fixtures/frames.ts';
import { hears, type MetadataClient } from './fixtures/metadata-client.ts';
import { metadataUnderTest, until } from './fixtures/metadata-under-test.ts';

const { Action } = proto.Advice;
const { Phase } = proto.AgentTurn;

const turn = (name: string, phase: number, offset: number, text: string): Frame => ({
  kind: Kind.agentTurn,
  agentTurn: { turn: name, phase, offset, text },
});
const output = (kind: 'summary' | 'embedding'): Frame => ({
  kind: Kind[kind],
  [kind]: { payload: Buffer.from('x'), model: 'm', modelVersion: '1' },
});
const throttledIn = (client: MetadataClient) => client.frames.flatMap((frame) => frame.throttled ?? []);

t.test(
  'LADDER-17 kinds and classes that a level turns off are refused and told of, finals and others pass',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann' });
    const bot = await gateway.open({ identity: 'bot', agent: true });
    const all = () =>
      batchOf([presence('mood', 'fine'), output('summary'), output('embedding'), interim('s', 1, 1, 'so')]);
    gateway.climb(1);
    bot.send(all());
    await ann.count('embedding', 1);
    await ann.count('presence', 1);
    gateway.climb(2);
    bot.send(all());
    bot.send(final('s', 1, 'so it is'));
    await hears(ann, 'so it is');
    await bot.until(() => throttledIn(bot).length >= 2);
    t.match(
      throttledIn(bot).sort((a, b) => (a.class! < b.class! ? -1 : 1)),
      [
        { class: 'deferred', dropped: 2 },
        { class: 'standard', dropped: 1 },
      ],
    );
    const rest = throttledIn(bot).find((throttled) => throttled.class === 'deferred')!;
    t.ok(rest.retryAfterMs! > 0 && rest.retryAfterMs! <= 1000, 'the whole class rests; the other one has more to say');
    t.equal(throttledIn(bot).find((throttled) => throttled.class === 'standard')!.retryAfterMs ?? 0, 0);
    t.equal(gateway.outcome('deferred', 'evicted_ladder'), 2);
    t.equal(gateway.outcome('standard', 'evicted_ladder'), 1);
    t.equal(gateway.outcome('captions', 'evicted_ladder'), 0);
    gateway.climb(0);
    bot.send(batchOf([output('summary'), presence('mood', 'better')]));
    await ann.until(() =>
      ann.of('presence').some((frame) => Buffer.from(frame.presence!.value!).toString() === 'better'),
    );
    await ann.count('summary', 2);
    gateway.conserved();
  },
);

t.test('LADDER-17 the same holds for what nodes carry', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const node = gateway.node({ nodeId: 'asr', role: 1 });
  await until(() => gateway.snapshot().sessions.node === 1, 'the stream');
  gateway.climb(2);
  const inRoom = (frame: Frame): Frame => ({ ...frame, tenant: 'acme', room: 'room', from: 'bot' });
  node.publish([output('summary'), presence('mood', 'fine'), final('s', 1, 'the end')].map(inRoom));
  await hears(ann, 'the end');
  await until(() => node.downs.filter(({ throttled }) => throttled).length === 2, 'the node to be told');
  t.equal(gateway.outcome('deferred', 'evicted_ladder') + gateway.outcome('standard', 'evicted_ladder'), 2);
  gateway.climb(0);
  node.publish([inRoom(output('summary'))]);
  await ann.count('summary', 1);
  gateway.conserved();
});

t.test(
  'LADDER-20 while turns are capped, an agent that has one at a time goes on; one that has many loses all but one',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann' });
    const heeding = await gateway.open({ identity: 'heeding', agent: true });
    const ignoring = await gateway.open({ identity: 'ignoring', agent: true });
    ignoring.send(batchOf([turn('early-1', Phase.started, 0, 'be'), turn('early-2', Phase.started, 0, 'be')]));
    await ann.count('agentTurn', 2);
    gateway.climb(4);
    const advice = (await heeding.seen('advice')).advice!;
    t.ok([...advice.actions!].includes(Action.singleTool));
    ignoring.send(batchOf([turn('late', Phase.started, 0, 'no'), turn('early-1', Phase.delta, 2, 'fore')]));
    ignoring.send(batchOf([turn('early-2', Phase.done, 2, 'fore'), turn('later', Phase.started, 0, 'no')]));
    for (const name of ['one', 'two', 'three']) {
      heeding.send(batchOf([turn(name, Phase.started, 0, 'well, '), turn(name, Phase.done, 6, name)]));
    }
    const text = (name: string) => {
      const parts = ann.of('agentTurn').filter((frame) => frame.agentTurn!.turn === name);
      return parts.map((frame) => frame.agentTurn!.text ?? '').join('');
    };
    await ann.until(() => ['one', 'two', 'three'].every((name) => text(name) === `well, ${name}`));
    await ann.until(() => text('early-1') === 'before' && text('early-2') === 'before');
    await ignoring.until(() => throttledIn(ignoring).some((throttled) => throttled.class === 'premium'));
    t.equal(text('late') + text('later'), '', 'begun while others were under way');
    t.equal(gateway.outcome('premium', 'evicted_ladder'), 2);
    t.equal(throttledIn(heeding).length, 0);
    ignoring.send(turn('early-1', Phase.done, 6, '.'));
    ignoring.send(turn('late', Phase.started, 0, 'now'));
    await ann.until(() => text('late') === 'now');
    gateway.climb(0);
    ignoring.send(turn('another', Phase.started, 0, 'too'));
    await ann.until(() => text('another') === 'too');
    gateway.conserved();
  },
);

t.test('LADDER-21 who goes on with what is turned off is cut; who heeds it is not', async (t) => {
  const roomy = 'limits: {session: {rate: 50000, burst: 50000}}';
  const text = readFileSync(new URL('../../classes/default-policy.yaml', import.meta.url), 'utf8');
  const gateway = await metadataUnderTest(t, {
    policy: text.replace('limits: {session: {rate: 5, burst: 10}}', roomy),
  });
  const ann = await gateway.open({ identity: 'ann' });
  const heeding = await gateway.open({ identity: 'heeding', agent: true });
  const ignoring = await gateway.open({ identity: 'ignoring', agent: true });
  gateway.climb(2);
  await heeding.seen('advice');
  const sixty = batchOf(Array.from({ length: 60 }, () => output('embedding')));
  for (let count = 0; count < 60; count++) ignoring.send(sixty);
  t.equal((await ignoring.closed).code, 1006);
  t.equal(gateway.snapshot().disconnects['4129'], 1);
  heeding.send(turn('mine', Phase.done, 0, 'still here'));
  await ann.count('agentTurn', 1);
  gateway.conserved();
});

t.test('LADDER-13 new sessions of agents get 503 on the metadata socket; those that are there stay', async (t) => {
  const gateway = await metadataUnderTest(t);
  const before = await gateway.open({ identity: 'before', agent: true });
  const ann = await gateway.open({ identity: 'ann' });
  gateway.climb(5);
  await t.rejects(gateway.open({ identity: 'late', agent: true }), /closed with 1006/);
  t.equal(gateway.snapshot().handshakes.over_capacity, 1);
  await gateway.open({ identity: 'ben' });
  const nobody = await gateway.open({ identity: 'nobody', agent: true, query: '?resume=1' });
  t.equal((await nobody.closed).code, 4100, 'who says to come back must have been here');
  before.send(turn('mine', Phase.done, 0, 'still here'));
  await ann.count('agentTurn', 1);
  gateway.climb(4);
  await gateway.open({ identity: 'late', agent: true });
  gateway.conserved();
});

t.test(
  'LADDER-14 agents and nodes are advised of every level, newcomers of the one there is; people and the control plane are not',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const ann = await gateway.open({ identity: 'ann' });
    const bot = await gateway.open({ identity: 'bot', agent: true, json: true });
    const node = gateway.node({ nodeId: 'first', role: 1 });
    const control = gateway.control();
    await until(() => gateway.snapshot().sessions.node === 2, 'both streams');
    gateway.climb(1);
    gateway.climb(1);
    gateway.climb(3);
    const newcomer = await gateway.open({ identity: 'newcomer', agent: true });
    const second = gateway.node({ nodeId: 'second', role: 1 });
    const levelsOf = (downs: readonly { advice?: { level?: number | null } | null }[]) =>
      downs.flatMap(({ advice }) => (advice ? [advice.level ?? 0] : []));
    await until(() => levelsOf(second.downs).length === 1, 'the second node to be told');
    gateway.climb(0);
    await until(() => levelsOf(second.downs).length === 2 && levelsOf(node.downs).length === 3, 'the nodes');
    const heard = (client: MetadataClient) => client.frames.flatMap(({ advice }) => (advice ? [advice] : []));
    await bot.until(() => heard(bot).length === 3);
    await newcomer.until(() => heard(newcomer).length === 2);
    t.match(heard(bot), [
      { level: 1, actions: [Action.reduceFrequency] },
      { level: 3, actions: [Action.reduceFrequency, Action.bypassOnPath, Action.narrowRetrieval] },
    ]);
    t.strictSame(
      heard(newcomer).map(({ level }) => level ?? 0),
      [3, 0],
    );
    t.strictSame(levelsOf(node.downs), [1, 3, 0]);
    t.strictSame(levelsOf(second.downs), [3, 0]);
    await ann.settled();
    t.equal(heard(ann).length + levelsOf(control.downs).length, 0);
    gateway.conserved();
  },
);

t.test('LADDER-22 a worker reports how late it is', async (t) => {
  const gateway = await metadataUnderTest(t);
  const { ladder } = gateway.planes[0]!;
  await new Promise((resolve) => setTimeout(resolve, 200));
  ladder!.load();
  for (let round = 0; round < 6; round++) {
    const endMs = performance.now() + 60;
    while (performance.now() < endMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await new Promise((resolve) => setTimeout(resolve, 60));
  t.ok(ladder!.load().schedulerDelayMs! > 10);
});
