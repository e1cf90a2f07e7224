/** For tests: an edge on a free port that records what its listener is told, and clients for it. */
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { type AccessTokenOptions, createAccessToken } from './access-token.ts';
import { type Edge, type EdgeOptions, startEdge } from './edge.ts';
import type { EdgeSocket } from './edge-socket.ts';

export const SECRET = 'a secret that only tests know, 0123456789';
export const TENANT = 'acme';

/** What the recording listener keeps with a socket. */
export interface Recorded {
  readonly received: string[];
  drained: number;
  closed: number | null;
}

export interface EdgeFixture {
  readonly edge: Edge<Recorded>;
  /** Every socket that was ever opened, in order. */
  readonly sockets: EdgeSocket<Recorded>[];
  /** What happens with a received message after it was recorded; tests replace it. */
  onReceived: (socket: EdgeSocket<Recorded>, bytes: Uint8Array) => void;
  url(query?: string): string;
  http(path?: string): string;
}

/** Starts an edge with roomy limits, changed by `options`; stops it when the test ends. */
export async function startFixture(t: Test, options: Partial<EdgeOptions> = {}): Promise<EdgeFixture> {
  const sockets: EdgeSocket<Recorded>[] = [];
  const edge = await startEdge<Recorded>(
    {
      listener: { host: '127.0.0.1', port: 0 },
      path: '/v1/signal',
      keys: { testkey: { tenants: [TENANT], algorithm: 'HS256', secret: SECRET } },
      origins: ['https://app.example'],
      trustedProxies: [],
      proxyProtocol: false,
      maxFrameBytes: 65_536,
      runFrames: 256,
      runBytes: 524_288,
      maxSockets: 1000,
      heartbeatMs: 15_000,
      penaltyMs: 10_000,
      handshakesPerSecondPerAddress: 1000,
      handshakesPerSecondPerTenant: 1000,
      health: () => ({ ready: true, reasons: [] }),
      ...options,
    },
    {
      attach: () => ({ received: [], drained: 0, closed: null }),
      opened: (socket) => void sockets.push(socket),
      received: (socket, bytes) => {
        socket.state.received.push(Buffer.from(bytes).toString());
        fixture.onReceived(socket, bytes);
      },
      drained: (socket) => {
        socket.state.drained += 1;
      },
      closed: (socket, code) => {
        socket.state.closed = code;
      },
    },
  );
  t.teardown(() => edge.stop());
  const fixture: EdgeFixture = {
    edge,
    sockets,
    onReceived: () => undefined,
    url: (query = '') => `ws://127.0.0.1:${edge.port}/v1/signal${query}`,
    http: (path = '/v1/signal') => `http://127.0.0.1:${edge.port}${path}`,
  };
  return fixture;
}

/** An access token that the fixture takes, changed by `options`. */
export function accessToken(options: Partial<AccessTokenOptions> = {}): Promise<string> {
  return createAccessToken({ apiKey: 'testkey', secret: SECRET, identity: 'ann', ...options });
}

export interface ConnectOptions {
  readonly jwt?: string;
  readonly json?: boolean;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly subprotocols?: readonly string[];
}

/** How a handshake ended: with an open client, or with an HTTP answer. */
export type Shaken =
  | { readonly client: WebSocket; readonly status: 101 }
  | { readonly client: null; readonly status: number; readonly body: string; readonly headers: NodeJS.Dict<unknown> };

/** Tries a handshake; resolves in either case, with status 0 when the connection ended without an answer. */
export async function shake(fixture: EdgeFixture, options: ConnectOptions = {}): Promise<Shaken> {
  const subprotocols = options.subprotocols ?? [options.json ? 'sluice.v1.json' : 'sluice.v1.protobuf'];
  const headers: Record<string, string> = { ...options.headers };
  if (options.jwt !== undefined) headers.authorization = `Bearer ${options.jwt}`;
  const client = new WebSocket(fixture.url(options.query), [...subprotocols], { headers });
  return new Promise((resolve) => {
    client.once('open', () => resolve({ client, status: 101 }));
    client.on('error', () => resolve({ client: null, status: 0, body: '', headers: {} }));
    client.once('unexpected-response', (_, answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      answer.on('end', () => {
        resolve({ client: null, status: answer.statusCode ?? 0, body, headers: answer.headers });
      });
    });
  });
}

/** An open client; throws when the handshake is refused. Ended with the test. */
export async function open(t: Test, fixture: EdgeFixture, options: ConnectOptions = {}): Promise<WebSocket> {
  const shaken = await shake(fixture, { ...options, jwt: options.jwt ?? (await accessToken()) });
  if (shaken.client === null) throw new Error(`refused: ${shaken.status} ${shaken.body}`);
  const { client } = shaken;
  t.teardown(() => client.terminate());
  return client;
}

/** The code and reason a client sees. */
export function closeOf(client: WebSocket): Promise<{ code: number; reason: string }> {
  // Not events.once, which rejects when a reset comes as an error first.
  return new Promise((resolve) => {
    client.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
}

/** The TCP connection under a client, for writing what no client library would. */
export function rawSocket(client: WebSocket): Socket {
  return (client as unknown as { _socket: Socket })._socket;
}

/** A masked frame with an all-zero mask, so that the payload stands as it is. */
export function maskedFrame(firstByte: number, payload: Uint8Array): Buffer {
  if (payload.length > 125) throw new Error('only short frames');
  return Buffer.concat([Buffer.from([firstByte, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** Writes bytes on a fresh connection and resolves with all that comes back until it closes or is quiet. */
export async function exchange(port: number, bytes: string | Buffer, quietMs = 300): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('error', () => undefined);
  socket.write(bytes);
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, 5000);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(resolve, quietMs);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.destroy();
  return answer;
}

/** Waits until `holds`; throws after a generous time, naming what was waited for. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
