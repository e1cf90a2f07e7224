import t from 'tap';
import { startFakeSfu } from './fixtures/fake-sfu.ts';
import { type NodeControlOptions, startNodeControl } from './node-control-server.ts';
import { type AttachedNode, NodePool } from './node-pool.ts';

async function nodeControl(t: { teardown: (end: () => void) => void }, options: Partial<NodeControlOptions> = {}) {
  const told: string[] = [];
  const pool = new NodePool(
    {
      attached: (node) => told.push(`attached ${node.id}`),
      gone: (node) => told.push(`gone ${node.id}`),
      offered: () => told.push('offered'),
      answered: () => told.push('answered'),
      candidate: () => told.push('candidate'),
    },
    20,
  );
  const server = await startNodeControl(
    { host: '127.0.0.1', port: 0, nodeTokens: [], deadlineMs: 1000, gatewayId: 'gw', workers: ['w0'], ...options },
    pool,
  );
  t.teardown(() => {
    pool.stop();
    server.stop();
  });
  return { pool, port: server.port, told, nodes: () => [...pool.nodes] };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

t.test('CTRL-34 where node tokens are configured, a node needs one of them', async (t) => {
  const { port, nodes } = await nodeControl(t, { nodeTokens: ['first', 'second'] });
  for (const wrong of ['', 'third']) {
    const node = startFakeSfu(port, {}, wrong);
    t.match(await node.ended, { code: 16, details: /node token/ });
    node.stop();
  }
  const node = startFakeSfu(port, { nodeId: 'sfu-9', region: 'eu' }, 'second');
  t.teardown(() => node.stop());
  await node.attached;
  t.match(nodes(), [{ id: 'sfu-9', role: 'sfu', region: 'eu' }]);
});

t.test('CTRL-34 a node says hello first, and who it is', async (t) => {
  const { port, nodes } = await nodeControl(t);
  const nameless = startFakeSfu(port, { nodeId: '' });
  t.match(await nameless.ended, { code: 3, details: /hello with a nodeId/ });
  nameless.stop();
  const gateway = startFakeSfu(port, { role: 2 });
  t.match(await gateway.ended, { code: 3, details: /NodeMetadata/ });
  gateway.stop();
  t.same(nodes(), []);
});

t.test('CTRL-34 a node that attaches again takes its own place', async (t) => {
  const { port, told, nodes } = await nodeControl(t);
  const older = startFakeSfu(port);
  await older.attached;
  const newer = startFakeSfu(port);
  t.teardown(() => newer.stop());
  t.match(await older.ended, { code: 14 });
  await newer.attached;
  t.equal(nodes().length, 1);
  t.same(told, ['attached sfu-1', 'gone sfu-1', 'attached sfu-1']);
  older.stop();
});

t.test('CTRL-34 a node that drops is gone, once, and its commands with it', async (t) => {
  const { port, told, nodes } = await nodeControl(t);
  const sfu = startFakeSfu(port);
  await sfu.attached;
  sfu.answer = () => null;
  const [node] = nodes() as [AttachedNode];
  const asked = node.commands.call({ mute: { session: 's', track: '0', muted: true } });
  await until(() => sfu.commands.length === 1);
  sfu.stop();
  t.match(await asked.catch((failure: unknown) => failure), { reason: 'gone' });
  t.same(told, ['attached sfu-1', 'gone sfu-1']);
  await t.rejects(node.commands.call({ mute: { session: 's', track: '0' } }), 'and takes no more');
  t.notOk(node.commands.tell({ close: { session: 's' } }));
});

t.test('CTRL-35 a command ends once, and a reply that comes too late is counted and ignored', async (t) => {
  const { pool, port, nodes } = await nodeControl(t, { deadlineMs: 60 });
  const sfu = startFakeSfu(port);
  t.teardown(() => sfu.stop());
  await sfu.attached;
  sfu.answer = () => null;
  const [node] = nodes() as [AttachedNode];
  await t.rejects(node.commands.call({ close: { session: 's' } }), { reason: 'timeout', message: /within 60 ms/ });
  t.equal(node.commands.inflight, 0);
  t.match(sfu.commands[0], { deadlineMs: 60 });
  sfu.send({ reply: { command: sfu.commands[0]!.command! } });
  await until(() => pool.lateReplies === 1);
  sfu.answer = () => ({ error: 'no', reason: 'because' });
  t.match(await node.commands.call({ close: { session: 's' } }), { error: 'no', reason: 'because' });
});

t.test('CTRL-36 a room goes to a node that has room, of its region, not to one that drains', async (t) => {
  const { pool, port, nodes } = await nodeControl(t);
  const hellos = [
    { nodeId: 'eu-1', region: 'eu' },
    { nodeId: 'eu-2', region: 'eu' },
    { nodeId: 'us-1', region: 'us' },
    { nodeId: 'ai-1', region: 'eu', role: 1 },
  ];
  const sfus = hellos.map((hello) => startFakeSfu(port, hello));
  t.teardown(() => {
    for (const sfu of sfus) sfu.stop();
  });
  await Promise.all(sfus.map(({ attached }) => attached));
  const chosen = (region: string): string[] => {
    const rooms = Array.from({ length: 200 }, (_, index) => pool.pick('acme', `room ${index}`, region)!.id);
    return [...new Set(rooms)].sort();
  };
  t.same(chosen('eu'), ['eu-1', 'eu-2'], 'an inference node is none for media');
  t.same(chosen('us'), ['us-1']);
  t.same(chosen(''), ['eu-1', 'eu-2', 'us-1']);
  t.equal(pool.pick('acme', 'room', 'eu'), pool.pick('acme', 'room', 'eu'), 'the same again');
  sfus[0]!.send({ heartbeat: { load: 0.95, sessions: 900 } });
  await until(() => nodes().some(({ load }) => load === 0.95));
  t.same(chosen('eu'), ['eu-2']);
  sfus[1]!.send({ drain: { afterMs: 0 } });
  await until(() => nodes().some(({ draining }) => draining));
  t.same(chosen('eu'), ['us-1'], 'another region before a full node');
});

t.test('CTRL-36 a busier node gets fewer rooms', async (t) => {
  const { pool, port, nodes } = await nodeControl(t);
  const sfus = ['busy', 'idle'].map((nodeId) => startFakeSfu(port, { nodeId }));
  t.teardown(() => {
    for (const sfu of sfus) sfu.stop();
  });
  await Promise.all(sfus.map(({ attached }) => attached));
  sfus[0]!.send({ heartbeat: { load: 0.75 } });
  await until(() => nodes().some(({ load }) => load === 0.75));
  const busy = Array.from({ length: 1000 }, (_, index) => pool.pick('acme', `room ${index}`, '')!.id).filter(
    (id) => id === 'busy',
  ).length;
  t.ok(busy > 140 && busy < 260, `${busy} of 1000 where a fifth is its share`);
});

t.test('CTRL-37 a taken port is one clear line', async (t) => {
  const { port } = await nodeControl(t);
  const options = { host: '127.0.0.1', nodeTokens: [], deadlineMs: 1000, gatewayId: 'gw', workers: [] };
  const pool = new NodePool({ attached() {}, gone() {}, offered() {}, answered() {}, candidate() {} }, 1000);
  t.teardown(() => pool.stop());
  await t.rejects(startNodeControl({ ...options, port }, pool), {
    message: `NodeControl cannot listen on 127.0.0.1:${port}: the port is taken (is another gateway running?)`,
  });
});
