import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getPriority } from 'node:os';
import t from 'tap';
import { eventually, GatewayUnderTest, isAlive, serveFake } from './fixtures/gateway-under-test.ts';
import { permittedSteps } from './process-priority.ts';

/** As /proc numbers the classes of scheduling. */
const ORDINARY_CLASS = 0;
const ROUND_ROBIN_CLASS = 2;

t.test('OPS-10 planes are processes of their own, and each says whether it is ready', async (t) => {
  const gateway = await GatewayUnderTest.start(t, 'metadataWorkers=2');
  const { planes, pid } = await gateway.status();
  t.strictSame(
    planes.map((plane) => [plane.plane, plane.worker]),
    [
      ['control', 0],
      ['metadata', 0],
      ['metadata', 1],
    ],
  );
  t.equal(new Set([pid, ...planes.map((plane) => plane.pid)]).size, 4);
  t.equal(planes[2]!.ports.metadata, planes[1]!.ports.metadata! + 10);
  await eventually(async () => (await gateway.get('/readyz')).status === 200, 'ready');
  t.strictSame(JSON.parse((await gateway.get('/healthz')).text), { alive: true });
});

t.test('OPS-11 the metadata plane runs below the control plane with every thread of its process', async (t) => {
  const permitted = permittedSteps();
  if (!permitted.nice) return t.fail('install the nice program (coreutils)');
  const gateway = await GatewayUnderTest.start(t);
  const [control, metadata] = [await gateway.plane('control'), await gateway.plane('metadata')];
  const own = getPriority();
  const fieldOfThreads = (pid: number, field: number) =>
    readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]!.split(' ')[field]),
    );
  const niceOfThreads = (pid: number) => fieldOfThreads(pid, 16);
  const threads = niceOfThreads(metadata.pid!);
  t.ok(threads.length > 1, 'Node has several threads');
  t.strictSame([...new Set(threads)], [Math.min(19, own + 10)]);
  t.strictSame([...new Set(fieldOfThreads(metadata.pid!, 38))], [ORDINARY_CLASS]);
  t.match(metadata.priorities, { least: Math.min(19, own + 10), most: Math.min(19, own + 10), realTime: 0 });
  const [eventLoop, ...helpers] = fieldOfThreads(control.pid!, 38);
  t.equal(eventLoop, permitted.realTime ? ROUND_ROBIN_CLASS : ORDINARY_CLASS, 'as chrt permits');
  t.ok(helpers.length > 0 && helpers.every((policy) => policy === ORDINARY_CLASS), 'only the event loop goes first');
  if (!permitted.realTime) t.strictSame(new Set(niceOfThreads(control.pid!)).size, 1);
  t.match(readFileSync(`/proc/${control.pid}/cmdline`, 'utf8'), '--single-threaded-gc', 'it waits for no helper');
});

t.test('OPS-11 an operator may keep the control plane out of the real-time class', async (t) => {
  const permitted = permittedSteps('raised');
  t.notOk(permitted.realTime);
  const gateway = await GatewayUnderTest.start(t, 'controlPriority=raised');
  const own = getPriority();
  const nice = permitted.raise ? Math.max(-20, own - 5) : own;
  t.match((await gateway.plane('control')).priorities, { least: nice, most: nice, realTime: 0 });
});

t.test('OPS-12 a plane that dies is started again, on the same port, while the other goes on', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  const control = await gateway.plane('control');
  for (let death = 1; death <= 3; death++) {
    const before = await gateway.plane('metadata');
    process.kill(before.pid!, 'SIGKILL');
    await eventually(async () => (await gateway.plane('metadata')).restarts === death, `restart ${death}`);
    await eventually(async () => (await gateway.plane('metadata')).snapshot !== null, 'it reports');
    const after = await gateway.plane('metadata');
    t.not(after.pid, before.pid);
    t.strictSame(after.ports, before.ports);
    t.equal(after.lastDeath, 'SIGKILL');
  }
  t.equal((await gateway.plane('control')).pid, control.pid);
  t.equal((await gateway.plane('control')).restarts, 0);
  t.equal(await gateway.metric('sluice_plane_restarts_total{plane="metadata",worker="0"}'), 3);
});

t.test('OPS-12 while a plane is down the gateway is not ready, and says which and why', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  await eventually(async () => (await gateway.get('/readyz')).status === 200, 'ready');
  process.kill((await gateway.plane('metadata')).pid!, 'SIGKILL');
  let text = '';
  await eventually(async () => {
    const readiness = await gateway.get('/readyz');
    text = readiness.text;
    return readiness.status === 503;
  }, 'not ready');
  t.match(JSON.parse(text), {
    ready: false,
    planes: [
      { plane: 'control', ready: true },
      { plane: 'metadata', ready: false },
    ],
  });
  await eventually(async () => (await gateway.get('/readyz')).status === 200, 'ready again');
});

t.test('OPS-13 planes end when the supervisor is killed', async (t) => {
  const gateway = await GatewayUnderTest.start(t, 'metadataWorkers=2');
  const pids = [...gateway.pids];
  t.equal(pids.filter(isAlive).length, 3);
  gateway.child.kill('SIGKILL');
  await gateway.ended;
  await eventually(async () => !pids.some(isAlive), 'planes end');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`OPS-14 ${signal} drains both planes and ends with exit code 0`, async (t) => {
    const gateway = await GatewayUnderTest.start(t);
    const pids = [...gateway.pids];
    gateway.child.kill(signal);
    const { code, stderr } = await gateway.ended;
    t.equal(code, 0);
    t.match(stderr, /control drains/);
    t.match(stderr, /metadata drains/);
    t.notOk(pids.some(isAlive), 'no plane is left');
  });
}

t.test('OPS-14 the same signal twice at once, as Ctrl-C under npm, still drains', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  gateway.child.kill('SIGINT');
  gateway.child.kill('SIGINT');
  t.equal((await gateway.ended).code, 0);
});

t.test('OPS-14 a plane that never drains is killed soon after its time', async (t) => {
  const gateway = await GatewayUnderTest.start(t, 'region=never-drains', 'drainMs=100');
  const pids = [...gateway.pids];
  gateway.child.kill('SIGTERM');
  t.equal((await gateway.ended).code, 0);
  t.notOk(pids.some(isAlive));
});

t.test('OPS-14 a second signal ends everything at once', async (t) => {
  const gateway = await GatewayUnderTest.start(t, 'region=never-drains', 'drainMs=600000');
  const pids = [...gateway.pids];
  gateway.child.kill('SIGTERM');
  await eventually(
    async () => (await gateway.get('/readyz').catch(() => ({ status: 503 }))).status === 503,
    'draining',
  );
  const again = setInterval(() => gateway.child.kill('SIGTERM'), 200);
  const { code } = await gateway.ended;
  clearInterval(again);
  t.equal(code, 128 + 15);
  await eventually(async () => !pids.some(isAlive), 'planes end');
});

t.test('OPS-14 a plane that gets SIGTERM itself drains and is started again', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  const { pid } = await gateway.plane('metadata');
  process.kill(pid!, 'SIGTERM');
  await eventually(async () => (await gateway.plane('metadata')).restarts === 1, 'restart');
  t.equal((await gateway.plane('metadata')).lastDeath, 'exit code 0');
});

t.test('OPS-15 a port that is taken is one clear line and exit code 1', async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void holder.close());
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const others = ['listen.metadata.port=0', 'listen.nodeControl.port=0', 'listen.nodeMetadata.port=0'];
  const plane = await serveFake(...others, `listen.signal.port=${port}`, 'listen.operator.port=0');
  t.strictSame([plane.code, plane.stderr], [1, `sluice: port ${port} on 127.0.0.1 is taken: end what listens there\n`]);
  const operator = await serveFake(...others, 'listen.signal.port=0', `listen.operator.port=${port}`);
  t.equal(operator.code, 1);
  t.match(operator.stderr, new RegExp(`^sluice: port ${port} on 127.0.0.1 is taken: [^\n]*listen.operator.port\n$`));
  t.equal(operator.stdout, '', 'nothing was said to be up');
});

t.test('OPS-15 a plane that cannot start, or ends while it starts, is one clear line and exit code 1', async (t) => {
  const any = ['signal', 'metadata', 'nodeControl', 'nodeMetadata', 'operator'].map((name) => `listen.${name}.port=0`);
  const refuses = await serveFake(...any, 'region=never-starts');
  t.strictSame([refuses.code, refuses.stderr], [1, 'sluice: the fake plane does not want to\n']);
  const exits = await serveFake(...any, 'region=exits-metadata');
  t.strictSame([exits.code, exits.stderr], [1, 'sluice: the metadata 0 plane ended while it started: exit code 3\n']);
});

t.test('OPS-16 --planes control runs that plane only', async (t) => {
  const gateway = await GatewayUnderTest.start(t, '--control-only');
  t.strictSame(
    (await gateway.status()).planes.map((plane) => plane.plane),
    ['control'],
  );
  await eventually(async () => (await gateway.get('/readyz')).status === 200, 'ready without the other');
});

t.test('OPS-20 no counter falls and nothing is unaccounted for when a plane dies', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  const counters = async () => {
    const { text } = await gateway.get('/metrics');
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.flatMap((line) => {
        const [, sample = '', value = ''] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
        const name = sample.replace(/\{.*$/, '');
        const family = name.replace(/_(bucket|sum|count)$/, '');
        return types.get(name) === 'counter' || types.get(family) === 'histogram'
          ? [[sample, Number(value)] as const]
          : [];
      }),
    );
  };
  const offered = 'sluice_offered_total{plane="metadata",class="call-setup"}';
  const queued = 'sluice_queued_frames{plane="metadata",class="call-setup"}';
  await eventually(async () => (await gateway.metric(offered)) >= 6, 'two reports');
  let before = await counters();
  t.ok(before.size > 100);
  process.kill((await gateway.plane('metadata')).pid!, 'SIGKILL');
  await eventually(async () => (await gateway.plane('metadata')).restarts === 1, 'restart');
  let looks = 0;
  await eventually(async () => {
    const after = await counters();
    for (const [sample, value] of before) if (!(after.get(sample)! >= value)) t.fail(`${sample} fell from ${value}`);
    before = after;
    looks++;
    return (await gateway.metric(offered)) >= 9;
  }, 'it counts on');
  t.ok(looks > 0);
  t.equal(await gateway.metric('sluice_conservation_residual{plane="metadata",class="call-setup"}'), 0);
  const failed = await gateway.metric('sluice_frames_total{plane="metadata",class="call-setup",outcome="failed"}');
  t.ok(failed >= 2, 'what the dead plane had queued has failed');
  t.ok((await gateway.metric(queued)) > 0);
});

t.test('OPS-21 a scrape does not wait for a plane that has stopped answering', async (t) => {
  const gateway = await GatewayUnderTest.start(t);
  const { pid } = await gateway.plane('metadata');
  await eventually(async () => (await gateway.metric('sluice_plane_up{plane="metadata",worker="0"}')) === 1, 'up');
  process.kill(pid!, 'SIGSTOP');
  t.teardown(() => void (isAlive(pid!) && process.kill(pid!, 'SIGCONT')));
  t.equal((await gateway.get('/metrics')).status, 200);
  await eventually(async () => (await gateway.metric('sluice_plane_up{plane="metadata",worker="0"}')) === 0, 'down');
  t.match((await gateway.get('/readyz')).text, /silent/);
  process.kill(pid!, 'SIGCONT');
  await eventually(async () => (await gateway.get('/readyz')).status === 200, 'ready again');
});
