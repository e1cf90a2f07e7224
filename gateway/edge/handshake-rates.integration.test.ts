/** How many handshakes, and how many sockets, an address, a tenant and a gateway get. */
import { once } from 'node:events';
import t from 'tap';
import {
  accessToken,
  exchange,
  open,
  SECRET,
  shake,
  startFixture,
  TENANT,
  until,
  upgradeLines,
} from './fixtures/edge-fixture.ts';

t.test('EDGE-8 an address over its allowance gets 429 with Retry-After before its token is looked at', async (t) => {
  const fixture = await startFixture(t, { trustedProxies: ['127.0.0.1'], handshakesPerSecondPerAddress: 3 });
  const headers = { 'x-forwarded-for': '203.0.113.5' };
  const statuses: number[] = [];
  let last = await shake(fixture, { jwt: 'rubbish', headers });
  while (last.status === 401 && statuses.length < 30) {
    statuses.push(last.status);
    last = await shake(fixture, { jwt: 'rubbish', headers });
  }
  t.ok(statuses.length >= 3, 'within its allowance the token is looked at');
  t.match(last, {
    status: 429,
    body: /"reason":"limited".*203\.0\.113\.5.*retryAfterMs/,
    headers: { 'retry-after': '1' },
  });
  t.equal(
    (await shake(fixture, { jwt: await accessToken(), headers: { 'x-forwarded-for': '203.0.113.6' } })).status,
    101,
  );
});

t.test('EDGE-9 a tenant over its allowance gets 429, another tenant does not', async (t) => {
  const fixture = await startFixture(t, {
    keys: { testkey: { tenants: [TENANT, 'globex'], algorithm: 'HS256', secret: SECRET } },
    handshakesPerSecondPerTenant: 2,
  });
  const jwt = await accessToken({ tenant: TENANT });
  let accepted = 0;
  let last = await shake(fixture, { jwt });
  while (last.status === 101 && accepted < 30) {
    accepted += 1;
    last.client?.terminate();
    last = await shake(fixture, { jwt });
  }
  t.ok(accepted >= 2);
  t.match(last, { status: 429, body: /this tenant makes too many handshakes/ });
  t.equal((await shake(fixture, { jwt: await accessToken({ tenant: 'globex' }) })).status, 101);
});

t.test('EDGE-11 far over its allowance an address is closed unanswered, pipelined requests too', async (t) => {
  const fixture = await startFixture(t, { trustedProxies: ['127.0.0.1'], handshakesPerSecondPerAddress: 5 });
  const request = 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n';
  const answers = await exchange(fixture.edge.port, request.repeat(500));
  const answered = answers.split('HTTP/1.1 200').length - 1;
  t.ok(answered <= 20, `${answered} of 500 answered, in at most two seconds`);
  t.equal((await fetch(fixture.http('/healthz'))).status, 200, 'other addresses are answered');
});

t.test('EDGE-12 X-Forwarded-For counts only from a trusted proxy, and only what the proxy wrote', async (t) => {
  const jwt = await accessToken();
  const direct = await startFixture(t);
  await open(t, direct, { jwt, headers: { 'x-forwarded-for': '203.0.113.5' } });
  t.equal(direct.sockets[0]?.address, '127.0.0.1');
  const proxied = await startFixture(t, { trustedProxies: ['127.0.0.0/8'] });
  await open(t, proxied, { jwt, headers: { 'x-forwarded-for': '1.1.1.1, 203.0.113.5' } });
  t.equal(proxied.sockets[0]?.address, '203.0.113.5');
  const twoLines = upgradeLines(jwt, 'X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 203.0.113.6');
  t.match(await exchange(proxied.edge.port, twoLines), /^HTTP\/1\.1 101/);
  t.equal(
    proxied.sockets[1]?.address,
    '203.0.113.6',
    'a line the client wrote itself stands first and is not believed',
  );
});

t.test('EDGE-12 PROXY v2 is believed from a trusted proxy when it is switched on', async (t) => {
  const header = Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
    Buffer.from([0x21, 0x11, 0, 12, 203, 0, 113, 8, 127, 0, 0, 1, 0x30, 0x39, 0x1d, 0x38]),
  ]);
  const bytes = Buffer.concat([header, Buffer.from(upgradeLines(await accessToken()))]);
  const on = await startFixture(t, { trustedProxies: ['127.0.0.1'], proxyProtocol: true });
  t.match(await exchange(on.edge.port, bytes), /^HTTP\/1\.1 101/);
  t.equal(on.sockets[0]?.address, '203.0.113.8');
  const untrusted = await startFixture(t, { trustedProxies: ['10.0.0.0/8'], proxyProtocol: true });
  await exchange(untrusted.edge.port, bytes);
  t.equal(untrusted.sockets[0]?.address, '127.0.0.1');
  await t.rejects(startFixture(t, { proxyProtocol: true }), { message: /proxyProtocol: name the proxies/ });
});

t.test('EDGE-20 a full gateway answers 503 with Retry-After until a socket closes', async (t) => {
  const fixture = await startFixture(t, { maxSockets: 2 });
  const jwt = await accessToken();
  const first = await open(t, fixture, { jwt });
  await open(t, fixture, { jwt });
  t.match(await shake(fixture, { jwt }), { status: 503, body: /"reason":"full"/, headers: { 'retry-after': '2' } });
  first.close();
  await until('a socket is free', () => fixture.edge.sockets === 1);
  await open(t, fixture, { jwt });
  t.same(fixture.edge.handshakes, { accepted: 3, full: 1 });
});

t.test('EDGE-20 many handshakes at once never exceed maxSockets', async (t) => {
  const fixture = await startFixture(t, { maxSockets: 5 });
  const jwt = await accessToken();
  const shaken = await Promise.all(Array.from({ length: 30 }, () => shake(fixture, { jwt })));
  t.equal(shaken.filter(({ status }) => status === 101).length, 5);
  t.equal(shaken.filter(({ status }) => status === 503).length, 25);
  for (const { client } of shaken) client?.terminate();
});

t.test('EDGE-20 a draining gateway answers 503 and is not ready, but alive', async (t) => {
  const fixture = await startFixture(t, { health: () => ({ ready: true, reasons: [] }) });
  const jwt = await accessToken();
  const open1 = await open(t, fixture, { jwt });
  t.same(await (await fetch(fixture.http('/readyz'))).json(), { ready: true, reasons: [] });
  fixture.edge.refuse('draining');
  t.match(await shake(fixture, { jwt }), { status: 503, body: /"reason":"draining"/ });
  t.equal((await fetch(fixture.http('/healthz'))).status, 200);
  const readyz = await fetch(fixture.http('/readyz'));
  t.equal(readyz.status, 503);
  t.same(await readyz.json(), { ready: false, reasons: ['draining'] });
  let visited = 0;
  fixture.edge.forEach((socket) => {
    visited += 1;
    socket.disconnect(4200);
  });
  t.equal(visited, 1);
  const [code] = await once(open1, 'close');
  t.equal(code, 4200);
  fixture.edge.refuse(null);
  await open(t, fixture, { jwt });
});
