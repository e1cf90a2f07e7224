import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { accessToken, maskedFrame, open, shake, startFixture, until, upgradeLines } from './fixtures/edge-fixture.ts';

t.test('EDGE-1 a taken port is refused with a line that names it, and shared only when asked for', async (t) => {
  const { edge } = await startFixture(t);
  const listener = { host: '127.0.0.1', port: edge.port };
  await t.rejects(startFixture(t, { listener }), {
    message: new RegExp(`^/v1/\\S+ cannot listen on 127\\.0\\.0\\.1:${edge.port}: it is taken`),
  });
  edge.stop();
  const shared = await startFixture(t, { listener, sharedPort: true });
  const sharing = await startFixture(t, { listener, sharedPort: true });
  t.same([shared.edge.port, sharing.edge.port], [edge.port, edge.port], 'after stop the port is free');
  await t.rejects(startFixture(t, { listener }), { message: /is taken/ }, 'nobody joins who did not ask to share');
});

t.test('EDGE-2 the first known subprotocol offered is taken; without one the answer is 400', async (t) => {
  const fixture = await startFixture(t);
  const jwt = await accessToken();
  for (const [offered, taken] of [
    [['sluice.v1.json'], 'sluice.v1.json'],
    [['sluice.v1.protobuf', 'sluice.v1.json'], 'sluice.v1.protobuf'],
    [['unknown', 'sluice.v1.json', 'sluice.v1.protobuf'], 'sluice.v1.json'],
  ] as const) {
    const client = await open(t, fixture, { jwt, subprotocols: offered });
    t.equal(client.protocol, taken);
    t.equal(fixture.sockets.at(-1)?.json, taken === 'sluice.v1.json');
  }
  for (const subprotocols of [[], ['sluice.v2.json']]) {
    const refused = await shake(fixture, { jwt, subprotocols });
    t.match(refused, {
      status: 400,
      body: /"reason":"malformed".*expected Sec-WebSocket-Protocol to offer sluice\.v1/,
    });
  }
});

t.test('EDGE-3 the access token comes as header, query or subprotocol, and is neither echoed nor kept', async (t) => {
  const fixture = await startFixture(t);
  const jwt = await accessToken();
  const subprotocols = ['sluice.v1.json'];
  const header = await shake(fixture, { jwt, subprotocols, query: '?a=1' });
  const query = await shake(fixture, { subprotocols, query: `?a=1&access_token=${jwt}&b=2` });
  const extra = await shake(fixture, { subprotocols: [`bearer.${jwt}`, ...subprotocols] });
  for (const shaken of [header, query, extra]) {
    t.equal(shaken.status, 101);
    t.equal(shaken.client?.protocol, 'sluice.v1.json');
    shaken.client?.terminate();
  }
  t.same(
    fixture.sockets.map((socket) => socket.query),
    ['a=1', 'a=1&b=2', ''],
  );
  t.equal(fixture.sockets[0]?.host, `127.0.0.1:${fixture.edge.port}`);
  t.match(await shake(fixture), { status: 401, body: /expected an access token/ });
});

t.test('EDGE-4 EDGE-6 upgrade and probe refuse bad access tokens with the same status and sentence', async (t) => {
  const fixture = await startFixture(t);
  const cases = [
    { jwt: await accessToken({ ttlSeconds: -34 }), status: 401, says: /expired 3\d s ago/ },
    { jwt: await accessToken({ secret: 'forged' }), status: 401, says: /signature/ },
    { jwt: await accessToken({ apiKey: 'nobody' }), status: 401, says: /unknown API key \\"nobody\\"/ },
    { jwt: await accessToken({ tenant: 'globex' }), status: 403, says: /tenant \\"globex\\"/ },
    { jwt: await accessToken({ grants: { roomJoin: false } }), status: 403, says: /roomJoin/ },
    { jwt: 'rubbish', status: 401, says: /not a signed JWT/ },
  ];
  for (const { jwt, status, says } of cases) {
    const upgrade = await shake(fixture, { jwt });
    t.match(upgrade, { status, body: says });
    const probe = await fetch(fixture.http(), { headers: { authorization: `Bearer ${jwt}` } });
    t.equal(probe.status, status);
    t.equal(upgrade.client === null && upgrade.body, await probe.text());
  }
  const fine = await fetch(fixture.http(), { headers: { authorization: `Bearer ${await accessToken()}` } });
  t.equal(fine.status, 200);
  t.match(await fine.json(), { reason: 'ok' });
  t.same(fixture.edge.handshakes, { unauthorised: 4, forbidden: 2 }, 'probes are not counted as handshakes');
});

t.test('EDGE-6 what the plane says in admit is answered', async (t) => {
  const fixture = await startFixture(t, {
    admit: (principal, query) =>
      query.get('room') === 'closed'
        ? { status: 403, reason: 'forbidden', message: `not you, ${principal.identity}` }
        : null,
  });
  const jwt = await accessToken();
  t.match(await shake(fixture, { jwt, query: '?room=closed' }), { status: 403, body: /not you, ann/ });
  await open(t, fixture, { jwt, query: '?room=open' });
});

t.test('EDGE-7 listed origins may connect and read answers, others may not, programs always may', async (t) => {
  const fixture = await startFixture(t);
  const jwt = await accessToken();
  const listed = { origin: 'https://app.example' };
  const other = { origin: 'https://evil.example' };
  t.equal((await shake(fixture, { jwt })).status, 101);
  t.equal((await shake(fixture, { jwt, headers: listed })).status, 101);
  t.match(await shake(fixture, { jwt, headers: other }), { status: 403, body: /origin/ });
  const readable = await fetch(fixture.http(), { headers: listed });
  t.equal(readable.status, 401);
  t.equal(readable.headers.get('access-control-allow-origin'), 'https://app.example');
  t.match(readable.headers.get('access-control-expose-headers'), 'Retry-After');
  const unreadable = await fetch(fixture.http(), { headers: other });
  t.equal(unreadable.headers.get('access-control-allow-origin'), null);
  const preflight = await fetch(fixture.http(), { method: 'OPTIONS', headers: listed });
  t.equal(preflight.status, 204);
  t.match(preflight.headers.get('access-control-allow-headers'), 'Authorization');
  t.equal((await fetch(fixture.http(), { method: 'OPTIONS', headers: other })).status, 403);
});

t.test('EDGE-24 an access token of 12 KB fits into the header', async (t) => {
  const fixture = await startFixture(t);
  const classes = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(150, 'c'));
  const jwt = await accessToken({ classes });
  t.ok(jwt.length > 12_000);
  const client = await open(t, fixture, { jwt });
  t.equal(client.protocol, 'sluice.v1.protobuf');
});

t.test('EDGE-26 pages are served where there are any; all else is 404 or 405 in JSON', async (t) => {
  const fixture = await startFixture(t, {
    pages: (path) => (path === '/' ? { status: 200, type: 'text/html', body: '<p>hello</p>' } : null),
  });
  const page = await fetch(fixture.http('/'));
  t.equal(page.headers.get('content-type'), 'text/html');
  t.equal(await page.text(), '<p>hello</p>');
  t.match(await (await fetch(fixture.http('/else'))).json(), { reason: 'notFound', message: /\/v1\/signal/ });
  t.equal((await fetch(fixture.http(), { method: 'POST' })).status, 405);
});

t.test('EDGE-27 clients that go away during their handshake leave nothing behind', async (t) => {
  const fixture = await startFixture(t);
  const lines = upgradeLines(await accessToken());
  const { handshakes } = fixture.edge;
  const finished = (): number => (handshakes.accepted ?? 0) + (handshakes.aborted ?? 0);
  for (let i = 0; i < 20; i += 1) {
    const socket = connect(fixture.edge.port, '127.0.0.1');
    socket.on('error', () => undefined);
    // Reset from soon after the request is sent to when it is surely being looked at.
    socket.write(lines, () => setTimeout(() => socket.resetAndDestroy(), i % 4));
    await once(socket, 'close');
  }
  await until('the gateway saw some of them', () => finished() > 0);
  await until('no socket is left', () => fixture.edge.sockets === 0);
  await open(t, fixture);
  t.ok(finished() <= 21, 'each is counted once');
});

t.test('EDGE-29 every accepted socket stays open until somebody ends it', async (t) => {
  const fixture = await startFixture(t);
  const jwt = await accessToken();
  fixture.onReceived = (socket, bytes) => void socket.send(Buffer.from(bytes));
  // With this header, uWebSockets.js closes every socket that is upgraded within res.cork; without it, only some.
  const lines = upgradeLines(jwt).replace('Connection: Upgrade', 'Connection: close');
  const socket = connect(fixture.edge.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.write(lines);
  await until('it was accepted', () => fixture.sockets.length === 1);
  socket.write(maskedFrame(0x82, Buffer.from('still there?')));
  await until('it was answered or closed', () => heard.includes('still there?') || !fixture.sockets[0]?.open);
  t.match(heard, /^HTTP\/1\.1 101/);
  t.ok(fixture.sockets[0]?.open);
  t.same({ ...fixture.edge.disconnects }, {});
});
