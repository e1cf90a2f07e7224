import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer, get as plainGet, type ServerResponse } from 'node:http';
import { get, Agent as SecureAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { demoCertificate } from '../supervisor/demo-certificate.ts';
import type { EdgeOptions } from './edge.ts';
import { SendOutcome } from './edge-socket.ts';
import { accessToken, closeOf, maskedFrame, rawSocket, startFixture, until } from './fixtures/edge-fixture.ts';
import { refusal } from './refusal.ts';
import type { Relay } from './relay.ts';

const NAMES = { hosts: ['localhost'], addresses: ['127.0.0.1'] };

async function secured(t: Test, options: Partial<EdgeOptions> = {}) {
  const tls = await demoCertificate(t.testdir(), NAMES, Date.now());
  const fixture = await startFixture(t, { ...options, listener: { host: '127.0.0.1', port: 0, tls } });
  const ca = readFileSync(tls.certFile, 'utf8');
  const connect = async (identity: string) => {
    const protocols = ['sluice.v1.protobuf', `bearer.${await accessToken({ identity })}`];
    const client = new WebSocket(`wss://127.0.0.1:${fixture.edge.port}/v1/signal`, protocols, { ca });
    t.teardown(() => client.terminate());
    await once(client, 'open');
    return client;
  };
  return { fixture, ca, connect };
}

t.test('EDGE-30 with a key and a certificate a listener speaks TLS, WebSockets and health alike', async (t) => {
  const { fixture, ca, connect } = await secured(t);
  const { port } = fixture.edge;
  const [health] = await once(get({ host: '127.0.0.1', port, path: '/healthz', ca, agent: false }), 'response');
  t.equal(health.statusCode, 200);
  const client = await connect('ann');
  client.send(Buffer.from('heard'));
  await until('the message has come', () => fixture.sockets[0]?.state.received.includes('heard') === true);
  fixture.sockets[0]?.send(Buffer.from('said'));
  t.equal(String((await once(client, 'message'))[0]), 'said');
});

t.test('EDGE-30 who does not speak TLS there, or does not trust the certificate, gets nothing', async (t) => {
  const { fixture } = await secured(t);
  const { port } = fixture.edge;
  await t.rejects(once(plainGet({ host: '127.0.0.1', port, path: '/healthz', agent: new Agent() }), 'response'));
  const distrusting = get({ host: '127.0.0.1', port, path: '/healthz', agent: new SecureAgent() });
  await t.rejects(once(distrusting, 'response'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  t.equal(fixture.sockets.length, 0);
});

t.test('EDGE-30 files that cannot be used are named when the listener starts', async (t) => {
  const tls = { keyFile: '/nowhere/key.pem', certFile: '/nowhere/certificate.pem' };
  await t.rejects(startFixture(t, { listener: { host: '127.0.0.1', port: 0, tls } }), /\/nowhere\/key\.pem/);
});

t.test(
  'EDGE-13 over TLS too a flooder is cut inside the callback while another socket is still answered',
  async (t) => {
    const { fixture, connect } = await secured(t, { runFrames: 50 });
    const perTurn = new Map<number, number>();
    fixture.onReceived = (socket, bytes) => {
      socket.send(Buffer.from(bytes));
      const { number } = fixture.edge.turn;
      if (socket.principal.identity === 'flooder') perTurn.set(number, (perTurn.get(number) ?? 0) + 1);
    };
    const [calm, flooder] = [await connect('calm'), await connect('flooder')];
    const ended = closeOf(flooder);
    rawSocket(flooder).write(
      Buffer.concat(Array.from({ length: 50_000 }, () => maskedFrame(0x82, Buffer.from('flood')))),
    );
    for (let i = 0; i < 5; i += 1) {
      calm.send(Buffer.from(`call ${i}`));
      t.equal(String((await once(calm, 'message'))[0]), `call ${i}`);
    }
    t.equal((await ended).code, 1006);
    t.ok(fixture.sockets[1]!.state.received.length < 50_000, 'the rest of what it sent was not delivered');
    t.equal(Math.max(...perTurn.values()), 50, 'the cut came with the first frame over the limit of a turn');
    t.equal(fixture.edge.disconnects[4129], 1);
  },
);

t.test('EDGE-21 over TLS too a slow reader is told of, and gets everything', async (t) => {
  const { fixture, connect } = await secured(t);
  const client = await connect('slow');
  const raw = rawSocket(client);
  raw.pause();
  const bytes = Buffer.alloc(100_000, 'x');
  const [socket] = fixture.sockets;
  let sent = 0;
  for (let result: number = SendOutcome.sent; result === SendOutcome.sent; sent++) result = socket!.send(bytes);
  t.equal(socket!.state.drained, 0);
  let received = 0;
  client.on('message', (message: Buffer) => {
    received += message.length;
  });
  raw.resume();
  await until('all has come', () => received === sent * bytes.length);
  await until('there is room again', () => socket!.state.drained > 0);
});

/** A listener behind the edge that records what it is asked; and what to ask the edge with. */
async function relayed(t: Test, answer: (path: string, body: string, response: ServerResponse) => void) {
  const asked: string[] = [];
  const behind = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push(`${request.headers.authorization} ${request.method} ${request.url} ${body}`.trim());
    answer(request.url ?? '', body, response);
  });
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  t.teardown(() => {
    behind.closeAllConnections();
    behind.close();
  });
  const relay: Relay = {
    routes: ['/demo/*'],
    admit: ({ authorization }) => (authorization === 'yes' ? null : refusal(401, 'unauthorised', 'no')),
    target: { host: '127.0.0.1', port: (behind.address() as AddressInfo).port },
    authorization: 'relay',
  };
  const fixture = await startFixture(t, { relay });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(fixture.http(path), { ...init, headers: { authorization: 'yes', ...init.headers } });
  return { asked, ask, behind };
}

t.test('EDGE-31 what is admitted is handed on with its query and body, and nothing else is', async (t) => {
  const { asked, ask } = await relayed(t, (_path, body, response) => {
    response.writeHead(201, { 'content-type': 'text/plain', 'x-secret': 'inside' }).end(`heard ${body}`);
  });
  const posted = await ask('/demo/flood?a=1', { method: 'POST', body: 'much' });
  t.match(posted, { status: 201 });
  t.equal(posted.headers.get('content-type'), 'text/plain');
  t.equal(posted.headers.get('x-secret'), null);
  t.equal(await posted.text(), 'heard much');
  t.equal((await ask('/demo/flood', { method: 'DELETE' })).status, 201);
  t.equal((await ask('/demo/flood', { headers: { authorization: 'no' } })).status, 401);
  t.equal((await ask('/elsewhere')).status, 404);
  t.equal((await ask('/demo/flood', { method: 'PUT' })).status, 405);
  t.equal((await ask('/demo/flood', { method: 'POST', body: 'x'.repeat(5000) })).status, 400, 'a body is bounded');
  t.strictSame(
    asked,
    ['relay POST /demo/flood?a=1 much', 'relay DELETE /demo/flood'],
    'as the relay, not as the visitor',
  );
});

t.test('EDGE-31 a stream is passed on as it comes; the end of either side is the end of the other', async (t) => {
  const ends: string[] = [];
  const { ask, behind } = await relayed(t, (path, _body, response) => {
    response.write('one\n');
    response.on('close', () => ends.push(path));
    if (path === '/demo/cut') setTimeout(() => response.destroy(), 20);
    if (path === '/demo/reset') setTimeout(() => response.socket?.resetAndDestroy(), 20);
  });
  const reader = (await ask('/demo/live')).body!.getReader();
  t.equal(Buffer.from((await reader.read()).value!).toString(), 'one\n');
  await reader.cancel();
  await until('the listener behind is told', () => ends.includes('/demo/live'));
  await t.rejects((await ask('/demo/cut')).text(), 'what is cut short does not look whole');
  await t.rejects((await ask('/demo/reset')).text(), 'nor what is reset');
  behind.closeAllConnections();
  behind.close();
  t.equal((await ask('/demo/live')).status, 503, 'nothing listens there any more');
});

t.test('EDGE-31 of what comes back no more waits than the reader is behind', async (t) => {
  const chunk = Buffer.alloc(65_536, 'a');
  const most = 2000;
  let written = 0;
  const { ask } = await relayed(t, (_path, _body, response) => {
    const write = () => {
      while (written < most) {
        written++;
        if (!response.write(chunk)) return void response.once('drain', write);
      }
      response.end();
    };
    write();
  });
  const response = await ask('/demo/much');
  const reader = response.body!.getReader();
  let before = -1;
  let still = 0;
  await until('it waits for the reader', () => {
    still = written === before && written > 0 ? still + 1 : 0;
    before = written;
    return still > 100;
  });
  t.ok(written < most, `${written} of ${most} chunks were taken from the listener behind`);
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
  t.equal(bytes, most * chunk.length, 'and then everything comes');
});
