import { once } from 'node:events';
import t from 'tap';
import { SendOutcome } from './edge-socket.ts';
import { accessToken, closeOf, maskedFrame, open, rawSocket, startFixture, until } from './fixtures/edge-fixture.ts';

t.test('EDGE-15 a message of the other type ends the session with 4001', async (t) => {
  const fixture = await startFixture(t);
  const binary = await open(t, fixture);
  binary.send('text');
  t.same(await closeOf(binary), { code: 4001, reason: 'expected binary messages on sluice.v1.protobuf' });
  const text = await open(t, fixture, { json: true });
  text.send(Buffer.from('{}'));
  t.same(await closeOf(text), { code: 4001, reason: 'expected text messages on sluice.v1.json' });
  t.same(
    fixture.sockets.map((socket) => socket.state.received),
    [[], []],
  );
});

t.test(
  'EDGE-16 a frame over the size limit, and text that is no UTF-8, end the connection and nothing else',
  async (t) => {
    const fixture = await startFixture(t, { maxFrameBytes: 65_536 });
    const calm = await open(t, fixture);
    const big = await open(t, fixture);
    big.on('error', () => undefined);
    big.send(Buffer.alloc(10_000_000));
    t.equal((await closeOf(big)).code, 1006);
    const invalid = await open(t, fixture, { json: true });
    rawSocket(invalid).write(maskedFrame(0x81, Buffer.from([0x7b, 0xff, 0xfe])));
    t.equal((await closeOf(invalid)).code, 1006);
    const reserved = await open(t, fixture);
    rawSocket(reserved).write(maskedFrame(0xf2, Buffer.from('x')));
    t.equal((await closeOf(reserved)).code, 1006);
    t.same({ ...fixture.edge.disconnects }, { 4009: 1, 4001: 2 }, 'counted as what they were');
    calm.send(Buffer.from('still here'));
    await until('it arrived', () => fixture.sockets[0]?.state.received[0] === 'still here');
  },
);

t.test('EDGE-16 half a frame and then nothing is a close, not a message', async (t) => {
  const fixture = await startFixture(t);
  const client = await open(t, fixture);
  rawSocket(client).write(maskedFrame(0x82, Buffer.from('hello world')).subarray(0, 9));
  await new Promise((resolve) => setTimeout(resolve, 50));
  rawSocket(client).destroy();
  await until('the gateway saw it', () => fixture.sockets[0]?.state.closed === 1006);
  t.same(fixture.sockets[0]?.state.received, []);
  t.equal(fixture.edge.sockets, 0);
});

t.test('EDGE-17 every call after the end is a no-op, and the index is used again', async (t) => {
  const fixture = await startFixture(t);
  for (const end of ['disconnect', 'cut'] as const) {
    const client = await open(t, fixture);
    const socket = fixture.sockets.at(-1)!;
    const gone = closeOf(client);
    socket[end](4006);
    t.equal(socket.state.closed, 4006, 'closed ran before the call returned');
    t.notOk(socket.open);
    socket[end](4001);
    socket.cut(4129, 60_000);
    socket.disconnect(4001);
    t.equal(socket.send(Buffer.from('x')), SendOutcome.lost);
    socket.cork(() => t.fail('nothing to write to'));
    t.equal(socket.bufferedBytes(), 0);
    t.equal((await gone).code, end === 'cut' ? 1006 : 4006);
  }
  t.same(
    fixture.sockets.map((socket) => socket.index),
    [0, 0],
  );
  t.same({ ...fixture.edge.disconnects }, { 4006: 2 });
  await open(t, fixture);
  await open(t, fixture);
  t.same(
    fixture.sockets.slice(2).map((socket) => socket.index),
    [0, 1],
    'open sockets have different ones',
  );
});

t.test('EDGE-17 a socket may be ended from inside received, corked or not', async (t) => {
  const fixture = await startFixture(t);
  fixture.onReceived = (socket) => {
    socket.cork(() => {
      socket.send(Buffer.from('last words'));
      socket.disconnect(4005, 'r'.repeat(200));
    });
  };
  const client = await open(t, fixture);
  const ended = closeOf(client);
  rawSocket(client).write(Buffer.concat([maskedFrame(0x82, Buffer.from('1')), maskedFrame(0x82, Buffer.from('2'))]));
  const [message] = await once(client, 'message');
  t.equal(`${message}`, 'last words');
  t.same(await ended, { code: 4005, reason: 'r'.repeat(123) });
  t.same(fixture.sockets[0]?.state.received, ['1']);
});

t.test('EDGE-18 a session takes over a fresh access token of the same identity only', async (t) => {
  const fixture = await startFixture(t);
  const client = await open(t, fixture, { jwt: await accessToken({ room: 'r' }) });
  const socket = fixture.sockets[0]!;
  const before = socket.principal;
  for (const [jwt, says] of [
    [await accessToken({ room: 'r', identity: 'bob' }), /another identity/],
    [await accessToken({ room: 'r', kind: 'agent' }), /of kind agent/],
    [await accessToken({ room: 'q' }), /another room/],
    [await accessToken({ room: 'r', grants: { roomJoin: false } }), /roomJoin/],
    [await accessToken({ room: 'r', ttlSeconds: -60 }), /expired/],
    ['rubbish', /not a signed JWT/],
  ] as const) {
    t.match(await socket.renew(jwt), says);
    t.equal(socket.principal, before, 'and keeps the one it had');
  }
  t.equal(await socket.renew(await accessToken({ room: 'r', name: 'Ann II', ttlSeconds: 7200 })), null);
  t.equal(socket.principal.name, 'Ann II');
  client.terminate();
});

t.test('EDGE-19 a session whose access token ran out is ended with 4003 unless it was renewed', async (t) => {
  const fixture = await startFixture(t);
  const jwt = await accessToken({ ttlSeconds: -6 });
  const expiring = await open(t, fixture, { jwt });
  const renewed = await open(t, fixture, { jwt });
  t.equal(await fixture.sockets[1]!.renew(await accessToken()), null);
  t.same(await closeOf(expiring), { code: 4003, reason: 'the access token expired' });
  t.ok(fixture.sockets[1]?.open);
  renewed.terminate();
});

t.test('EDGE-21 send says what became of a message, and drained when there is room again', async (t) => {
  const fixture = await startFixture(t);
  const client = await open(t, fixture);
  const socket = fixture.sockets[0]!;
  t.equal(socket.send(Buffer.from('small')), SendOutcome.sent);
  await once(client, 'message');
  client.pause();
  const outcomes: SendOutcome[] = [];
  const piece = Buffer.alloc(1_000_000);
  while (outcomes.at(-1) !== SendOutcome.lost && outcomes.length < 200) outcomes.push(socket.send(piece));
  t.equal(outcomes.at(-1), SendOutcome.lost, 'in the end a message is lost, and the plane is told');
  t.ok(outcomes.includes(SendOutcome.buffered));
  t.ok(socket.bufferedBytes() > 0);
  t.equal(socket.state.drained, 0);
  client.resume();
  await until('it drained', () => socket.state.drained > 0 && socket.bufferedBytes() === 0);
  t.equal(socket.send(Buffer.from('again')), SendOutcome.sent);
});

t.test('EDGE-21 messages go out as text for JSON sockets and as binary for the others', async (t) => {
  const fixture = await startFixture(t);
  for (const json of [true, false]) {
    const client = await open(t, fixture, { json });
    const socket = fixture.sockets.at(-1)!;
    for (const message of ['words', Buffer.from('words')]) {
      const arrived = once(client, 'message');
      socket.send(message);
      const [data, isBinary] = await arrived;
      t.equal(`${data}`, 'words');
      t.equal(isBinary, !json);
    }
  }
});

t.test('EDGE-25 a silent peer is pinged, and ended as idle when it does not answer', async (t) => {
  const fixture = await startFixture(t, { heartbeatMs: 1000 });
  const answering = await open(t, fixture);
  const silent = await open(t, fixture);
  let pings = 0;
  answering.on('ping', () => {
    pings += 1;
  });
  rawSocket(silent).pause();
  await until('the silent one is gone', () => fixture.sockets[1]?.state.closed !== null);
  t.equal(fixture.sockets[1]?.state.closed, 4110);
  t.ok(pings > 0);
  t.ok(fixture.sockets[0]?.open, 'who answers pings stays');
});

t.test('EDGE-28 stop ends every socket and tells the plane of each', async (t) => {
  const fixture = await startFixture(t);
  const client = await open(t, fixture);
  const ended = closeOf(client);
  fixture.edge.stop();
  t.equal((await ended).code, 1006);
  t.equal(fixture.sockets[0]?.state.closed, 1006);
  t.equal(fixture.edge.sockets, 0);
});
