import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import { frameSheet } from './client-frame.ts';
import { HandshakeRefused, openWire, type WireSocket } from './wire-socket.ts';

/** A server that is not ours, on a free port. */
async function serve(t: Test): Promise<{ server: WebSocketServer; port: number }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0]! });
  await new Promise((resolve) => server.on('listening', resolve));
  t.teardown(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { server, port: (server.address() as { port: number }).port };
}

t.test('LOAD-5 frames built by hand are read whole by a WebSocket server that is not ours', async (t) => {
  const { server, port } = await serve(t);
  const payloads = [1, 130, 70_000].map((size) => new Uint8Array(size).fill(size & 0xff));
  const sheet = frameSheet(payloads, 200_000);
  const received: number[] = [];
  const all = new Promise<void>((resolve) => {
    server.on('connection', (client, request) => {
      t.equal(request.headers.authorization, 'Bearer secret');
      t.equal(client.protocol, 'sluice.v1.protobuf');
      t.equal(request.socket.remoteAddress, '127.0.9.7');
      client.on('message', (data: Buffer) => {
        received.push(data.every((byte) => byte === (data.length & 0xff)) ? data.length : -1);
        if (received.length === sheet.frames) resolve();
      });
    });
  });
  const target = { host: '127.0.0.1', port, path: '/', accessToken: 'secret', localAddress: '127.0.9.7' };
  const socket = await openWire(target, { message: () => {}, closed: () => {} });
  let taken = 0;
  socket.write(sheet.bytes, () => taken++);
  await all;
  t.strictSame(
    received,
    Array.from({ length: sheet.frames }, (_, index) => payloads[index % 3]!.length),
  );
  t.equal(taken, 1);
  socket.destroy();
});

t.test('LOAD-6 what a server sends with the handshake, and its close code, reach the listener', async (t) => {
  const { server, port } = await serve(t);
  server.on('connection', (client) => {
    client.send('first');
    client.ping('are you there');
    client.on('pong', (data) => {
      client.send(Buffer.concat([Buffer.from('pong '), data]));
      client.close(4129, 'sent far more than allowed');
    });
  });
  const heard: string[] = [];
  const holder: { socket?: WireSocket } = {};
  const code = new Promise<number>((resolve, reject) => {
    const message = (bytes: Uint8Array, start: number, end: number) => {
      t.ok(holder.socket, 'the opener has the socket before anything is heard on it');
      heard.push(Buffer.from(bytes.subarray(start, end)).toString());
    };
    openWire({ host: '127.0.0.1', port, path: '/' }, { message, closed: resolve }).then((socket) => {
      holder.socket = socket;
    }, reject);
  });
  t.equal(await code, 4129);
  t.strictSame(heard, ['first', 'pong are you there']);
});

t.test('LOAD-6 a connection that is cut ends with 1006, a refused handshake with its status', async (t) => {
  const { server, port } = await serve(t);
  server.on('connection', (client) => client.terminate());
  const code = await new Promise<number>((resolve, reject) => {
    openWire({ host: '127.0.0.1', port, path: '/' }, { message: () => {}, closed: resolve }).catch(reject);
  });
  t.equal(code, 1006);

  const refusing = createServer((socket) => {
    socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  t.teardown(() => refusing.close());
  const at = (refusing.address() as { port: number }).port;
  const refused = await openWire(
    { host: '127.0.0.1', port: at, path: '/' },
    { message: () => {}, closed: () => {} },
  ).then(
    () => null,
    (error: unknown) => error,
  );
  t.ok(refused instanceof HandshakeRefused && refused.status === 429 && refused.retryAfterMs === 2000);
});
