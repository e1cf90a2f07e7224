/** That the control plane gives up what the levels of the ladder say, and nothing that was begun. */
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import { proto } from '../../schemas/proto.ts';
import { startFakeSfu } from '../nodes/fixtures/fake-sfu.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';

const { Action } = proto.Advice;
/** As in the default policy. */
const REFUSES_AGENTS = 5;
const REFUSES_CALLS = 6;
const join = { kind: Kind.join, join: { room: 'room' } };

t.test(
  'LADDER-12 new calls are refused and told when to come again; calls that stand go on; then it is undone',
  async (t) => {
    const { plane, open, join: joined, sfu } = await controlUnderTest(t);
    const ann = await joined('ann');
    const { session, resumeToken } = ann.of('joined')[0]!.joined!;
    const early = await open('early');
    plane.ladder!.climb(REFUSES_CALLS);
    for (const json of [false, true]) {
      const late = await open(`late-${json}`, json);
      t.match(await late.ask(join), {
        error: { code: 503, reason: 'over_capacity', message: /level 6.*no new calls/, retryAfterMs: 2000 },
      });
    }
    t.match(await early.ask(join), { error: { reason: 'over_capacity' } }, 'a socket that was open is no call');
    const offer = { connection: 'publish', offerId: '1', sdp: 'v=0' };
    t.match(await ann.ask({ kind: Kind.offer, offer }), { answer: { sdp: 'answer to v=0' } });
    t.match(await ann.ask({ kind: Kind.mute, mute: { track: '1', muted: true } }), { ok: {} });
    ann.drop();
    const back = await open('ann');
    const resume = { session: session!, resumeToken: resumeToken!, lastSeq: 0 };
    t.match(await back.ask({ kind: Kind.join, join: { room: 'room', resume } }), { joined: { resumed: true } });
    const { classes, outcomes } = plane.snapshot();
    t.equal(outcomes[classes.indexOf('call-setup')]![Outcome.evicted_ladder], 3);
    t.equal(sfu.of('open').length, 1, 'the node was not asked');

    plane.ladder!.climb(0);
    t.match(await early.ask(join), { joined: {} }, 'on the same socket');
    await conserved(t, plane);
  },
);

t.test('LADDER-13 new sessions of agents are refused on signalling sockets, other ones are not', async (t) => {
  const { plane, open, join: joined } = await controlUnderTest(t);
  const agent = await open({ sub: 'bot', kind: 'agent' });
  plane.ladder!.climb(REFUSES_AGENTS);
  t.match(await agent.ask(join), { error: { reason: 'over_capacity', message: /agents/, retryAfterMs: 2000 } });
  await joined('ann');
  plane.ladder!.climb(REFUSES_AGENTS - 1);
  t.match(await agent.ask(join), { joined: {} });
  await conserved(t, plane);
});

t.test(
  'LADDER-14 agents on signalling sockets are advised of every level, newcomers of the one there is; people are not',
  async (t) => {
    const { plane, open, join: joined } = await controlUnderTest(t);
    const agent = await open({ sub: 'bot', kind: 'agent' });
    await agent.ask(join);
    const ann = await joined('ann');
    t.equal(agent.of('advice').length, 0);
    plane.ladder!.climb(2);
    plane.ladder!.climb(2);
    plane.ladder!.climb(1);
    const newcomer = await open({ sub: 'bot-2', kind: 'agent' }, true);
    await newcomer.ask(join);
    await newcomer.when('advice');
    plane.ladder!.climb(0);
    await until(() => agent.of('advice').length === 3 && newcomer.of('advice').length === 2, 'the advice');
    t.strictSame(
      agent.of('advice').map(({ advice }) => [advice!.level ?? 0, [...(advice!.actions ?? [])]]),
      [
        [2, [Action.reduceFrequency, Action.bypassOnPath]],
        [1, [Action.reduceFrequency]],
        [0, []],
      ],
    );
    t.strictSame(
      newcomer.of('advice').map(({ advice }) => advice!.level ?? 0),
      [1, 0],
    );
    await ann.ask({ kind: Kind.ping, ping: {} });
    t.equal(ann.of('advice').length, 0);
    await conserved(t, plane);
  },
);

t.test(
  'LADDER-15 nodes are advised, and told to take what they can off the media path and to put it back',
  async (t) => {
    const { plane, sfu } = await controlUnderTest(t);
    const nodes: ReturnType<typeof startFakeSfu>[] = [];
    t.teardown(() => nodes.map((node) => node.stop()));
    const add = async (nodeId: string) => {
      const node = startFakeSfu(plane.ports.nodeControl, { nodeId, role: 1, features: ['noise', 'blur'] });
      nodes.push(node);
      await node.attached;
      return node;
    };
    const first = await add('first');
    plane.ladder!.climb(1);
    plane.ladder!.climb(2);
    plane.ladder!.climb(3);
    const second = await add('second');
    await until(() => second.of('bypass').length === 2, 'a newcomer to be told');
    t.match(second.of('advice'), [{ level: 3 }]);
    plane.ladder!.climb(1);
    await until(() => first.of('advice').length === 4 && first.of('bypass').length === 4, 'all of it');
    t.strictSame(
      first.of('bypass').map(({ feature, ended }) => [feature, ended ?? false]),
      [
        ['noise', false],
        ['blur', false],
        ['noise', true],
        ['blur', true],
      ],
    );
    t.strictSame(
      first.of('advice').map(({ level }) => level),
      [1, 2, 3, 1],
    );
    t.equal(sfu.of('bypass').length, 0, 'a node without features has nothing to take off');
  },
);

t.test('LADDER-16 the control plane measures its loop, its set-up frames, and what its nodes say', async (t) => {
  const { plane, open, sfu } = await controlUnderTest(t);
  t.equal(plane.ladder!.load().controlP999Ms, undefined, 'a few frames say nothing');
  const ann = await open('ann');
  for (let count = 0; count < 60; count++) {
    await ann.ask(join);
    await ann.ask({ kind: Kind.leave, leave: {} });
  }
  sfu.send({ heartbeat: { load: 0.5, sessions: 1, queueDepth: 7, inferenceMs: { p50: 1, p99: 40, p999: 50 } } });
  await until(() => plane.ladder!.load().nodeQueueDepth === 7, 'the heartbeat');
  for (let burst = 0; burst < 3; burst++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const endMs = performance.now() + 60;
    while (performance.now() < endMs);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  const load = plane.ladder!.load();
  t.ok(load.loopDelayP99Ms! > 20 && load.loopUtilisation! > 0 && load.loopUtilisation! <= 1);
  t.match(load, { nodeQueueDepth: 7, inferenceP99Ms: 40 });
});
