import t from 'tap';
import { formatSummary, LatencyRecord } from './latency-record.ts';

t.test('LOAD-4 records of several processes merge as if one had made them', async (t) => {
  const [one, two, both] = [new LatencyRecord(), new LatencyRecord(), new LatencyRecord()];
  for (let ms = 1; ms <= 1000; ms++) {
    (ms % 2 === 0 ? one : two).record(ms);
    both.record(ms);
  }
  const merged = LatencyRecord.decode(one.encode());
  merged.add(LatencyRecord.decode(two.encode()));
  for (const percent of [1, 50, 90, 99, 99.9]) t.equal(merged.percentileMs(percent), both.percentileMs(percent));
  const { count, p50, p99, max } = merged.summary();
  t.equal(count, 1000);
  for (const [value, expected] of [
    [p50, 500],
    [p99, 990],
    [max, 1000],
  ] as const) {
    t.ok(Math.abs(value - expected) <= expected / 500, `${value} is ${expected}`);
  }
});

t.test('LOAD-4 nothing is lost above the range, and an empty record is all zeros', async (t) => {
  const record = new LatencyRecord();
  t.strictSame(record.summary(), { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
  record.record(10_000_000);
  record.record(-0.4);
  t.equal(record.count, 2);
  t.ok(record.summary().max >= 119_000);
  t.match(formatSummary(record.summary()), /^p50 .* p99\.9 .* max .* ms$/);
});
