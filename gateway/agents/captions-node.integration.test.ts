import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { CaptionReplay } from './caption-replay.ts';
import { startCaptionsNode } from './captions-node.ts';
import { SmallControl, SmallMetadata } from './fixtures/small-gateway.ts';
import { until } from './fixtures/until.ts';
import type { Fragment } from './trace-file.ts';

/** Two speakers, two segments each, three revisions and a final, 20 ms apart. */
const TRACE: Fragment[] = Array.from({ length: 16 }, (_, index) => {
  const speaker = index % 2 === 0 ? 'ann' : 'bea';
  const turn = index >> 1;
  const [segment, revision] = [turn >> 2, turn & 3];
  const text = `${speaker} ${segment} ${revision}`;
  return { atMs: index * 20, stream: `m/${speaker}`, speaker, segment, revision, final: revision === 3, text };
});

async function started(credit: number, changes: { loop?: boolean; speed?: number } = {}) {
  const control = await new SmallControl().start();
  const metadata = await new SmallMetadata().start();
  metadata.onMessage = (message) => {
    if (message.hello && credit > 0) metadata.credit('captions', credit);
    const pub = Math.max(0, ...(metadata.batches.at(-1)?.map((frame) => frame.pub ?? 0) ?? []));
    if (message.batch && pub > 0) metadata.say({ accepted: { upTo: pub } });
  };
  const node = startCaptionsNode({
    trace: TRACE,
    tenant: 'demo',
    room: 'r',
    loop: false,
    speed: 1,
    firstSegment: 1000,
    control: control.address,
    metadata: metadata.address,
    nodeId: 'captions',
    log: () => {},
    ...changes,
  });
  return { control, metadata, node, stop: () => [node.stop(), metadata.stop(), control.stop()] };
}

function keyOf({ caption }: Frame): string {
  return `${caption?.stream} ${caption?.segment} ${caption?.revision}`;
}

t.test(
  'NODE-31 a replay publishes its fragments in order, says that it is one, and ends when finals are accepted',
  async (t) => {
    const { control, metadata, node, stop } = await started(1000);
    t.teardown(stop);
    const counts = await node.done;
    t.match(counts, { interims: 12, finals: 4, dropped: 0, unaccepted: 0 });
    const keys = metadata.frames.map(keyOf);
    const all = TRACE.map(({ stream, segment, revision }) => `${stream} ${segment + 1000} ${revision}`);
    // On a busy machine, interims may be due before the first credit has come.
    t.equal(keys.length, all.length - counts.conflated);
    for (const stream of ['m/ann', 'm/bea']) {
      const said = keys.filter((key) => key.startsWith(stream));
      t.same(
        said,
        all.filter((key) => said.includes(key)),
        'in the order of the trace',
      );
    }
    t.equal(metadata.frames.filter(({ final }) => final).length, 4);
    for (const frame of metadata.frames) {
      t.match(frame, { kind: Kind.caption, tenant: 'demo', room: 'r' });
      t.match(frame.caption, { mode: 0, lang: 'en', model: 'pocketsphinx-replay' });
    }
    t.same(metadata.messages[0]?.hello?.features, ['replay']);
    t.equal(metadata.messages[0]?.hello?.role, 1);
    await until('it said the same to NodeControl', () =>
      control.messages.some(({ hello }) => hello?.features?.[0] === 'replay'),
    );
  },
);

t.test('NODE-32 without credit the replay goes on, interims make way, and every final comes later, once', async (t) => {
  const { metadata, node, stop } = await started(0, { speed: 4 });
  t.teardown(stop);
  await until('all has been said', () => node.counts.finals === 4 && node.counts.interims === 12);
  t.same(metadata.frames, []);
  metadata.credit('captions', 1000);
  const counts = await node.done;
  t.equal(counts.unaccepted, 0);
  t.equal(counts.dropped, 0);
  const finals = metadata.frames.filter(({ final }) => final);
  t.same(finals.map(keyOf), ['m/ann 1000 3', 'm/bea 1000 3', 'm/ann 1001 3', 'm/bea 1001 3']);
  t.equal(metadata.frames.length, 4, 'interims of finished segments are obsolete');
});

t.test('NODE-33 with loop the segments go on, and no key comes twice', async (t) => {
  const frames: Frame[] = [];
  const replay = new CaptionReplay(TRACE, {
    tenant: 'demo',
    room: 'r',
    firstSegment: 0,
    speed: 1000,
    loop: true,
    publish: (frame) => frames.push(frame),
    ended: () => t.fail('a loop does not end'),
  });
  t.teardown(() => replay.stop());
  replay.start();
  await until('three rounds are over', () => replay.rounds >= 3);
  replay.stop();
  const keys = frames.map(keyOf);
  t.equal(new Set(keys).size, keys.length);
  t.same(keys.slice(16, 19), ['m/ann 2 0', 'm/bea 2 0', 'm/ann 2 1']);
  t.equal(replay.newest('m/ann', 999), null);
});

t.test('NODE-34 whoever missed something is sent the newest of the segment again', async (t) => {
  const { metadata, node, stop } = await started(1000);
  t.teardown(stop);
  await node.done;
  metadata.say({ snapshotWanted: { stream: 'm/ann', segment: 1001 } });
  metadata.say({ snapshotWanted: { stream: 'm/ann', segment: 1 } });
  await until('it came again', () => metadata.frames.length === 17);
  t.equal(keyOf(metadata.frames.at(-1)!), 'm/ann 1001 3');
});
