import fc from 'fast-check';
import t from 'tap';
import { Histogram, LATENCY_BOUNDS_SECONDS } from './histogram.ts';
import { histogramQuantile } from './histogram-quantile.ts';

const BOUNDS = LATENCY_BOUNDS_SECONDS;
const seconds = fc.oneof(fc.double({ min: 0, max: 12, noNaN: true }), fc.constantFrom(...BOUNDS));

function counted(values: readonly number[]): readonly number[] {
  const histogram = new Histogram('h', {}, BOUNDS);
  for (const value of values) histogram.record(value);
  return histogram.snapshot().counts;
}

t.test('OPS-34 a quantile lies in the bucket of the value it is about, and grows with its share', async () => {
  fc.assert(
    fc.property(
      fc.array(seconds, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 1000 }),
      (values, a, b) => {
        const counts = counted(values);
        const [low, high] = [Math.min(a, b) / 1000, Math.max(a, b) / 1000];
        const told = histogramQuantile(BOUNDS, counts, low)!;
        const sorted = values.toSorted((x, y) => x - y);
        const exact = sorted[Math.ceil(low * values.length) - 1]!;
        const bucket = BOUNDS.findIndex((bound) => exact <= bound);
        if (bucket < 0) return told === BOUNDS.at(-1) && histogramQuantile(BOUNDS, counts, high) === told;
        const from = bucket === 0 ? 0 : BOUNDS[bucket - 1]!;
        return told > from && told <= BOUNDS[bucket]! && told <= histogramQuantile(BOUNDS, counts, high)!;
      },
    ),
  );
});

t.test('OPS-34 a quantile is at most a bound exactly where that share of the values is', async () => {
  fc.assert(
    fc.property(
      fc.array(seconds, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.99, 0.999),
      fc.constantFrom(...BOUNDS.slice(0, -1)),
      (values, share, bound) => {
        const within = values.filter((value) => value <= bound).length;
        return histogramQuantile(BOUNDS, counted(values), share)! <= bound === within >= share * values.length;
      },
    ),
  );
});

t.test('OPS-34 of nothing there is no quantile', async (t) => {
  t.equal(histogramQuantile(BOUNDS, counted([]), 0.5), null);
  t.equal(histogramQuantile([], [], 0.5), null);
  t.equal(histogramQuantile([1, 3], [0, 4, 0], 0.5), 2, 'half way through the bucket');
});
