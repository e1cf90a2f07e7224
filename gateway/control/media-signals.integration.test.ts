import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';

const offer = (connection: string, more: Frame['offer'] = {}): Frame => ({
  kind: Kind.offer,
  offer: { connection, offerId: 'o1', sdp: 'v=0 offer', ...more },
});

t.test('CTRL-14 an offer to publish is answered by the node', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t);
  const ann = await join('ann');
  const { answer } = await ann.ask(offer('publish'));
  t.match(answer, { connection: 'publish', offerId: 'o1', sdp: 'answer to v=0 offer' });
  const session = ann.of('joined')[0]!.joined!.session;
  t.match(sfu.of('offer'), [{ session, connection: 'publish', offerId: 'o1', sdp: 'v=0 offer' }]);
  const setups = plane.snapshot().histograms.filter(({ name }) => name === 'sluice_setup_seconds');
  const answered = setups.find(({ labels }) => labels.outcome === 'answered');
  t.equal(
    answered?.counts.reduce((sum, count) => sum + count, 0),
    1,
  );
  const tiers = plane.snapshot().histograms.filter(({ name }) => name === 'sluice_tier_seconds');
  const ofTier = tiers.find(({ labels }) => labels.plane === 'control' && labels.tier === 'standard');
  t.strictSame([ofTier?.counts, ofTier?.sum], [answered?.counts, answered?.sum], 'and by tier');
  await ann.ask(offer('publish', { offerId: 'o2' }));
  t.equal(
    plane
      .snapshot()
      .histograms.find(({ labels }) => labels.outcome === 'answered')
      ?.counts.reduce((a, b) => a + b),
    1,
    'a renegotiation is no set-up',
  );
  await conserved(t, plane);
});

t.test('CTRL-14 candidates, answers and mutes reach the node and are acknowledged', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t);
  const ann = await join('ann', 'room', [], true);
  const { session } = ann.of('joined')[0]!.joined!;
  const candidate = { connection: 'publish', candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };
  t.match(await ann.ask({ kind: Kind.candidate, candidate }), { ok: {} });
  t.match(await ann.ask({ kind: Kind.candidate, candidate: { connection: 'publish' } }), { ok: {} }, 'the end of them');
  t.match(await ann.ask({ kind: Kind.answer, answer: { connection: 'subscribe:*', offerId: '9', sdp: 'v=0' } }), {
    ok: {},
  });
  t.match(await ann.ask({ kind: Kind.mute, mute: { track: '1', muted: true } }), { ok: {} });
  t.match(sfu.of('candidate'), [
    { session, ...candidate },
    { session, candidate: '' },
  ]);
  t.match(sfu.of('answer'), [{ session, connection: 'subscribe:*', offerId: '9', sdp: 'v=0' }]);
  t.match(sfu.of('mute'), [{ session, track: '1', muted: true }]);
  await conserved(t, plane);
});

t.test('CTRL-15 the node may offer, answer and send candidates at any time, to its own sessions', async (t) => {
  const { plane, sfu, join, addSfu } = await controlUnderTest(t);
  const ann = await join('ann');
  const session = ann.of('joined')[0]!.joined!.session!;
  const other = addSfu('sfu-2');
  await other.attached;
  other.send({ offer: { session, connection: 'subscribe:*', offerId: 'foreign', sdp: 'x' } });
  sfu.send({ offer: { session: 'unknown', connection: 'subscribe:*', offerId: 'x', sdp: 'x' } });
  sfu.send({ candidate: { session, connection: 'subscribe:*', candidate: 'before its offer' } });
  sfu.send({ offer: { session, connection: 'subscribe:*', offerId: '1', sdp: 'first' } });
  sfu.send({ offer: { session, connection: 'subscribe:*', offerId: '2', sdp: 'again' } });
  await ann.seen((frame) => frame.seq === 3);
  t.match(
    ann.frames.filter(({ seq }) => seq),
    [
      { seq: 1, candidate: { candidate: 'before its offer' } },
      { seq: 2, offer: { offerId: '1', sdp: 'first' } },
      { seq: 3, offer: { offerId: '2', sdp: 'again' } },
    ],
  );
  await conserved(t, plane);
});

t.test('CTRL-16 participants of a room can signal to each other, in their own names', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t);
  const ann = await join('ann');
  const ben = await join('ben', 'room', [], true);
  await join('cat', 'elsewhere');
  t.match(await ann.ask(offer('peer:ben')), { ok: {} });
  const offered = await ben.seen((frame) => frame.kind === Kind.offer);
  t.match(offered, { seq: 1, offer: { connection: 'peer:ann', offerId: 'o1', sdp: 'v=0 offer' } });
  t.match(await ben.ask({ kind: Kind.answer, answer: { connection: 'peer:ann', offerId: 'o1', sdp: 'yes' } }), {
    ok: {},
  });
  t.match(await ann.seen((frame) => frame.kind === Kind.answer), { answer: { connection: 'peer:ben', sdp: 'yes' } });
  t.match(await ben.ask({ kind: Kind.candidate, candidate: { connection: 'peer:ann', candidate: 'c' } }), { ok: {} });
  t.match(await ann.seen((frame) => frame.kind === Kind.candidate), { candidate: { connection: 'peer:ben' } });
  for (const absent of ['cat', 'ann']) {
    t.match(await ann.ask(offer(`peer:${absent}`)), { error: { code: 404, reason: 'unknown_peer' } });
  }
  t.equal(sfu.of('offer').length, 0);
  await conserved(t, plane);
});

t.test('CTRL-17 what a client may not, or makes no sense, is refused with what was expected', async (t) => {
  const { plane, open, join } = await controlUnderTest(t);
  const mute = await open({ sub: 'ann', video: { canPublish: false, canSubscribe: false } });
  await mute.ask({ kind: Kind.join, join: { room: 'room' } });
  t.match(await mute.ask(offer('publish')), { error: { code: 403, reason: 'no_right' } });
  t.match(await mute.ask({ kind: Kind.subscribe, subscribe: {} }), { error: { code: 403, reason: 'no_right' } });
  const ben = await join('ben');
  t.match(await ben.ask(offer('nowhere')), { error: { code: 400, message: /^connection: expected "publish"/ } });
  t.match(await ben.ask(offer('peer:')), { error: { code: 400, message: /^connection/ } });
  t.match(await ben.ask(offer('subscribe:*')), { error: { code: 400, message: /server offers/ } });
  t.match(await ben.ask(offer('publish', { sdp: '' })), { error: { code: 400, message: /^sdp/ } });
  t.match(await ben.ask({ kind: Kind.mute, mute: {} }), { error: { code: 400, message: /^track/ } });
  t.match(await ben.ask({ kind: Kind.subscribe, subscribe: { kinds: [Kind.join] } }), { error: { message: /^kinds/ } });
  t.match(await ben.ask({ kind: Kind.accessToken, accessToken: {} }), { error: { code: 400, message: /^jwt/ } });
  await conserved(t, plane);
});

t.test('CTRL-18 kinds that are not offered yet say so', async (t) => {
  const { plane, join } = await controlUnderTest(t);
  const ann = await join('ann');
  const kinds: Frame[] = [
    { kind: Kind.request, request: { feature: 'summary' } },
    { kind: Kind.cancel, cancel: { request: 1 } },
    { kind: Kind.interrupt, interrupt: { turn: 't' } },
    { kind: Kind.feature, feature: { name: 'captions', on: true } },
  ];
  for (const frame of kinds) t.match(await ann.ask(frame), { error: { code: 501, reason: 'unsupported' } });
  await conserved(t, plane);
});

t.test(
  'META-60 what is asked of inference nodes has the class the rules give it on the signalling socket, too',
  async (t) => {
    const small = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
    const rules = 'rules: [{when: {kind: request, principal: standard}, class: deferred}]\n';
    const { plane, join } = await controlUnderTest(t, { policy: small.replace(/rules:\n( {2}- .*\n)+/, rules) });
    const ann = await join('ann');
    await ann.ask({ kind: Kind.request, request: { feature: 'summary' } });
    await ann.ask({ kind: Kind.cancel, cancel: { request: 1 } });
    const { classes, offered } = plane.snapshot();
    t.equal(offered[classes.indexOf('deferred')], 1);
    t.equal(offered[classes.indexOf('premium')], 1);
    await conserved(t, plane);
  },
);

t.test('CTRL-19 leaving ends the session on the node, and the socket may join again', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t);
  const ann = await join('ann');
  const first = ann.of('joined')[0]!.joined!;
  t.match(await ann.ask({ kind: Kind.leave, leave: {} }), { ok: {} });
  await until(() => sfu.of('close').length === 1, 'the close');
  t.match(await ann.ask(offer('publish')), { error: { code: 409, reason: 'not_joined' } });
  const { joined } = await ann.ask({ kind: Kind.join, join: { room: 'room' } });
  t.not(joined?.session, first.session);
  t.match(await ann.ask(offer('publish')), { answer: {} });
  await conserved(t, plane);
});

t.test('CTRL-20 a node that says no, or nothing, fails the request and not the session', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t, { nodeDeadlineMs: 100 });
  const ann = await join('ann');
  sfu.answer = () => ({ error: 'no codec in common', reason: 'bad_sdp' });
  t.match(await ann.ask(offer('publish')), { error: { code: 400, reason: 'bad_sdp', message: /no codec/ } });
  sfu.answer = () => ({ error: 'busy', reason: 'overloaded' });
  t.match(await ann.ask(offer('publish')), { error: { code: 503, reason: 'node_unavailable' } });
  sfu.answer = () => null;
  t.match(await ann.ask(offer('publish')), { error: { code: 504, reason: 'node_timeout' } });
  sfu.answer = (command) => ({ answer: { ...command.offer } });
  t.match(await ann.ask(offer('publish')), { answer: {} });
  await conserved(t, plane);
});

t.test('CTRL-20 the breaker stops asking a node that never answers, and tries again later', async (t) => {
  const { plane, sfu, join } = await controlUnderTest(t, { nodeDeadlineMs: 50 });
  const ann = await join('ann');
  sfu.answer = () => null;
  await Promise.all(Array.from({ length: 20 }, () => ann.ask(offer('publish'))));
  t.equal(plane.snapshot().breakers[0]?.state, 'open');
  const before = sfu.of('offer').length;
  t.match(await ann.ask(offer('publish')), { error: { code: 503, reason: 'node_unavailable' } });
  t.equal(sfu.of('offer').length, before, 'the node was left alone');
  sfu.answer = (command) => ({ answer: { ...command.offer } });
  await until(() => plane.snapshot().breakers[0]?.state === 'halfOpen', 'the breaker to give it a try');
  t.match(await ann.ask(offer('publish')), { answer: {} });
  t.equal(plane.snapshot().breakers[0]?.state, 'closed');
  await conserved(t, plane);
});

t.test('CTRL-21 when a node goes, its rooms move and their clients are told to offer again', async (t) => {
  const { plane, sfu, join, addSfu } = await controlUnderTest(t);
  const ann = await join('ann');
  const ben = await join('ben');
  const spare = addSfu('sfu-2');
  await spare.attached;
  sfu.stop();
  for (const client of [ann, ben]) {
    const event = await client.seen((frame) => frame.error?.reason === 'renegotiate');
    t.match(event, { error: { code: 503 } });
    t.ok(event.seq! > 0, 'it is a reliable event');
  }
  t.same(
    spare
      .of('open')
      .map(({ identity }) => identity)
      .sort(),
    ['ann', 'ben'],
  );
  t.match(await ann.ask(offer('publish')), { answer: {} });
  t.equal(spare.of('offer').length, 1);
  t.equal(sfu.of('close').length, 0);
  await conserved(t, plane);
});

t.test(
  'CTRL-21 a request whose node goes away is refused at once, and so are later ones until another comes',
  async (t) => {
    const { plane, sfu, join, addSfu } = await controlUnderTest(t, { nodeDeadlineMs: 60_000 });
    const ann = await join('ann');
    sfu.answer = () => null;
    const asked = ann.ask(offer('publish'));
    await until(() => sfu.of('offer').length === 1, 'the offer to be there');
    sfu.stop();
    t.match(await asked, { error: { code: 503, reason: 'node_unavailable' } });
    t.match(await ann.ask(offer('publish')), { error: { code: 503, reason: 'node_unavailable' } });
    const spare = addSfu('sfu-2');
    await ann.seen((frame) => frame.error?.reason === 'renegotiate');
    t.match(await ann.ask(offer('publish')), { answer: {} });
    t.equal(spare.of('open').length, 1);
    await conserved(t, plane);
  },
);
