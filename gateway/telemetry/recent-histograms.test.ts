import fc from 'fast-check';
import t from 'tap';
import { Histogram } from './histogram.ts';
import { RecentHistograms } from './recent-histograms.ts';

const SPAN_MS = 60;

t.test('OPS-34 what was counted lately is what was counted since the last moment a span ago', async () => {
  const step = fc.record({ passMs: fc.integer({ min: 0, max: 50 }), values: fc.array(fc.integer({ min: 0, max: 9 })) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recent = new RecentHistograms(SPAN_MS);
      const histogram = new Histogram('h', { class: 'a' }, [2, 5]);
      const all: { atMs: number; value: number }[] = [];
      const moments: number[] = [];
      let nowMs = 1000;
      for (const { passMs, values } of steps) {
        nowMs += passMs;
        const [lately] = recent.since([histogram.snapshot()], nowMs);
        const fromMs = moments.findLast((each) => each <= nowMs - SPAN_MS) ?? moments[0] ?? Number.NEGATIVE_INFINITY;
        const counted = all.filter(({ atMs }) => atMs >= fromMs);
        if (lately!.counts.reduce((sum, count) => sum + count, 0) !== counted.length) return false;
        if (lately!.counts[0] !== counted.filter(({ value }) => value <= 2).length) return false;
        // The same moment twice would leave open which of the two values belong to.
        if (moments.at(-1) !== nowMs) {
          recent.remember([histogram.snapshot()], nowMs);
          moments.push(nowMs);
        }
        for (const value of values) {
          histogram.record(value);
          all.push({ atMs: nowMs, value });
        }
      }
      return true;
    }),
  );
});

t.test('OPS-34 a histogram that came since counts whole, and others are told apart by their labels', async (t) => {
  const recent = new RecentHistograms(SPAN_MS);
  const [old, young] = [new Histogram('h', { tier: 'a' }, [1]), new Histogram('h', { tier: 'b' }, [1])];
  old.record(0.5, 3);
  recent.remember([old.snapshot()], 0);
  old.record(2);
  young.record(0.5, 7);
  const lately = recent.since([young.snapshot(), old.snapshot()], 10);
  t.strictSame(
    lately.map(({ counts, sum }) => [counts, sum]),
    [
      [[7, 0], 3.5],
      [[0, 1], 2],
    ],
  );
});
