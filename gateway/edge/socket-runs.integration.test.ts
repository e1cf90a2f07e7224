/** Sockets that send too much in one turn, or break the protocol again and again. */
import { once } from 'node:events';
import t from 'tap';
import {
  accessToken,
  closeOf,
  maskedFrame,
  open,
  rawSocket,
  shake,
  startFixture,
  until,
} from './fixtures/edge-fixture.ts';

t.test('EDGE-13 a flooder is cut inside the callback while another socket is still answered', async (t) => {
  const fixture = await startFixture(t, { runFrames: 50 });
  const perTurn = new Map<number, number>();
  fixture.onReceived = (socket, bytes) => {
    socket.send(Buffer.from(bytes));
    const { number } = fixture.edge.turn;
    if (socket.principal.identity === 'flooder') perTurn.set(number, (perTurn.get(number) ?? 0) + 1);
  };
  const calm = await open(t, fixture, { jwt: await accessToken({ identity: 'calm' }) });
  const flooder = await open(t, fixture, { jwt: await accessToken({ identity: 'flooder' }) });
  const chunk = Buffer.concat(Array.from({ length: 5000 }, () => maskedFrame(0x82, Buffer.from('flood'))));
  const ended = closeOf(flooder);
  rawSocket(flooder).write(chunk);
  for (let i = 0; i < 5; i += 1) {
    calm.send(Buffer.from(`call ${i}`));
    const [answer] = await once(calm, 'message');
    t.equal(`${answer}`, `call ${i}`);
  }
  t.equal((await ended).code, 1006);
  const [calmSocket, floodSocket] = fixture.sockets;
  t.equal(floodSocket?.state.closed, 4129);
  t.ok(floodSocket!.state.received.length < 5000, 'the rest of what it sent was not delivered');
  t.equal(Math.max(...perTurn.values()), 50, 'the cut came with the first frame over the limit of a turn');
  t.equal(calmSocket?.state.received.length, 5);
  t.equal(fixture.edge.disconnects[4129], 1);
});

t.test('EDGE-13 bytes count as well as frames', async (t) => {
  const fixture = await startFixture(t, { runBytes: 1000, runFrames: 1000 });
  const client = await open(t, fixture);
  rawSocket(client).write(Buffer.concat(Array.from({ length: 11 }, () => maskedFrame(0x82, Buffer.alloc(100)))));
  t.equal((await closeOf(client)).code, 1006);
  t.equal(fixture.sockets[0]?.state.received.length, 10);
  t.equal(fixture.sockets[0]?.state.closed, 4129);
});

t.test('EDGE-13 a run is counted anew in every turn', async (t) => {
  const fixture = await startFixture(t, { runFrames: 3 });
  const client = await open(t, fixture);
  for (let i = 0; i < 20; i += 1) {
    client.send(Buffer.from('x'));
    await until('it arrived', () => fixture.sockets[0]?.state.received.length === i + 1);
  }
  t.ok(fixture.sockets[0]?.open);
  const { number } = fixture.edge.turn;
  t.ok(number >= 20, 'and every turn has its number');
});

t.test('EDGE-23 pings and pongs count towards the run', async (t) => {
  const fixture = await startFixture(t, { runFrames: 20 });
  for (const firstByte of [0x89, 0x8a]) {
    const client = await open(t, fixture, { jwt: await accessToken({ identity: `of ${firstByte}` }) });
    rawSocket(client).write(Buffer.concat(Array.from({ length: 500 }, () => maskedFrame(firstByte, Buffer.from('p')))));
    t.equal((await closeOf(client)).code, 1006);
    t.equal(fixture.sockets.at(-1)?.state.closed, 4129);
  }
});

t.test('EDGE-14 the identity of a cut socket is refused at the handshake until its penalty ends', async (t) => {
  const penaltyMs = 1500;
  const fixture = await startFixture(t, { runFrames: 10, penaltyMs });
  const rude = await accessToken({ identity: 'rude' });
  const client = await open(t, fixture, { jwt: rude });
  rawSocket(client).write(Buffer.concat(Array.from({ length: 100 }, () => maskedFrame(0x82, Buffer.from('x')))));
  await closeOf(client);
  const cutAtMs = performance.now();
  const refused = await shake(fixture, { jwt: rude });
  const probe = await fetch(fixture.http(), { headers: { authorization: `Bearer ${rude}` } });
  if (performance.now() - cutAtMs < penaltyMs / 2) {
    t.match(refused, { status: 429, body: /"reason":"penalised"/, headers: { 'retry-after': /[12]/ } });
    t.equal(probe.status, 429);
  }
  t.equal((await shake(fixture, { jwt: await accessToken({ identity: 'polite' }) })).status, 101, 'others are not');
  await new Promise((resolve) => setTimeout(resolve, penaltyMs + 100));
  t.equal((await shake(fixture, { jwt: rude })).status, 101, 'and afterwards it may come again');
});

t.test('EDGE-13 after a cut no more of what was already read is delivered', async (t) => {
  const fixture = await startFixture(t);
  fixture.onReceived = (socket) => {
    if (socket.state.received.length === 3) socket.cut(4129);
  };
  const client = await open(t, fixture);
  rawSocket(client).write(Buffer.concat(Array.from({ length: 100 }, () => maskedFrame(0x82, Buffer.from('x')))));
  t.equal((await closeOf(client)).code, 1006);
  t.equal(fixture.sockets[0]?.state.received.length, 3);
});

t.test('EDGE-22 an address that breaks the protocol again and again is cut instead of ended', async (t) => {
  const fixture = await startFixture(t);
  const codes: number[] = [];
  for (let i = 0; i < 12; i += 1) {
    const client = await open(t, fixture);
    client.send('text');
    codes.push((await closeOf(client)).code);
  }
  t.same(codes, [...Array<number>(8).fill(4001), ...Array<number>(4).fill(1006)]);
  t.equal(fixture.edge.disconnects[4001], 12, 'counted as what it was');
});
