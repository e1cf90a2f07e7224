import t from 'tap';
import { SfuBench } from './fixtures/sfu-bench.ts';
import { until } from './fixtures/until.ts';
import { WeriftClient } from './fixtures/werift-client.ts';
import { WrtcClient } from './fixtures/wrtc-client.ts';

t.test('NODE-21 a late joiner on another implementation decodes real pictures of everyone', async (t) => {
  const bench = new SfuBench();
  const [alice, bob, late] = [
    new WrtcClient(bench, 'alice'),
    new WrtcClient(bench, 'bob'),
    new WrtcClient(bench, 'late'),
  ];
  t.teardown(async () => {
    await bench.sfu.closeAll();
    await Promise.all([alice.stop(), bob.stop(), late.stop()]);
  });
  await bench.open('alice', 'r', alice);
  await bench.open('bob', 'r', bob);
  await alice.send(60);
  await bob.send(200);
  await until('alice and bob see each other', () => alice.count('bob') > 25 && bob.count('alice') > 25);
  const startMs = performance.now();
  await bench.open('late', 'r', late);
  await until('the late joiner sees both', () => late.count('alice') > 0 && late.count('bob') > 0);
  t.comment(`first pictures after ${Math.round(performance.now() - startMs)} ms`);
  // Each publisher's grey tells whose picture it is.
  t.ok(Math.abs(late.luma.get('alice')! - 60) < 15, 'alice is alice');
  t.ok(Math.abs(late.luma.get('bob')! - 200) < 15, 'bob is bob');

  bench.sfu.mute({ session: 'alice', track: 'video', muted: true });
  await until('nothing more is decoded of alice', () => stillFor(late, 'alice', 500));
  const before = late.count('alice');
  bench.sfu.mute({ session: 'alice', track: 'video', muted: false });
  await until('alice is back', () => late.count('alice') > before + 5);

  await bench.sfu.close({ session: 'bob' });
  await until('late was offered bob inactive', () => /a=inactive/.test(bench.offersTo('late').at(-1)?.sdp ?? ''));
  const seen = late.count('alice');
  await until('alice goes on', () => late.count('alice') > seen + 5);
  const dave = new WrtcClient(bench, 'dave');
  t.teardown(() => dave.stop());
  await bench.open('dave', 'r', dave);
  await dave.send(120);
  await until('late sees dave in the section that was bob’s', () => late.count('dave') > 5);
  t.ok(Math.abs(late.luma.get('dave')! - 120) < 15, 'dave is dave');
  t.same(bench.lines, []);
});

t.test('NODE-27 every UDP port is free again once its session is closed', async (t) => {
  const before = await udpPorts();
  const bench = new SfuBench();
  const clients = ['a', 'b', 'c'].map((name) => new WeriftClient(bench, name));
  for (const client of clients) {
    await bench.open(client.session, 'r', client);
    await client.send();
  }
  await until('all are connected', () => clients.every((client) => client.received.size >= 4));
  t.ok((await udpPorts()) >= before + 12, 'two connections each, on both sides');
  await Promise.all(clients.map((client) => bench.sfu.close({ session: client.session })));
  await Promise.all(clients.map((client) => client.stop()));
  t.equal(bench.sfu.sessions, 0);
  t.equal(bench.sfu.rooms, 0);
  t.equal(await udpPorts(), before);
});

const seenAt = new Map<string, { pictures: number; sinceMs: number }>();

/** Whether a count of pictures has not changed for `quietMs`, over the calls so far. */
function stillFor(client: WrtcClient, stream: string, quietMs: number): boolean {
  const pictures = client.count(stream);
  const seen = seenAt.get(stream);
  if (seen?.pictures === pictures) return performance.now() - seen.sinceMs > quietMs;
  seenAt.set(stream, { pictures, sinceMs: performance.now() });
  return false;
}

/** UDP sockets this process has. */
async function udpPorts(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWRAP' || name === 'UDPWrap').length;
}
