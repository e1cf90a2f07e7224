/** Nodes and the control plane on NodeMetadata: credit, confirmation, watching, wrong workers, mixed sessions. */
import t from 'tap';
import { Kind } from '../../../schemas/kinds.ts';
import { OUTCOMES } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import { NodeMetadata } from '../../agents/node-metadata.ts';
import { roomWorker } from '../../fabric/room-worker.ts';
import type { FakeMetadataNode } from '../../nodes/fixtures/fake-metadata-node.ts';
import { custom, final, interim, moderation, presence } from '../fixtures/frames.ts';
import { LASTING_POLICY } from '../fixtures/lasting-policy.ts';
import { metadataUnderTest, sleep, until } from '../fixtures/metadata-under-test.ts';

const INFERENCE = 1;
const GATEWAY = 2;
const GrpcStatus = { invalidArgument: 3, permissionDenied: 7, resourceExhausted: 8, unauthenticated: 16 } as const;
/** A node's buckets are this many sessions'. */
const NODE_SESSIONS = 200;

/** A frame as a node sends it: for a room, on behalf of somebody. */
const inRoom = (frame: Frame, from = 'cam', room = 'room'): Frame => ({ ...frame, tenant: 'acme', room, from });

t.test('META-40 a node is granted credit, speaks for participants, and hears what was taken', async (t) => {
  const gateway = await metadataUnderTest(t);
  const ann = await gateway.open({ identity: 'ann' });
  const node = gateway.node({ nodeId: 'asr-1', role: INFERENCE });
  await until(() => node.downs.filter(({ credit }) => credit).length === 4, 'credit of four classes');
  const captions = node.downs.find(({ credit }) => credit?.class === 'captions');
  t.equal(captions?.credit?.frames, 60 * NODE_SESSIONS);
  node.publish([inRoom(final('cam', 1, 'hello', { speaker: 'cam' }, 3)), inRoom(moderation('m', 4), 'dan')]);
  t.match(await ann.count('caption', 1), [{ from: 'cam', node: 'asr-1', class: 'captions', final: true }]);
  t.match(await ann.count('moderation', 1), [{ from: 'dan', node: 'asr-1', class: 'premium' }]);
  await until(() => node.downs.some(({ accepted }) => accepted?.upTo === 4), 'both to be confirmed');
  const agent = await gateway.open({ identity: 'asr-1', agent: true });
  agent.send(final('cam', 2, 'a client is no node, whatever its name'));
  t.match((await agent.seen('error')).error, { reason: 'not_owner' });
  gateway.conserved();
});

t.test(
  'META-40 a node that publishes by our library has nothing refused for its rate, however much it has',
  async (t) => {
    const gateway = await metadataUnderTest(t);
    const address = `127.0.0.1:${gateway.planes[0]!.ports.nodeMetadata}`;
    const node = new NodeMetadata({ address, hello: { nodeId: 'asr-2', role: INFERENCE } });
    t.teardown(() => node.stop());
    await until(() => node.attached && gateway.snapshot().sessions.node === 1, 'the stream');
    const count = 10 * NODE_SESSIONS + 1000;
    const payload = new Uint8Array(8);
    for (let index = 0; index < count; index++) {
      node.publish(inRoom({ kind: Kind.summary, summary: { payload, model: 'm', modelVersion: '1' } }), 'queue');
    }
    await node.settled();
    const offered = () => gateway.snapshot().offered[gateway.snapshot().classes.indexOf('deferred')];
    await until(() => offered() === count, 'all of it');
    t.equal(gateway.outcome('deferred', 'rejected_session') + gateway.outcome('deferred', 'rejected_credit'), 0);
    gateway.conserved();
  },
);

t.test('META-41 a node that goes on beyond its credit loses frames, then the stream', async (t) => {
  const gateway = await metadataUnderTest(t);
  const node = gateway.node({ nodeId: 'asr-1', role: INFERENCE });
  const burst = 60 * NODE_SESSIONS;
  for (let sent = 0; sent < 5 * burst; sent += 60) {
    node.publish(Array.from({ length: 60 }, (_, index) => inRoom(interim('s', 1, sent + index, 'a'))));
  }
  t.equal((await node.ended).code, GrpcStatus.resourceExhausted);
  const refused = OUTCOMES.filter((outcome) => outcome.startsWith('rejected_')).reduce(
    (sum, outcome) => sum + gateway.outcome('captions', outcome),
    0,
  );
  t.ok(refused > 20_000, `${refused} frames were refused before`);
  gateway.conserved();
});

t.test('META-41 a node whose finals are over their rate loses the stream at once', async (t) => {
  const gateway = await metadataUnderTest(t);
  const node = gateway.node({ nodeId: 'asr-1', role: INFERENCE });
  for (let sent = 0; sent < 10_000; sent += 50) {
    node.publish(Array.from({ length: 50 }, (_, index) => inRoom(final('s', sent + index, 'a'))));
  }
  t.equal((await node.ended).code, GrpcStatus.resourceExhausted);
  t.equal(gateway.outcome('captions', 'rejected_session'), 1, 'nothing of it was looked at after the first refusal');
  gateway.conserved();
});

t.test('META-42 a node that breaks the protocol is told how in the status', async (t) => {
  const gateway = await metadataUnderTest(t);
  const cases: [string, (node: FakeMetadataNode) => void, RegExp][] = [
    ['no room', (node) => node.publish([{ ...custom('a'), tenant: 'acme' }]), /room/],
    ['no metadata', (node) => node.publish([inRoom({ kind: Kind.ping, ping: { id: 1 } })]), /metadata frame/],
    ['garbage', (node) => node.send({ batch: { frames: [Buffer.from([1, 2, 3])] } }), /kind/],
    ['a key is missing', (node) => node.publish([inRoom(presence('', 'v'))]), /key/],
    ['65 frames', (node) => node.publish(Array.from({ length: 65 }, () => inRoom(custom('a')))), /64/],
  ];
  for (const [name, break_, details] of cases) {
    const node = gateway.node({ nodeId: 'asr-1', role: INFERENCE });
    break_(node);
    const ended = await node.ended;
    t.equal(ended.code, GrpcStatus.invalidArgument, name);
    t.match(ended.details, details, name);
  }
  await until(() => gateway.snapshot().sessions.node === 0, 'all nodes to be gone');
  gateway.conserved();
});

t.test('META-43 only the control plane, known by the internal token, is of role gateway', async (t) => {
  const gateway = await metadataUnderTest(t, { nodeTokens: ['node-token'] });
  const asGateway = gateway.node({ nodeId: 'gw', role: GATEWAY }, 'node-token');
  t.equal((await asGateway.ended).code, GrpcStatus.permissionDenied);
  const nobody = gateway.node({ nodeId: 'asr-1', role: INFERENCE });
  t.equal((await nobody.ended).code, GrpcStatus.unauthenticated);
  const silent = gateway.node(null, 'node-token');
  silent.publish([inRoom(custom('a'))]);
  t.equal((await silent.ended).code, GrpcStatus.invalidArgument, 'the hello comes first');
  const node = gateway.node({ nodeId: 'asr-1', role: INFERENCE }, 'node-token');
  node.send({ sessionUpdate: { session: 'x', tenant: 'acme', room: 'room', identity: 'ann', mixed: true } });
  node.send({ batch: { frames: [], session: 'x' } });
  const control = gateway.control();
  await until(() => gateway.snapshot().sessions.node === 2, 'node and control plane');
  t.notOk(
    control.downs.some(({ deliver }) => deliver),
    'a node tells of no session',
  );
});

t.test('META-44 a watching node receives a room, or some kinds of it, until it stops', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: LASTING_POLICY });
  const agent = await gateway.open({ identity: 'agent', agent: true });
  const all = gateway.node({ nodeId: 'all', role: INFERENCE });
  const some = gateway.node({ nodeId: 'some', role: INFERENCE });
  agent.send(presence('k', 'v'));
  await agent.count('presence', 1);
  all.send({ watch: { tenant: 'acme', room: 'room' } });
  some.send({ watch: { tenant: 'acme', room: 'room', kinds: [Kind.caption, Kind.presence] } });
  await until(() => all.frames().length === 1 && some.frames().length === 1, 'the value that was there before');
  agent.send(moderation('m'));
  agent.send(final('s', 1, 'one'));
  await until(() => all.frames().length === 3 && some.frames().length === 2, 'what is new');
  t.match(some.frames()[1], { tenant: 'acme', room: 'room', from: 'agent', class: 'captions', final: true });
  all.send({ watch: { tenant: 'acme', room: 'room', stop: true } });
  some.send({ watch: { tenant: 'acme', room: 'room', kinds: [Kind.presence] } });
  await until(() => some.frames().length === 3, 'watching anew to begin with what is there');
  agent.send(final('s', 2, 'two'));
  agent.send(presence('k', 'w'));
  await until(() => some.frames().length === 4, 'the kind still watched');
  t.equal(all.frames().length, 3);
  gateway.conserved();
});

t.test(
  'META-44 a watching node that reads slowly gets the rest when it reads again, though nothing more is published',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: LASTING_POLICY, limits: { roomLogBytes: 32 * 1_048_576 } });
    const agent = await gateway.open({ identity: 'agent', agent: true });
    const node = gateway.node({ nodeId: 'slow', role: INFERENCE });
    agent.send(presence('k', 'v'));
    await agent.count('presence', 1);
    node.send({ watch: { tenant: 'acme', room: 'room' } });
    await until(() => node.frames().length === 1, 'the node to watch');
    node.read(false);
    for (let index = 0; index < 60; index++) {
      agent.send(moderation(`${index}`.padEnd(50_000, '.')));
      await agent.count('moderation', index + 1);
    }
    const early = node.frames().length;
    await sleep(300);
    node.read(true);
    await until(() => node.frames().length === 61, 'everything');
    t.ok(early < 61, `${early} of 61 before`);
    t.same(
      node
        .frames()
        .slice(1)
        .map(({ moderation }) => Number.parseInt(moderation!.messageId!, 10)),
      Array.from({ length: 60 }, (_, index) => index),
    );
    gateway.conserved();
  },
);

/** A room that `worker` of two serves. */
const roomOf = (worker: number) =>
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find((n) => roomWorker('acme', n, 2) === worker)!;

t.test('META-45 a client of another worker’s room is told where to go', async (t) => {
  const gateway = await metadataUnderTest(t, { metadataWorkers: 2 });
  const room = roomOf(1);
  const attempt = await gateway.open({ identity: 'ann', room }).then(
    () => null,
    (error: { client: { frames: Frame[]; closed: Promise<{ code: number }> } }) => error.client,
  );
  t.equal((await attempt!.closed).code, 4201);
  const url = attempt!.frames[0]?.goaway?.metadataUrl ?? '';
  t.equal(new URL(url).port, String(gateway.planes[1]!.ports.metadata));
  t.ok(await gateway.open({ identity: 'ann', room }, 1), 'there it is served');
});

t.test('META-46 a node’s frames for another worker’s room reach it, and the node is told where it is', async (t) => {
  const gateway = await metadataUnderTest(t, { metadataWorkers: 2 });
  const [here, there] = [roomOf(0), roomOf(1)];
  const ann = await gateway.open({ identity: 'ann', room: there }, 1);
  const node = gateway.node({ nodeId: 'asr-1', role: INFERENCE });
  await until(() => gateway.planes[1]!.snapshot().sessions.node! >= 2, 'the workers to know each other');
  let pub = 0;
  const publishOne = () => node.publish([inRoom(final('s', ++pub, `${pub}`, {}, pub), 'cam', there)]);
  // The first may find the way not open yet: then it is not confirmed, and the node would send it again.
  publishOne();
  await until(() => node.downs.some(({ moved }) => moved), 'the right address');
  const { moved } = node.downs.find((down) => down.moved)!;
  t.match(moved, { tenant: 'acme', room: there, address: `127.0.0.1:${gateway.planes[1]!.ports.nodeMetadata}` });
  await until(() => {
    if (ann.of('caption').length === 0) publishOne();
    return ann.of('caption').length > 0;
  }, 'a final to come through');
  t.match(ann.of('caption')[0], { from: 'cam', node: 'asr-1', class: 'captions' });
  node.publish([inRoom(final('s', 1, 'here'), 'cam', here)]);
  const local = await gateway.open({ identity: 'ann', room: here });
  node.publish([inRoom(final('s', 2, 'here'), 'cam', here)]);
  t.match(await local.count('caption', 1), [{ from: 'cam', node: 'asr-1' }]);
  for (let frame = 0; frame < 20; frame++) publishOne();
  await until(() => ann.of('caption').some(({ caption }) => caption?.segment === pub), 'the last of many');
  t.ok(node.downs.filter((down) => down.moved).length < 20, 'not told with every frame');
  gateway.conserved();
});
