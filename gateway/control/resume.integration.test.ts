import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';
import type { SignalClient } from './fixtures/signal-client.ts';

const states = (client: SignalClient, identity: string) =>
  client
    .of('participant')
    .filter(({ participant }) => participant?.identity === identity)
    .map(({ participant }) => participant?.state ?? 0);

function resumeOf(client: SignalClient, lastSeq: number): Frame {
  const { session, resumeToken } = (client.of('joined').at(-1) as Frame).joined!;
  return { kind: Kind.join, join: { room: 'room', resume: { session: session!, resumeToken: resumeToken!, lastSeq } } };
}

for (const json of [false, true]) {
  t.test(
    `CTRL-11 who comes back in time gets what was missed, each event once (${json ? 'JSON' : 'protobuf'})`,
    async (t) => {
      const { plane, sfu, open, join } = await controlUnderTest(t);
      const watcher = await join('watcher');
      const ann = await join('ann', 'room', [], json);
      await join('ben');
      const seen = await ann.seen((frame) => frame.seq === 1);
      t.match(seen, { participant: { identity: 'ben' } });
      const { session } = ann.of('joined')[0]!.joined!;
      ann.drop();
      await watcher.seen((frame) => frame.participant?.identity === 'ann' && frame.participant.state === 1);
      await join('cat');
      sfu.send({ offer: { session: session!, connection: 'subscribe:*', offerId: '7', sdp: 'v=0' } });
      sfu.send({ candidate: { session: session!, connection: 'subscribe:*', candidate: 'c' } });
      await join('dan', 'elsewhere'); // the node's reply to this comes after all it said before

      const back = await open('ann', json);
      const { joined } = await back.ask(resumeOf(ann, 1));
      t.match(joined, { resumed: true, session, features: { media: true } });
      t.not(joined!.resumeToken, ann.of('joined')[0]!.joined!.resumeToken, 'the secret has changed');
      await back.seen((frame) => frame.seq === 4);
      const missed = back.frames.filter(({ seq }) => seq);
      t.same(
        missed.map(({ seq }) => seq),
        [2, 3, 4],
      );
      t.match(missed, [{ participant: { identity: 'cat' } }, { offer: { offerId: '7' } }, { candidate: {} }]);
      await watcher.seen((frame) => frame.participant?.identity === 'cat');
      await until(() => states(watcher, 'ann').length === 3, 'watcher to see ann again');
      t.same(states(watcher, 'ann'), [0, 1, 0]);
      t.equal(sfu.of('open').filter(({ identity }) => identity === 'ann').length, 1, 'the node was not asked again');
      t.equal(sfu.of('close').length, 0);
      t.match(await back.ask({ kind: Kind.offer, offer: { connection: 'publish', sdp: 'x' } }), { answer: {} });
      await conserved(t, plane);
    },
  );
}

t.test('CTRL-12 who does not come back in time has left', async (t) => {
  const { plane, sfu, open, join } = await controlUnderTest(t, { resumeMs: 100 });
  const watcher = await join('watcher');
  const ann = await join('ann');
  ann.drop();
  await until(() => states(watcher, 'ann').length === 3, 'ann to leave');
  t.same(states(watcher, 'ann'), [0, 1, 2]);
  await until(() => sfu.of('close').length === 1, 'the node to be told');
  const late = await open('ann');
  const { joined } = await late.ask(resumeOf(ann, 0));
  t.notOk(joined?.resumed, 'it is a new session');
  t.not(joined?.session, ann.of('joined')[0]!.joined!.session);
  await conserved(t, plane);
});

t.test('CTRL-12 who closes in order has left at once', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t);
  const watcher = await join('watcher');
  const ann = await join('ann');
  ann.close();
  await until(() => states(watcher, 'ann').length === 2, 'ann to leave');
  t.same(states(watcher, 'ann'), [0, 2]);
  await until(() => sfu.of('close').length === 1, 'the node to be told');
  await conserved(t, plane);
});

t.test('CTRL-13 a resume needs the secret, the same identity and room, and all that was missed', async (t) => {
  const { plane, open, join } = await controlUnderTest(t);
  const ann = await join('ann');
  ann.drop();
  const genuine = resumeOf(ann, 0).join!.resume!;
  const attempt = async (identity: string, room: string, resume: NonNullable<Frame['join']>['resume']) => {
    const client = await open(identity);
    const { joined } = await client.ask({ kind: Kind.join, join: { room, resume: resume ?? null } });
    t.notOk(joined?.resumed);
    t.not(joined?.session, genuine.session);
    client.close();
    await client.closed;
  };
  await attempt('ben', 'room', genuine);
  await attempt('ann', 'elsewhere', genuine);
  const wrong = genuine.resumeToken!.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const impostor = await open('ann');
  const { joined } = await impostor.ask({
    kind: Kind.join,
    join: { room: 'room', resume: { ...genuine, resumeToken: wrong } },
  });
  t.notOk(joined?.resumed);
  t.match(await (await open('ann')).ask({ kind: Kind.join, join: { room: 'room', resume: {} } }), {
    error: { code: 400, reason: 'bad_field', message: /^resume: expected/ },
  });
  await conserved(t, plane);
});

t.test('CTRL-13 events that are no longer kept make it a full join', async (t) => {
  const { plane, sfu, open, join } = await controlUnderTest(t);
  const ann = await join('ann');
  const { session } = ann.of('joined')[0]!.joined!;
  ann.drop();
  for (let index = 0; index < 300; index++) sfu.send({ candidate: { session: session!, connection: 'publish' } });
  await join('dan', 'elsewhere'); // the node's reply to this comes after all it said before
  const back = await open('ann');
  const { joined } = await back.ask(resumeOf(ann, 0));
  t.notOk(joined?.resumed);
  t.not(joined?.session, session);
  await until(() => sfu.of('close').some((close) => close.session === session), 'the old session to be closed');
  await conserved(t, plane);
});

t.test('CTRL-13 a socket not yet known to be dead can be taken over too', async (t) => {
  const { plane, sfu, open, join } = await controlUnderTest(t);
  const watcher = await join('watcher');
  const ann = await join('ann');
  const back = await open('ann');
  t.match(await back.ask(resumeOf(ann, 0)), { joined: { resumed: true } });
  t.equal((await ann.closed).code, 4005);
  t.match(await back.ask({ kind: Kind.ping, ping: {} }), { pong: {} });
  t.same(states(watcher, 'ann'), [0], 'nobody noticed');
  t.equal(sfu.of('close').length, 0);
  await conserved(t, plane);
});
