import { readFileSync } from 'node:fs';
import t from 'tap';
import { encodeBinaryFrame } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { ControlPlane } from './control-plane.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';

const mute = (id: number): Frame => ({ kind: Kind.mute, mute: { id, track: '0' } });
const ping = (id: number): Frame => ({ kind: Kind.ping, ping: { id } });

function count(plane: ControlPlane, className: string, outcome: keyof typeof Outcome): number {
  const snapshot = plane.snapshot();
  return snapshot.outcomes[snapshot.classes.indexOf(className)]![Outcome[outcome]!]!;
}

for (const json of [false, true]) {
  t.test(
    `CTRL-28 requests over the rate are refused, told once in a while (${json ? 'JSON' : 'protobuf'})`,
    async (t) => {
      const { plane, join } = await controlUnderTest(t);
      const ann = await join('ann', 'room', [], json);
      for (let id = 1000; id < 1200; id++) ann.send(mute(id));
      await until(() => ann.of('ok').length + count(plane, 'call-control', 'rejected_session') === 200, 'all of them');
      const refused = count(plane, 'call-control', 'rejected_session');
      t.ok(refused > 50, `${refused} were refused`);
      t.equal(ann.of('error').length, 1, 'one is answered');
      t.match(ann.of('error')[0], { error: { code: 429, reason: 'over_rate' } });
      t.ok(ann.of('error')[0]!.error!.retryAfterMs! > 0);
      t.equal(ann.of('throttled').length, 1);
      t.match(ann.of('throttled')[0], { throttled: { class: 'call-control' } });
      t.match(
        await ann.ask({ kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } }),
        { answer: {} },
        'another class is not touched',
      );
      await conserved(t, plane);
    },
  );
}

t.test('CTRL-28 pings over the rate are dropped without a word', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const ann = await join('ann');
  for (let id = 1000; id < 1200; id++) ann.send(ping(id));
  await until(() => ann.of('pong').length + count(plane, 'call-control', 'rejected_session') === 200, 'all of them');
  t.ok(count(plane, 'call-control', 'rejected_session') > 50);
  t.equal(ann.of('error').length + ann.of('throttled').length, 0);
  await conserved(t, plane);
});

t.test('CTRL-29 a flood is cut and its identity penalised; the others’ calls are set up all the same', async (t) => {
  const { plane, sfu, open, join } = await controlUnderTest(t, {
    limits: { signalRunFrames: 1_000_000, signalRunBytes: 2 ** 30 },
  });
  const floods: Record<string, Frame> = {
    pings: ping(1),
    candidates: { kind: Kind.candidate, candidate: { id: 1, connection: 'publish', candidate: 'c' } },
    mutes: mute(1),
  };
  for (const [name, frame] of Object.entries(floods)) {
    const rude = await join(name);
    const bytes = encodeBinaryFrame(frame);
    for (let index = 0; index < 3000 && rude.socket.readyState === 1; index++) rude.socket.send(bytes);
    t.equal((await rude.closed).code, 1006, name);
    await t.rejects(open(name), `${name} may not come back at once`);
  }
  t.equal(plane.snapshot().disconnects[4129], 3);
  await until(() => sfu.of('close').length === 3, 'the node to be told that their sessions are over');
  const ann = await join('ann');
  t.match(await ann.ask({ kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } }), { answer: {} });
  await conserved(t, plane);
});

t.test('CTRL-30 what breaks the protocol ends the socket with its code, and nothing else', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const bad: Record<string, { data: Uint8Array; code: number }> = {
    'no frame': { data: Buffer.from('hello'), code: 4001 },
    'an empty message': { data: Buffer.alloc(0), code: 4001 },
    'an unknown kind': { data: Buffer.from([8, 99, 0x9a, 6, 0]), code: 4001 },
    'a kind of the gateway': { data: Buffer.from([8, 16, 0x82, 2, 0]), code: 4001 },
    'a kind of the other socket': { data: Buffer.from([8, 32, 0x82, 3, 0]), code: 4001 },
    'a kind said twice': { data: Buffer.from([8, 15, 8, 15, 0xfa, 1, 0]), code: 4001 },
    'a join that says ping': { data: Buffer.from([8, 15, 0x8a, 1, 0]), code: 4004 },
  };
  for (const [name, { data, code }] of Object.entries(bad)) {
    const client = await join(`p ${name}`);
    client.socket.send(data);
    t.equal((await client.closed).code, code, name);
  }
  const fine = await join('ann');
  t.match(await fine.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  await conserved(t, plane);
});

t.test('CTRL-30 what is not the JSON it should be is told so, then ends the socket', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const texts = [
    '{}',
    '{"id":1,"kind":"ping"}',
    '{"kind":"pong","id":1,"sentMs":0}',
    '{"kind":"ping","id":"1","sentMs":0}',
    '{"kind":"ping"',
  ];
  for (const text of texts) {
    const client = await join(`j ${text}`, 'room', [], true);
    client.socket.send(text);
    t.match(await client.when('error'), { error: { code: 400 } });
    t.equal((await client.closed).code, 4001, text);
  }
  const fine = await join('ann');
  t.match(await fine.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  await conserved(t, plane);
});

t.test('CTRL-31 a drain refuses newcomers, tells everyone to go, and ends with 4200', async (t) => {
  const { plane, open, join } = await controlUnderTest(t, { drainMs: 400 });
  const ann = await join('ann');
  const ben = await join('ben');
  const drained = plane.drain();
  t.match(await ann.when('goaway'), { goaway: { reason: 'draining' } });
  t.ok((await ben.when('goaway')).goaway!.reconnectAfterMs! <= 400);
  await t.rejects(open('cat'));
  ben.close();
  await drained;
  t.equal((await ann.closed).code, 4200);
  t.equal((await ben.closed).code, 1000);
  await conserved(t, plane);
});

t.test('CTRL-32 an access token is renewed on the socket, by the same identity only', async (t) => {
  const { accessToken } = await import('./fixtures/signal-client.ts');
  const { plane, join } = await controlUnderTest(t);
  const ann = await join('ann');
  const offer: Frame = { kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } };
  t.match(await ann.ask(offer), { answer: {} });
  const renewal = async (claims: Parameters<typeof accessToken>[0]): Promise<Frame> =>
    ann.ask({
      kind: Kind.accessToken,
      accessToken: { jwt: await accessToken({ sluice: { tenant: 'acme' }, ...claims }) },
    });
  t.match(await renewal({ sub: 'ben' }), { error: { code: 401, reason: 'unauthorised' } });
  t.match(await renewal({ sub: 'ann', video: { canPublish: false } }), { ok: {} });
  t.match(await ann.ask(offer), { error: { code: 403, reason: 'no_right' } }, 'the new rights count');
  await conserved(t, plane);
});

t.test('CTRL-33 stats are taken without a reply', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const ann = await join('ann');
  ann.send({ kind: Kind.stats, stats: { rttMs: 12, lossRatio: 0.5 } });
  const before = ann.frames.length;
  t.match(await ann.ask(ping(0)), { pong: {} });
  t.equal(ann.frames.length, before + 1);
  t.equal(count(plane, 'call-control', 'delivered'), 2);
  await conserved(t, plane);
});

t.test('CTRL-40 answered, refused, misdirected and broken frames each end once', async (t) => {
  const { plane, join, open } = await controlUnderTest(t);
  const ann = await join('ann');
  await ann.ask({ kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } });
  for (let id = 1000; id < 1200; id++) ann.send(ping(id));
  ann.send(mute(2000));
  await ann.ask({ kind: Kind.offer, offer: { connection: 'peer:nobody', sdp: 'x' } });
  const bob = await open({ sub: 'bob' });
  bob.socket.send(Uint8Array.of(0xff, 0x00));
  await until(() => count(plane, 'unclassified', 'malformed') === 1, 'the broken frame');
  const snapshot = plane.snapshot();
  const ended = snapshot.outcomes.flat().reduce((sum, frames) => sum + frames, 0);
  const offered = snapshot.offered.reduce((sum, frames) => sum + frames, 0);
  const queued = snapshot.queued.reduce((sum, frames) => sum + frames, 0);
  t.ok(offered >= 204, `${offered} were offered`);
  t.equal(ended + queued, offered);
  await conserved(t, plane);
});

t.test('CTRL-41 who floods before joining is cut after a few frames, with any kind', async (t) => {
  const { plane, open } = await controlUnderTest(t);
  const floods: Record<string, Frame> = {
    pings: ping(1),
    candidates: { kind: Kind.candidate, candidate: { id: 1, connection: 'publish', candidate: 'c' } },
    presence: { kind: Kind.presence, presence: { key: 'k', value: new Uint8Array(1) } },
  };
  for (const [identity, frame] of Object.entries(floods)) {
    const client = await open({ sub: identity });
    for (let sent = 0; sent < 9; sent++) client.send(frame);
    t.equal((await client.closed).code, 1006, identity);
    t.ok(client.of('pong').length + client.of('error').length <= 8, 'at most eight were answered');
  }
  const patient = await open({ sub: 'patient' });
  for (let id = 1; id <= 8; id++) t.match(await patient.ask(ping(id)), { pong: {} }, 'eight are fine');
  t.match(await patient.ask({ kind: Kind.join, join: { room: 'room' } }), { joined: {} }, 'and then a join');
  await conserved(t, plane);
});

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const limited = (limits: string) => SMALL.replace('sloMs: {p999: 25}}', `sloMs: {p999: 25}, limits: {${limits}}}`);

t.test('CTRL-44 a tenant that sets up more than it may is refused new calls; calls that stand go on', async (t) => {
  const bucket = '{rate: 0.1, burst: 20}';
  const policy = limited(`session: ${bucket}, tenant: ${bucket}`);
  const { plane, join, open } = await controlUnderTest(t, { policy });
  const candidate: Frame = { kind: Kind.candidate, candidate: { connection: 'publish', candidate: 'c' } };
  const ann = await join('ann');
  const cat = await join('cat');
  for (let frame = 0; frame < 9; frame++) {
    for (const one of [ann, cat]) t.match(await one.ask(candidate), { ok: {} });
  }
  const bob = await open('bob');
  for (let time = 0; time < 3; time++) {
    const { error } = await bob.ask({ kind: Kind.join, join: { room: 'room' } });
    t.match(error, { code: 429, reason: 'over_rate', message: /^this tenant / }, 'each is answered');
    t.ok((error?.retryAfterMs ?? 0) > 5000, `${error?.retryAfterMs} ms: one frame takes ten seconds`);
  }
  t.equal(count(plane, 'call-setup', 'rejected_tenant'), 3);
  for (let frame = 0; frame < 5; frame++) t.match(await ann.ask(candidate), { ok: {} }, 'in a call that stands');
  const foreign = await open({ sub: 'dan', sluice: { tenant: 'other' } });
  t.match(
    await foreign.ask({ kind: Kind.join, join: { room: 'room' } }),
    { joined: {} },
    'another tenant is not touched',
  );
  await conserved(t, plane);
});

t.test('CTRL-44 a user has the user’s budget of joins, on however many sockets', async (t) => {
  const bucket = '{rate: 0.1, burst: 4}';
  const { plane, open } = await controlUnderTest(t, { policy: limited(`session: ${bucket}, user: ${bucket}`) });
  const answers: Frame[] = [];
  for (let socket = 0; socket < 6; socket++) {
    const client = await open('ann');
    answers.push(await client.ask({ kind: Kind.join, join: { room: `room ${socket}` } }));
  }
  t.equal(answers.filter(({ joined }) => joined).length, 4);
  t.match(answers.at(-1), { error: { code: 429, message: /^this user / } });
  t.equal(count(plane, 'call-setup', 'rejected_user'), 2);
  await conserved(t, plane);
});
