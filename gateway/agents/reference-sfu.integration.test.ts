import t from 'tap';
import { SfuBench } from './fixtures/sfu-bench.ts';
import { until } from './fixtures/until.ts';
import { WeriftClient } from './fixtures/werift-client.ts';
import { CommandError } from './node-control.ts';

async function pair(bench: SfuBench, room = 'r'): Promise<[WeriftClient, WeriftClient]> {
  const alice = new WeriftClient(bench, 'alice');
  const bob = new WeriftClient(bench, 'bob', { audio: 109, video: 120 });
  await bench.open('alice', room, alice);
  await bench.open('bob', room, bob);
  await alice.send();
  await bob.send();
  return [alice, bob];
}

async function end(bench: SfuBench, ...clients: WeriftClient[]): Promise<void> {
  await bench.sfu.closeAll();
  await Promise.all(clients.map((client) => client.stop()));
}

t.test('NODE-20 audio and video of each reach the other, renumbered to what each negotiated', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  t.teardown(() => end(bench, alice, bob));
  await until('bob hears and sees alice', () => bob.packets('alice/audio') > 20 && bob.packets('alice/video') > 20);
  await until('alice hears and sees bob', () => alice.packets('bob/audio') > 20 && alice.packets('bob/video') > 20);
  const video = bob.received.get('alice/video')!;
  t.equal(video.firstIsKeyframe, true);
  t.equal(video.payloadTypes.size, 1);
});

t.test('NODE-21 a late joiner begins with a keyframe the publisher was asked for', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  await until('media flows', () => bob.packets('alice/video') > 20);
  const askedBefore = alice.keyframesAsked;
  const late = new WeriftClient(bench, 'late');
  t.teardown(() => end(bench, alice, bob, late));
  await bench.open('late', 'r', late);
  await until('the late joiner sees both', () => late.packets('alice/video') > 5 && late.packets('bob/video') > 5);
  t.equal(late.received.get('alice/video')!.firstIsKeyframe, true);
  t.equal(late.received.get('bob/video')!.firstIsKeyframe, true);
  t.ok(alice.keyframesAsked > askedBefore, 'the publisher was asked');
});

t.test('NODE-22 mute by kind, mid or track id stops that track, and unmute goes on without a gap', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  t.teardown(() => end(bench, alice, bob));
  await until('media flows', () => bob.packets('alice/video') > 20 && bob.packets('alice/audio') > 20);
  const video = alice.publish.getTransceivers().find(({ kind }) => kind === 'video')!;
  for (const track of ['video', video.mid!, video.sender.trackId]) {
    const seen = bob.received.get('alice/video')!;
    bench.sfu.mute({ session: 'alice', track, muted: true });
    await sameFor(() => seen.packets, 200);
    const stopped = seen.packets;
    const audio = bob.packets('alice/audio');
    await until('audio has gone on', () => bob.packets('alice/audio') > audio + 20);
    t.equal(seen.packets, stopped, `no video while muted by ${track}`);
    const keyframes = seen.keyframes;
    bench.sfu.mute({ session: 'alice', track, muted: false });
    await until('video is back', () => seen.packets > stopped + 10);
    t.equal(seen.keyframes > keyframes, true, 'it resumes with a keyframe');
  }
  const numbers = bob.received.get('alice/video')!.sequenceNumbers;
  const gaps = numbers.filter((number, index) => index > 0 && number !== ((numbers[index - 1]! + 1) & 0xffff));
  t.same(gaps, [], 'the receiver sees no missing packets');
  const unknown = async () => bench.sfu.mute({ session: 'alice', track: 'nosuch', muted: true });
  t.equal(await reasonOf(unknown()), 'unknown_track');
});

t.test(
  'NODE-23 when a participant goes, the others are offered its tracks as inactive, and sections are used again',
  async (t) => {
    const bench = new SfuBench();
    const [alice, bob] = await pair(bench);
    t.teardown(() => end(bench, alice, bob));
    await until('media flows', () => alice.packets('bob/video') > 5 && bob.packets('alice/video') > 5);
    const before = bench.offersTo('alice').length;
    await bench.sfu.close({ session: 'bob' });
    await until('alice is offered again', () => bench.offersTo('alice').length > before);
    const offer = bench.offersTo('alice').at(-1)!.sdp!;
    t.equal(offer.match(/^a=inactive/gm)?.length, 2);
    t.notMatch(offer, /^a=sendonly/m);
    t.notMatch(offer, /^m=\w+ 0 /m, 'inactive, not rejected');
    await bob.stop();

    const carol = new WeriftClient(bench, 'carol');
    t.teardown(() => carol.stop());
    await bench.open('carol', 'r', carol);
    await carol.send();
    await until('alice sees carol', () => alice.packets('carol/video') > 5 && alice.packets('carol/audio') > 5);
    t.equal(bench.offersTo('alice').at(-1)!.sdp!.match(/^m=/gm)?.length, 2, 'no more sections than before');
    t.equal(alice.received.get('carol/video')!.firstIsKeyframe, true);
  },
);

t.test('NODE-24 one offer is outstanding; changes meanwhile make one more; stale answers are ignored', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  const watcher = new WeriftClient(bench, 'watcher');
  watcher.answering = false;
  t.teardown(() => end(bench, alice, bob, watcher));
  await bench.open('watcher', 'r', watcher);
  await until('the watcher is offered', () => bench.offersTo('watcher').length === 1);
  const others = ['c', 'd', 'e'].map((name) => new WeriftClient(bench, name));
  for (const other of others) {
    await bench.open(other.session, 'r', other);
    await other.send();
  }
  t.teardown(() => Promise.all(others.map((other) => other.stop())));
  await until('the others are connected', () => others.every((other) => other.packets('alice/audio') > 0));
  t.equal(bench.offersTo('watcher').length, 1, 'none while one is outstanding');
  const first = bench.offersTo('watcher')[0]!;
  await bench.sfu.answer({ session: 'watcher', connection: 'subscribe:*', offerId: 'stale', sdp: 'v=0' });
  t.equal(bench.offersTo('watcher').length, 1, 'a stale answer changes nothing');
  watcher.answering = true;
  await watcher.answer(first);
  await until('it sees everyone', () =>
    ['alice', 'bob', 'c', 'd', 'e'].every((name) => watcher.packets(`${name}/video`) > 0),
  );
  t.equal(bench.offersTo('watcher').length, 2, 'one more, with all that came meanwhile');
  t.not(bench.offersTo('watcher')[1]!.offerId, first.offerId);
});

t.test('NODE-25 rights are enforced, and equal rooms of two tenants do not meet', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  const mute = new WeriftClient(bench, 'mute');
  const deaf = new WeriftClient(bench, 'deaf');
  const stranger = new WeriftClient(bench, 'stranger');
  t.teardown(() => end(bench, alice, bob, mute, deaf, stranger));
  await bench.open('mute', 'r', mute, { rights: { canPublish: false, canSubscribe: true } });
  await bench.open('deaf', 'r', deaf, { rights: { canPublish: true, canSubscribe: false } });
  await bench.open('stranger', 'r', stranger, { tenant: 'other' });
  t.equal(await reasonOf(mute.send()), 'forbidden');
  await deaf.send();
  await until('others see who may publish', () => mute.packets('deaf/audio') > 5 && bob.packets('deaf/audio') > 5);
  t.same(bench.offersTo('deaf'), []);
  t.same(bench.offersTo('stranger'), []);
});

t.test('NODE-26 a bad description is refused with bad_sdp and hurts nobody', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  t.teardown(() => end(bench, alice, bob));
  await until('media flows', () => bob.packets('alice/video') > 5);
  const good = alice.publish.localDescription!.sdp;
  const offer = (sdp: string, connection = 'publish') =>
    bench.sfu.offer({ session: 'alice', connection, offerId: 'x', sdp });
  const spoilt = [
    '',
    'not sdp at all',
    'v=0\r\n',
    'v=0\r\nm=audio\r\n',
    good.replaceAll(/^a=mid:.*\r\n/gm, ''),
    good.replaceAll(/^a=mid:.*$/gm, 'a=mid:0'),
    good.replaceAll(/^a=fingerprint:.*\r\n/gm, ''),
    good.replaceAll(/^a=ice-ufrag:.*\r\n/gm, ''),
    good.replaceAll('VP8', 'H266'),
    good.slice(0, 200),
    `v=0\r\n${'a=x\r\n'.repeat(40_000)}`,
  ];
  for (const sdp of spoilt) t.equal(await reasonOf(offer(sdp)), 'bad_sdp', JSON.stringify(sdp.slice(0, 40)));
  t.equal(await reasonOf(offer(good, 'peer:bob')), 'unsupported');
  const nobody = bench.sfu.offer({ session: 'nobody', connection: 'publish', sdp: good });
  t.equal(await reasonOf(nobody), 'unknown_session');
  for (const candidate of ['nonsense', 'candidate:1 1 udp 1 127.0.0.1 9 typ host']) {
    const refused = bench.sfu.candidate({ session: 'alice', connection: 'publish', candidate, sdpMid: 'no' });
    t.equal(await reasonOf(refused), 'bad_candidate', candidate);
  }
  const packets = bob.packets('alice/video');
  await until('media still flows', () => bob.packets('alice/video') > packets + 20);
});

/** Waits until a number has stayed the same for `quietMs`. */
async function sameFor(value: () => number, quietMs: number): Promise<void> {
  let last = value();
  let sinceMs = performance.now();
  while (performance.now() - sinceMs < quietMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (value() === last) continue;
    last = value();
    sinceMs = performance.now();
  }
}

/** The reason a promise is rejected with; empty when it is not. */
async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return '';
  } catch (error) {
    return error instanceof CommandError ? error.reason : String(error);
  }
}

t.test(
  'NODE-29 a session opened again after the gateway was lost begins afresh, and a new one replaces the old',
  async (t) => {
    const bench = new SfuBench();
    const [alice, bob] = await pair(bench);
    t.teardown(() => end(bench, alice, bob));
    await until('media flows', () => bob.packets('alice/video') > 5 && alice.packets('bob/video') > 5);
    await bench.open('alice', 'r', alice);
    t.equal(bench.sfu.sessions, 2);
    const before = bob.packets('alice/video');
    await until('a repeated open hurts nobody', () => bob.packets('alice/video') > before + 5);

    bench.sfu.forgotten();
    const again = new WeriftClient(bench, 'alice');
    t.teardown(() => again.stop());
    await bench.open('alice', 'r', again);
    await again.send();
    await until('the new connection is seen, and sees', () => again.packets('bob/video') > 5);
    const replaced = bob.packets('alice/video');
    await until('bob sees it', () => bob.packets('alice/video') > replaced + 5);

    const elsewhere = new WeriftClient(bench, 'alice-2');
    t.teardown(() => elsewhere.stop());
    await bench.open('alice-2', 'r', elsewhere, { identity: 'alice' });
    t.equal(bench.sfu.sessions, 2, 'one session per identity');
    await until('it sees bob', () => elsewhere.packets('bob/video') > 5);
    const conflict = bench.open('alice-2', 'other', elsewhere, { identity: 'alice' });
    t.equal(await reasonOf(conflict), 'conflict');
  },
);

t.test('NODE-29 a client that begins a new connection in its session is heard by it', async (t) => {
  const bench = new SfuBench();
  const [alice, bob] = await pair(bench);
  t.teardown(() => end(bench, alice, bob));
  await until('media flows', () => bob.packets('alice/video') > 5);
  await alice.publish.close();
  const fresh = new WeriftClient(bench, 'alice');
  t.teardown(() => fresh.stop());
  const before = bob.packets('alice/video');
  await fresh.send();
  await until('bob sees the new one', () => bob.packets('alice/video') > before + 20);
});
