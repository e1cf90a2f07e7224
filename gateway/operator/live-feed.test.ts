import t from 'tap';
import { Metric, Outcome } from '../../schemas/metric-names.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import { PlaneCounters } from '../telemetry/plane-counters.ts';
import { LiveFeed, type LiveReading } from './live-feed.ts';

const CLASSES = ['call-setup', 'captions'];
const CAPTIONS = 1;

function snapshotOf(plane: 'control' | 'metadata', counters: PlaneCounters): PlaneSnapshot {
  const rest = { plane, worker: 0, policyVersion: 1, bufferedBytes: 0, sessions: {}, disconnects: {}, handshakes: {} };
  return { ...rest, ...counters.snapshot(), loopDelayMs: { p50: 0, p99: 2, max: 3 }, breakers: [], nodes: [] };
}

t.test('DEMO-10 rates are of the time between two reports of a plane, however often one looks', async (t) => {
  const counters = new PlaneCounters(CLASSES);
  let reading: LiveReading = {
    plane: 'metadata',
    worker: 0,
    total: snapshotOf('metadata', counters),
    reportedMs: 1000,
  };
  const feed = new LiveFeed(() => [reading]);
  t.match(feed.second(1100).classes[CAPTIONS], { name: 'captions', offered: 0 }, 'what was before is not of now');

  for (let frame = 0; frame < 300; frame++) counters.offer(CAPTIONS, 10);
  for (let frame = 0; frame < 200; frame++) counters.settle(CAPTIONS, Outcome.rejected_session);
  counters.settle(CAPTIONS, Outcome.evicted_stale);
  for (let frame = 0; frame < 40; frame++) counters.settle(CAPTIONS, Outcome.merged);
  for (let frame = 0; frame < 50; frame++) counters.settle(CAPTIONS, Outcome.delivered);
  counters.settle(CAPTIONS, Outcome.undeliverable);
  reading = { ...reading, total: snapshotOf('metadata', counters), reportedMs: 3000 };
  const expected = {
    name: 'captions',
    plane: 'metadata',
    offered: 150,
    shed: 100.5,
    merged: 20,
    delivered: 25,
    lost: 0.5,
  };
  t.match(feed.second(3100).classes[CAPTIONS], expected);
  t.match(feed.second(3900).classes[CAPTIONS], expected, 'the same report again is the same rate, not none');
  t.strictSame(feed.second(9000).classes, [], 'a plane that has fallen silent has no rates');
});

t.test('DEMO-10 a class is told once for both planes, and set-ups with their median', async (t) => {
  const [control, metadata] = [new PlaneCounters(CLASSES), new PlaneCounters(CLASSES)];
  const answered = control.histogram(Metric.setupSeconds, { outcome: 'answered' }, [0.01, 0.02, 0.04]);
  let atMs = 1000;
  const feed = new LiveFeed(() => [
    { plane: 'control', worker: 0, total: snapshotOf('control', control), reportedMs: atMs },
    { plane: 'metadata', worker: 0, total: snapshotOf('metadata', metadata), reportedMs: atMs },
  ]);
  t.match(feed.second(1000).setups, { answered: 0, p50Ms: null });
  control.offer(CAPTIONS, 1);
  metadata.offer(CAPTIONS, 1);
  metadata.offer(CAPTIONS, 1);
  control.offer(0, 1);
  answered.record(0.015, 10);
  atMs = 2000;
  const second = feed.second(2000);
  t.match(second.classes, [
    { name: 'call-setup', plane: 'control', offered: 1 },
    { name: 'captions', plane: 'metadata', offered: 3 },
    { name: 'unclassified' },
  ]);
  t.match(second.setups, { answered: 10, p50Ms: 15 });
});

t.test('DEMO-10 nothing runs while nobody listens', async (t) => {
  let reads = 0;
  const feed = new LiveFeed(() => {
    reads++;
    return [];
  });
  t.equal(reads, 0);
  const stop = feed.listen(() => undefined);
  t.equal(reads, 1, 'the first second comes at once');
  t.equal(feed.listeners, 1);
  stop();
  t.equal(feed.listeners, 0);
});
