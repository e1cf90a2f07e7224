/** The load client as a whole, against baselines: every process is real, rates are small, nothing is timed. */
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import { floodHandshakes } from './agents/handshake-flood.ts';
import { PublisherFleet } from './agents/publisher-fleet.ts';
import { floodRudely } from './agents/rude-fleet.ts';
import type { BareCalls } from './baselines/bare-server.ts';
import { SetupLoad } from './callers/setup-load.ts';
import { monotonicMs, pause } from './clock.ts';
import { LatencyRecord } from './latency-record.ts';
import { ListenerFleet } from './listeners/listener-fleet.ts';
import { total } from './processes/gateway-figures.ts';
import { type Calls, LoadProcess } from './processes/load-process.ts';
import { AGENT_RATE, startClasslessGateway } from './scenarios/rig.ts';
import type { StubSfuCalls } from './stub-sfu.ts';
import type { LoadTarget } from './wire/load-target.ts';

function spawned<C extends Calls>(t: Test, module: string, name: string): LoadProcess<C> {
  const part = new LoadProcess<C>(new URL(module, import.meta.url), name);
  t.teardown(() => part.stop());
  return part;
}

async function classless(t: Test): Promise<LoadTarget> {
  const gateway = await startClasslessGateway();
  t.teardown(() => gateway.stop());
  const { target } = gateway;
  const stub = spawned<StubSfuCalls>(t, './stub-sfu.ts', 'stub SFU');
  await stub.call('attach', { address: `${target.host}:${target.nodeControlPort}`, nodeId: 'stub' });
  return target;
}

t.test('LOAD-9 setups in both subprotocols end at the node’s answer, each counted once', async (t) => {
  const load = new SetupLoad({ target: await classless(t), tenant: 'calls', callers: 150 });
  t.teardown(() => load.close());
  await load.open();
  const run = { ratePerSecond: 100, durationMs: 1000, seed: 5, coldEvery: 4, deadlineMs: 20_000 };
  const report = await load.run(run);
  const [warm, cold] = [LatencyRecord.decode(report.warm), LatencyRecord.decode(report.cold)];
  t.strictSame(report.failures, {});
  t.equal(warm.count + cold.count, report.setups);
  t.equal(cold.count, Math.ceil(report.setups / 4));
  t.ok(warm.summary().max > 0);
});

t.test('LOAD-9 a setup without an answer in time is a failure, and so is one for which nobody was free', async (t) => {
  // An echo welcomes nobody, so cold setups find no connection and the pool stays empty.
  const echo = spawned<BareCalls>(t, './baselines/bare-server.ts', 'echo');
  const port = await echo.call('listen', 'echo');
  const target = { ...NOWHERE, signalPort: port };
  const load = new SetupLoad({ target, tenant: 'calls', callers: 0 });
  t.teardown(() => load.close());
  const run = { ratePerSecond: 100, durationMs: 300, seed: 5, coldEvery: 2, deadlineMs: 200 };
  const { setups, failures } = await load.run(run);
  t.equal(total(failures), setups);
  t.equal(failures['no connection in time'], Math.ceil(setups / 2));
  t.equal(failures['no caller was free'], Math.floor(setups / 2));
});

t.test('LOAD-10 what the fleet publishes reaches every listener, and coverage counts it once', async (t) => {
  const target = await classless(t);
  const [tenants, gapMs] = [['crowd-0'], 1000 / AGENT_RATE];
  const listeners = new ListenerFleet({ target, tenants, perRoom: 3, ttlMs: 20_000, gapMs });
  const fleet = new PublisherFleet({ target, tenants, agentsPerRoom: 4 });
  t.teardown(() => Promise.all([listeners.stop(), fleet.stop()]));
  await listeners.grow(2);
  await fleet.grow(8);
  for (const agents of [8, 4]) {
    listeners.restart();
    const published = await fleet.publish({
      agents,
      framesPerSecond: agents * AGENT_RATE,
      durationMs: 3000,
      cooperative: true,
    });
    t.equal(published.writtenFrames, published.intendedFrames);
    t.equal(published.writtenFrames, agents * AGENT_RATE * 3);
    const all = () => listeners.report().deliveries === 3 * published.writtenFrames;
    for (const endMs = monotonicMs() + 10_000; !all() && monotonicMs() < endMs; ) await pause(20);
    const heard = listeners.report();
    t.equal(heard.deliveries, 3 * published.writtenFrames);
    t.equal(heard.reachedInTime, published.writtenFrames);
    t.equal(heard.coveredLate, 0);
  }
  t.equal(listeners.report().finals > 0, true, 'segments end with finals');
});

t.test('LOAD-11 a rude agent writes as much as the kernel takes, without waiting for anybody', async (t) => {
  const sink = spawned<BareCalls>(t, './baselines/bare-server.ts', 'sink');
  const port = await sink.call('listen', 'sink');
  const flood = floodRudely({ ...RUDE, target: { ...NOWHERE, metadataPort: port }, sockets: 2 });
  await pause(500);
  const report = await flood.stop();
  t.ok(report.connections >= 1 && report.connections <= 2);
  t.ok(report.writtenFrames > 0 && report.writtenBytes > report.writtenFrames);
  t.ok((await sink.call('report', null)).frames > 0);
});

t.test('LOAD-11 a rude agent that is cut is counted, and comes back as somebody new', async (t) => {
  const strangers = new Set<string>();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0]! });
  t.teardown(() => server.close());
  const enough = new Promise<void>((resolve) => {
    server.on('connection', (client, request) => {
      strangers.add(String(request.headers.authorization));
      client.on('message', () => client.terminate());
      if (strangers.size === 10) resolve();
    });
  });
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address() as { port: number };
  const flood = floodRudely({ ...RUDE, target: { ...NOWHERE, metadataPort: port }, sockets: 3 });
  await enough;
  const { connections, closes } = await flood.stop();
  t.ok(connections >= 9, `${connections} connections`);
  t.ok((closes['1006'] ?? 0) >= connections - 3);
  t.strictSame(Object.keys(closes), ['1006']);
});

t.test('LOAD-11 handshakes without a token are counted by the status they got', async (t) => {
  const target = await classless(t);
  const flood = floodHandshakes({ target, concurrency: 4, addresses: 2 });
  await pause(300);
  const { refused, connections } = await flood.stop();
  t.strictSame(Object.keys(refused), ['401']);
  t.ok(connections >= refused['401']! && refused['401']! > 4);
});

const RUDE = { tenants: ['rude'], frames: 'captions', rooms: 1, addresses: 2 } as const;
const NOWHERE: LoadTarget = {
  host: '127.0.0.1',
  signalPort: 0,
  metadataPort: 0,
  nodeControlPort: 0,
  nodeMetadataPort: 0,
  key: { apiKey: 'k', secret: 'of no importance, but long enough for it' },
};
