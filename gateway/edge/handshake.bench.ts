/**
 * What a handshake costs the gateway's CPU, by how it ends. Run: node gateway/edge/handshake.bench.ts
 *
 * The client runs in a process of its own; figures are CPU time of this process per handshake, the kernel's share of
 * accepting and closing the connection included.
 */
import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { createAccessToken } from './access-token.ts';
import { startEdge } from './edge.ts';

const SECRET = 'bench-secret-0123456789-0123456789';
const COUNT = 3000;

/** Makes `count` handshakes, 32 at a time, each on a fresh connection that is reset afterwards. */
async function shake(port: number, lines: string, count: number): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  let begun = 0;
  const one = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => socket.write(lines));
      socket.once('data', (answer) => {
        resolve(answer.toString('latin1').slice(9, 12));
        socket.resetAndDestroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve('closed unanswered'));
    });
  const lane = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const result = await one();
      results[result] = (results[result] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, lane));
  return results;
}

/** `warm` handshakes uncounted, then `count` counted. */
async function measure(
  title: string,
  perAddress: number,
  path: string,
  accessToken: string,
  warm = COUNT / 3,
  count = COUNT,
): Promise<void> {
  const edge = await startEdge<null>(
    {
      listener: { host: '127.0.0.1', port: 0 },
      path: '/v1/signal',
      keys: { bench: { tenants: ['a'], algorithm: 'HS256', secret: SECRET } },
      origins: ['*'],
      trustedProxies: [],
      proxyProtocol: false,
      maxFrameBytes: 1000,
      runFrames: 100,
      runBytes: 100_000,
      maxSockets: 100_000,
      heartbeatMs: 15_000,
      penaltyMs: 1000,
      handshakesPerSecondPerAddress: perAddress,
      handshakesPerSecondPerTenant: 1_000_000,
      health: () => ({ ready: true, reasons: [] }),
    },
    { attach: () => null, opened() {}, received() {}, drained() {}, closed() {} },
  );
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: sluice.v1.protobuf',
    `Authorization: Bearer ${accessToken}`,
    '\r\n',
  ].join('\r\n');
  const client = fork(import.meta.filename, ['client']);
  const run = (number: number): Promise<Record<string, number>> =>
    new Promise((resolve) => {
      client.once('message', (results) => resolve(results as Record<string, number>));
      client.send({ port: edge.port, lines, count: number });
    });
  await run(warm);
  const before = process.cpuUsage();
  const results = await run(count);
  const spent = process.cpuUsage(before);
  const microseconds = (spent.user + spent.system) / count;
  console.log(`${title.padEnd(52)} ${microseconds.toFixed(1).padStart(7)} µs   ${JSON.stringify(results)}`);
  client.kill();
  edge.stop();
}

if (process.argv[2] === 'client') {
  process.on('message', async (order: { port: number; lines: string; count: number }) => {
    process.send?.(await shake(order.port, order.lines, order.count));
  });
} else {
  const good = await createAccessToken({ apiKey: 'bench', secret: SECRET, identity: 'bench' });
  const forged = await createAccessToken({ apiKey: 'bench', secret: 'another secret altogether', identity: 'bench' });
  await measure('bare: a 404, for the cost of the connection itself', 1_000_000, '/nothing', good);
  await measure('accepted', 1_000_000, '/v1/signal', good);
  await measure('401: forged signature', 1_000_000, '/v1/signal', forged);
  await measure('401: not a JWT', 1_000_000, '/v1/signal', 'x');
  await measure('429: address over its allowance', 1500, '/v1/signal', good, 1500, 1400);
  await measure('closed unanswered: address far over its allowance', 1, '/v1/signal', good);
  process.exit();
}
