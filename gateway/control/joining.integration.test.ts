import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../config/default-policy.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';

const join = (room: string, more: Frame['join'] = {}): Frame => ({ kind: Kind.join, join: { room, ...more } });

for (const json of [false, true]) {
  const subprotocol = json ? 'JSON' : 'protobuf';
  t.test(`CTRL-1 a socket is welcomed with a session and a secret of its own (${subprotocol})`, async (t) => {
    const { plane, open } = await controlUnderTest(t);
    const [one, two] = [await open('ann', json), await open('ben', json)];
    const welcomes = [one, two].map((client) => client.frames[0]!.welcome!);
    for (const welcome of welcomes) {
      t.match(welcome.session, /^[\w-]{16}$/);
      t.match(welcome.resumeToken, /^[\w-]{24}$/);
      t.equal(welcome.heartbeatMs, 15_000);
      t.equal(welcome.policyVersion, DEFAULT_POLICY.version);
    }
    t.not(welcomes[0]!.session, welcomes[1]!.session);
    t.not(welcomes[0]!.resumeToken, welcomes[1]!.resumeToken);
    await conserved(t, plane);
  });

  t.test(`CTRL-2 a join is opened on the node, then answered with all a client needs (${subprotocol})`, async (t) => {
    const { plane, sfu, open } = await controlUnderTest(t);
    const client = await open({ sub: 'ann', video: { canPublish: false } }, json);
    const { joined } = await client.ask(join('atrium', { name: 'Ann' }));
    t.equal(joined?.room, 'atrium');
    t.same(joined?.participants, []);
    t.equal(joined?.metadataUrl, 'ws://127.0.0.1:7481/v1/metadata');
    t.same(joined?.budgets?.captions, { ratePerSecond: 30, burst: 60 });
    t.equal(joined?.features?.media, true);
    t.equal(joined?.session, client.frames[0]!.welcome!.session);
    t.notOk(joined?.resumed);
    const [opened] = sfu.of('open');
    t.match(opened, { session: joined?.session, tenant: 'acme', room: 'atrium', identity: 'ann' });
    t.match(opened?.rights, { canPublish: false, canSubscribe: true, canPublishData: true, hidden: false });
    await conserved(t, plane);
  });
}

t.test('CTRL-3 a join needs the right, and the room the access token is for', async (t) => {
  const { plane, sfu, open } = await controlUnderTest(t);
  const bound = await open({ sub: 'ann', video: { room: 'atrium' } });
  t.match(await bound.ask(join('cellar')), { error: { code: 403, reason: 'wrong_room' } });
  t.match(await bound.ask(join('')), { error: { code: 400, reason: 'bad_field', message: /^room: expected/ } });
  t.match(await bound.ask(join('atrium')), { joined: { room: 'atrium' } });
  t.match(await bound.ask(join('atrium')), { error: { code: 409, reason: 'already_joined' } });
  t.equal(sfu.of('open').length, 1);
  await conserved(t, plane);
});

t.test('CTRL-3 a room holds so many sessions and no more', async (t) => {
  const { plane, open, join: enter } = await controlUnderTest(t, { limits: { sessionsPerRoom: 2 } });
  await enter('ann');
  await enter('ben');
  const third = await open('cat');
  const { error } = await third.ask(join('room'));
  t.match(error, { code: 503, reason: 'room_full' });
  t.ok(error!.retryAfterMs! > 0);
  t.match(await third.ask(join('other')), { joined: { room: 'other' } });
  const again = await open('ben');
  t.match(await again.ask(join('room')), { joined: {} }, 'who is in already takes no more room');
  await conserved(t, plane);
});

t.test('CTRL-4 before joining, only join, ping and accessToken are taken', async (t) => {
  const { plane, open } = await controlUnderTest(t);
  const client = await open('ann');
  t.match(await client.ask({ kind: Kind.ping, ping: { sentMs: 12.5 } }), { pong: { sentMs: 12.5 } });
  const offer = { kind: Kind.offer, offer: { connection: 'publish', sdp: 'v=0' } };
  t.match(await client.ask(offer), { error: { code: 409, reason: 'not_joined' } });
  t.match(await client.ask({ kind: Kind.mute, mute: { track: '0' } }), { error: { code: 409 } });
  t.match(await client.ask({ kind: Kind.leave, leave: {} }), { error: { code: 409 } });
  t.match(await client.ask({ kind: Kind.accessToken, accessToken: { jwt: 'x' } }), { error: { code: 401 } });
  await conserved(t, plane);
});

t.test('CTRL-5 those in a room learn who comes and goes, hidden participants excepted', async (t) => {
  const { plane, sfu, open, join: enter } = await controlUnderTest(t);
  const ann = await enter('ann');
  const ben = await enter('ben');
  t.match(await ann.seen((frame) => frame.participant?.identity === 'ben'), {
    seq: 1,
    participant: { state: 0, name: 'ben', kind: 'standard' },
  });
  t.match(
    ben.of('joined').map(({ joined }) => joined?.participants?.map(({ identity }) => identity)),
    [['ann']],
  );
  const ghost = await open({ sub: 'ghost', video: { hidden: true } });
  t.match(await ghost.ask(join('room')), { joined: { participants: [{ identity: 'ann' }, { identity: 'ben' }] } });
  ghost.close();
  await ghost.closed;
  t.match(await ben.ask({ kind: Kind.leave, leave: {} }), { ok: {} });
  await ann.seen((frame) => frame.participant?.identity === 'ben' && frame.participant.state === 2);
  t.notOk(ann.of('participant').some(({ participant }) => participant?.identity === 'ghost'));
  t.same(
    ann.of('participant').map(({ seq }) => seq),
    [1, 2],
  );
  await until(() => sfu.of('close').length === 2, 'the node to be told');
  await conserved(t, plane);
});

t.test('CTRL-5 equal room names of two tenants never meet', async (t) => {
  const { plane, open, join: enter } = await controlUnderTest(t);
  const ann = await enter('ann');
  const stranger = await open({ sub: 'ben', sluice: { tenant: 'other' } });
  const { joined } = await stranger.ask(join('room'));
  t.same(joined?.participants, []);
  await ann.ask({ kind: Kind.ping, ping: {} });
  t.same(ann.of('participant'), []);
  await conserved(t, plane);
});

t.test('CTRL-6 the same identity joining again takes the older session’s place', async (t) => {
  const { plane, sfu, open, join: enter } = await controlUnderTest(t);
  const watcher = await enter('watcher');
  const older = await enter('ann');
  const newer = await enter('ann');
  t.equal((await older.closed).code, 4005);
  await watcher.seen((frame) => frame.seq === 3);
  t.same(
    watcher.of('participant').map(({ participant }) => participant?.state),
    [0, 2, 0],
    'joined, left, joined',
  );
  const gone = older.of('joined')[0]!.joined!.session;
  t.same(
    sfu.of('close').map(({ session }) => session),
    [gone],
  );
  t.match(await newer.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  const third = await open('watcher');
  t.match(await third.ask(join('elsewhere')), { joined: {} }, 'another room is another place');
  t.match(await watcher.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  await conserved(t, plane);
});

t.test('CTRL-7 without an SFU a room can be joined; media comes when a node does', async (t) => {
  const { plane, join: enter, addSfu } = await controlUnderTest(t, { sfu: false });
  t.match(plane.health(), { ready: true, reasons: [/no SFU node/] });
  const ann = await enter('ann');
  t.notOk(ann.of('joined')[0]!.joined!.features!.media);
  const offer = { kind: Kind.offer, offer: { connection: 'publish', offerId: '1', sdp: 'v=0' } };
  t.match(await ann.ask(offer), { error: { code: 503, reason: 'node_unavailable' } });
  const sfu = addSfu('sfu-late');
  const event = await ann.seen((frame) => frame.error?.reason === 'renegotiate');
  t.match(event, { seq: 1, error: { code: 503 } });
  t.equal(sfu.of('open').length, 1);
  t.match(await ann.ask(offer), { answer: { offerId: '1' } });
  t.same(plane.health(), { ready: true, reasons: [] });
  await conserved(t, plane);
});

t.test('CTRL-8 an open that fails is an error that says when to try again', async (t) => {
  const { plane, sfu, open } = await controlUnderTest(t, { nodeDeadlineMs: 100 });
  sfu.answer = (command) => (command.open ? { error: 'no more rooms', reason: 'full' } : {});
  const client = await open('ann');
  const refused = await client.ask(join('room'));
  t.match(refused.error, { code: 503, reason: 'node_unavailable', message: /no more rooms/ });
  t.ok(refused.error!.retryAfterMs! > 0);
  sfu.answer = (command) => (command.open ? null : {});
  const late = await client.ask(join('room'));
  t.match(late.error, { code: 504, reason: 'node_timeout' });
  t.ok(late.error!.retryAfterMs! > 0);
  sfu.answer = () => ({});
  t.match(await client.ask(join('room')), { joined: { room: 'room' } });
  await conserved(t, plane);
});

t.test('CTRL-8 a client that goes away while joining leaves nothing behind', async (t) => {
  const { plane, sfu, open, join: enter } = await controlUnderTest(t);
  const answer = Promise.withResolvers<object>();
  sfu.answer = (command) => (command.open ? answer.promise : {});
  const client = await open('ann');
  client.send(join('room', { id: 1 }));
  await until(() => sfu.of('open').length === 1, 'the open');
  client.drop();
  await until(() => Object.values(plane.snapshot().sessions).every((count) => count === 0), 'the drop');
  answer.resolve({});
  await until(() => sfu.of('close').length === 1, 'the close');
  sfu.answer = () => ({});
  const ben = await enter('ben');
  t.same(ben.of('joined')[0]!.joined!.participants, []);
  await conserved(t, plane);
});

t.test(
  'CTRL-8 of two that join an empty room at once, one refused does not take the node from the other',
  async (t) => {
    const { plane, sfu, open } = await controlUnderTest(t);
    const answer = Promise.withResolvers<object>();
    sfu.answer = (command) => {
      if (command.open?.identity === 'ann') return { error: 'not you', reason: 'refused' };
      if (command.open) return answer.promise;
      return { answer: { ...command.offer } };
    };
    const [ann, ben] = [await open('ann'), await open('ben')];
    const entering = ben.ask(join('room'));
    await until(() => sfu.of('open').length === 1, 'ben on the way in');
    t.match(await ann.ask(join('room')), { error: { code: 503 } });
    answer.resolve({});
    t.match(await entering, { joined: { features: { media: true } } });
    t.match(await ben.ask({ kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } }), { answer: {} });
    await conserved(t, plane);
  },
);
