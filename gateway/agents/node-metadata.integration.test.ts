import { status } from '@grpc/grpc-js';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ReconnectDelay } from '../client/reconnect-delay.ts';
import { SmallMetadata } from './fixtures/small-gateway.ts';
import { until } from './fixtures/until.ts';
import { NodeMetadata, type NodeMetadataListener } from './node-metadata.ts';

function node(gateway: SmallMetadata, listener: NodeMetadataListener = {}): NodeMetadata {
  const delay = () => new ReconnectDelay(10, 50);
  return new NodeMetadata({ address: gateway.address, hello: { nodeId: 'n', role: 1 }, listener, delay });
}

function caption(segment: number, revision: number, final = false, room = 'r'): Frame {
  const text = `${segment}.${revision}`;
  return { kind: Kind.caption, final, tenant: 'demo', room, caption: { stream: 's', segment, revision, text } };
}

function texts(gateway: SmallMetadata): string[] {
  return gateway.frames.map((frame) => frame.caption?.text ?? '');
}

t.test(
  'NODE-10 nothing is sent before credit; then in order, in batches of at most 64, with the envelope',
  async (t) => {
    const gateway = await new SmallMetadata().start();
    const agent = node(gateway);
    t.teardown(() => [agent.stop(), gateway.stop()]);
    await until('it is attached', () => gateway.streams.length === 1);
    for (let segment = 0; segment < 200; segment++) agent.publish(caption(segment, 0), 'queue');
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.same(gateway.frames, []);
    gateway.credit('standard', 500);
    gateway.credit('captions', 150);
    await until('as many as credit allows have come', () => gateway.frames.length === 150);
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.equal(gateway.frames.length, 150, 'and no more');
    gateway.credit('captions', 10);
    gateway.credit('captions', 40);
    await until('the rest has come', () => gateway.frames.length === 200);
    t.same(
      texts(gateway),
      Array.from({ length: 200 }, (_, segment) => `${segment}.0`),
    );
    t.ok(gateway.batches.every((batch) => batch.length <= 64));
    t.ok(gateway.batches.length < 20, `${gateway.batches.length} batches for 200 frames`);
    t.equal(gateway.messages[0]?.hello?.nodeId, 'n');
    const [first] = gateway.messages.find(({ batch }) => batch)!.batch!.frames!;
    t.same([...first!.subarray(0, 2)], [0x08, Kind.caption], 'kind comes first');
    t.match(gateway.frames[0], { tenant: 'demo', room: 'r' });
  },
);

t.test('NODE-11 without credit, interims are conflated or dropped as the caller says, and finals wait', async (t) => {
  const gateway = await new SmallMetadata().start();
  const agent = node(gateway);
  t.teardown(() => [agent.stop(), gateway.stop()]);
  await until('it is attached', () => gateway.streams.length === 1);
  const offered = [
    agent.publish(caption(1, 0), 'conflate'),
    agent.publish(caption(1, 1), 'conflate'),
    agent.publish(caption(2, 0), 'drop'),
    agent.publish(caption(1, 2, true), 'drop'),
    agent.publish(caption(2, 1, true), 'drop'),
    agent.publish(caption(3, 0), 'conflate'),
  ];
  t.same(offered, ['queued', 'conflated', 'dropped', 'conflated', 'queued', 'queued']);
  gateway.credit('captions', 10);
  await until('what is left has come', () => gateway.frames.length === 3);
  t.same(texts(gateway), ['1.2', '2.1', '3.0']);
  t.same(
    gateway.frames.map(({ pub }) => pub),
    [1, 2, 0],
    'finals bear rising numbers',
  );
});

t.test(
  'NODE-12 finals that were not accepted are sent again on the next stream, before what is new, and then no more',
  async (t) => {
    const gateway = await new SmallMetadata().start();
    const agent = node(gateway);
    t.teardown(() => [agent.stop(), gateway.stop()]);
    await until('it is attached', () => gateway.streams.length === 1);
    gateway.credit('captions', 100);
    for (let segment = 0; segment < 6; segment++) agent.publish(caption(segment, 9, true));
    agent.publish(caption(6, 0));
    await until('all have come', () => gateway.frames.length === 7);
    gateway.say({ accepted: { upTo: 2 } });
    await until('two are settled', () => agent.unaccepted === 4);
    gateway.cut();
    await until('the node has noticed', () => !agent.attached);
    agent.publish(caption(7, 9, true));
    await until('it is back', () => gateway.streams.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.equal(gateway.frames.length, 7, 'a new stream has no credit');
    gateway.credit('captions', 100);
    await until('they have come again', () => gateway.frames.length === 12);
    t.same(texts(gateway).slice(7), ['2.9', '3.9', '4.9', '5.9', '7.9']);
    const last = gateway.frames.at(-1)!.pub!;
    gateway.say({ accepted: { upTo: last } });
    await agent.settled();
    t.equal(agent.unaccepted, 0);
    gateway.cut();
    await until('it is back once more', () => gateway.streams.length === 1);
    gateway.credit('captions', 100);
    await new Promise((resolve) => setTimeout(resolve, 100));
    t.equal(gateway.frames.length, 12, 'nothing is sent a third time');
  },
);

t.test('NODE-17 credit is counted by the classes the worker named when the stream began', async (t) => {
  const gateway = new SmallMetadata();
  gateway.greeting = null;
  await gateway.start();
  const agent = node(gateway);
  t.teardown(() => [agent.stop(), gateway.stop()]);
  await until('it is attached', () => gateway.streams.length === 1);
  agent.publish(caption(0, 0));
  agent.publish({ kind: Kind.gauge, tenant: 'demo', room: 'a', gauge: { key: 'load' } });
  gateway.credit('captions', 9);
  gateway.say({ gateway: { classes: { caption: 'speech', gauge: 'rest' } } });
  gateway.credit('speech', 9);
  await until('what has credit has come', () => gateway.frames.length === 1);
  t.equal(gateway.frames[0]?.kind, Kind.caption);
  agent.publish(caption(1, 0));
  await until('so does what comes later', () => gateway.frames.length === 2);
  gateway.credit('rest', 1);
  await until('and the rest', () => gateway.frames.length === 3);
  t.equal(gateway.frames[2]?.kind, Kind.gauge);
});

t.test('NODE-13 moved: the room goes to the worker named, with what waits; other rooms stay', async (t) => {
  const first = await new SmallMetadata().start();
  const second = await new SmallMetadata().start();
  const moved: string[] = [];
  const agent = node(first, { moved: (_tenant, room, address) => moved.push(`${room} ${address}`) });
  t.teardown(() => [agent.stop(), first.stop(), second.stop()]);
  await until('it is attached', () => first.streams.length === 1);
  agent.watch({ tenant: 'demo', room: 'a', kinds: [Kind.caption] });
  agent.publish(caption(0, 0, true, 'a'));
  agent.publish(caption(0, 0, true, 'b'));
  first.say({ moved: { tenant: 'demo', room: 'a', address: second.address } });
  await until('it attaches there too', () => second.streams.length === 1);
  agent.publish(caption(1, 0, true, 'a'));
  second.credit('captions', 10);
  first.credit('captions', 10);
  await until('each worker has its own', () => second.frames.length === 2 && first.frames.length === 1);
  t.same(
    second.frames.map(({ room, caption }) => [room, caption?.text]),
    [
      ['a', '0.0'],
      ['a', '1.0'],
    ],
  );
  t.equal(first.frames[0]?.room, 'b');
  t.same(moved, [`a ${second.address}`]);
  t.same(agent.addresses, [first.address, second.address]);
  await until('the watch has moved along', () => second.messages.some(({ watch }) => watch?.room === 'a'));
  t.ok(first.messages.some(({ watch }) => watch?.stop));
});

t.test('NODE-14 throttled stops a class for as long as it says; what the worker says reaches the node', async (t) => {
  const gateway = await new SmallMetadata().start();
  const heard: string[] = [];
  const agent = node(gateway, {
    throttled: ({ class: name }) => heard.push(`throttled ${name}`),
    snapshotWanted: (stream, segment) => heard.push(`snapshot ${stream} ${segment}`),
    advice: ({ level }) => heard.push(`advice ${level}`),
    frames: (frames) => heard.push(`frames ${frames.length}`),
  });
  t.teardown(() => [agent.stop(), gateway.stop()]);
  await until('it is attached', () => gateway.streams.length === 1);
  gateway.credit('captions', 10);
  gateway.say({ throttled: { class: 'captions', dropped: 1, retryAfterMs: 1000 } });
  gateway.say({ snapshotWanted: { stream: 's', segment: 4 } });
  gateway.say({ advice: { level: 2 } });
  gateway.say({ batch: { frames: [Uint8Array.of(8, Kind.gauge), Uint8Array.of(0xff)] } });
  await until('it has heard all', () => heard.length === 4);
  t.same(heard, ['throttled captions', 'snapshot s 4', 'advice 2', 'frames 1']);
  gateway.credit('standard', 10);
  agent.publish(caption(0, 0, true));
  agent.publish({ kind: Kind.gauge, tenant: 'demo', room: 'r', gauge: { key: 'k' } });
  await until('both frames have come', () => gateway.frames.length === 2);
  t.same(
    gateway.frames.map(({ kind }) => kind),
    [Kind.gauge, Kind.caption],
    'the other class does not wait',
  );
});

t.test('NODE-15 RESOURCE_EXHAUSTED makes a node wait longer than a stream that is merely cut', async (t) => {
  const waits: number[] = [];
  const gateway = await new SmallMetadata().start();
  const agent = node(gateway, { detached: (_address, _reason, retryMs) => waits.push(retryMs) });
  t.teardown(() => [agent.stop(), gateway.stop()]);
  await until('it is attached', () => gateway.streams.length === 1);
  gateway.cut();
  await until('it is back', () => gateway.streams.length === 1);
  gateway.cut(status.RESOURCE_EXHAUSTED);
  await until('it was cut twice', () => waits.length === 2);
  t.ok(waits[1]! > waits[0]! * 5, `${waits[1]} ms after ${waits[0]} ms`);
});

t.test('NODE-16 frames that cannot be published are refused where they are made', async (t) => {
  const gateway = await new SmallMetadata().start();
  const agent = node(gateway);
  t.teardown(() => [agent.stop(), gateway.stop()]);
  t.throws(() => agent.publish({ kind: Kind.join, tenant: 'demo', room: 'r' }), TypeError);
  t.throws(() => agent.publish({ kind: Kind.gauge, tenant: 'demo', gauge: { key: 'k' } }), TypeError);
});
