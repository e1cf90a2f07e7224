import fc from 'fast-check';
import t from 'tap';
import { bucketOf, gcraAllows, gcraCommit, gcraRetryAfterMs, toldWaitMs } from './gcra.ts';

const limit = fc.record({
  ratePerSecond: fc.double({ min: 0.1, max: 10_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 200 }),
});
const arrivals = fc.array(
  fc.record({
    // Long and short pauses, and many at the same moment.
    gapMs: fc.oneof(
      fc.constant(0),
      fc.double({ min: 0, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 5000, noNaN: true }),
    ),
    cost: fc.oneof(
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.double({ min: 0.01, max: 8, noNaN: true }) },
    ),
  }),
  { maxLength: 120, size: 'max' },
);
/** The clock is monotonic, from the start of a process or of a machine. */
const startMs = fc.constantFrom(0, 1, 1e6, 1e9);

t.test('META-5 in no window is more admitted than rate · W + burst', async (t) => {
  fc.assert(
    fc.property(limit, arrivals, startMs, (limit, arrivals, start) => {
      const bucket = bucketOf(limit);
      const tats = new Float64Array([Number.NEGATIVE_INFINITY]);
      let nowMs = start;
      const admitted: { atMs: number; cost: number }[] = [];
      for (const { gapMs, cost } of arrivals) {
        nowMs += gapMs;
        if (!gcraAllows(tats, 0, bucket, cost, nowMs)) continue;
        gcraCommit(tats, 0, bucket, cost, nowMs);
        admitted.push({ atMs: nowMs, cost });
      }
      for (let from = 0; from < admitted.length; from++) {
        let sum = 0;
        for (let to = from; to < admitted.length; to++) {
          sum += admitted[to]!.cost;
          const windowMs = admitted[to]!.atMs - admitted[from]!.atMs;
          const most = (limit.ratePerSecond * windowMs) / 1000 + limit.burst;
          // A thousandth of a frame is allowed for rounding.
          if (sum > most + 0.0011) throw new Error(`${sum} in ${windowMs} ms, at most ${most}`);
        }
      }
    }),
    { numRuns: 1000, verbose: 1 },
  );
  t.pass('whatever comes when, and at whatever cost');
});

t.test('META-5 a whole burst passes at once, and a cost above it never does', async (t) => {
  fc.assert(
    fc.property(limit, startMs, (limit, now) => {
      const bucket = bucketOf(limit);
      const tats = new Float64Array([Number.NEGATIVE_INFINITY]);
      if (gcraAllows(tats, 0, bucket, limit.burst + 0.01, now)) throw new Error('more than the burst');
      if (gcraRetryAfterMs(tats, 0, bucket, limit.burst + 0.01, now) !== Number.POSITIVE_INFINITY)
        throw new Error('hope');
      for (let frame = 0; frame < limit.burst; frame++) {
        if (!gcraAllows(tats, 0, bucket, 1, now)) throw new Error(`${frame} of ${limit.burst}`);
        gcraCommit(tats, 0, bucket, 1, now);
      }
      return !gcraAllows(tats, 0, bucket, 1, now);
    }),
    { numRuns: 500, verbose: 1 },
  );
  t.pass();
});

t.test('META-6 what is refused passes after retryAfterMs, and not before', async (t) => {
  fc.assert(
    fc.property(limit, arrivals, startMs, (limit, arrivals, start) => {
      const bucket = bucketOf(limit);
      const tats = new Float64Array([Number.NEGATIVE_INFINITY]);
      let nowMs = start;
      for (const { gapMs, cost } of arrivals) {
        nowMs += gapMs;
        if (cost > limit.burst) continue;
        const retryMs = gcraRetryAfterMs(tats, 0, bucket, cost, nowMs);
        const step = 1e-6 * Math.max(1, bucket.toleranceMs);
        if (!gcraAllows(tats, 0, bucket, cost, nowMs + retryMs + step)) throw new Error(`not after ${retryMs} ms`);
        if (retryMs > 3 * step && gcraAllows(tats, 0, bucket, cost, nowMs + retryMs - 2 * step)) {
          throw new Error(`before ${retryMs} ms`);
        }
        if (gcraAllows(tats, 0, bucket, cost, nowMs)) gcraCommit(tats, 0, bucket, cost, nowMs);
      }
    }),
    { numRuns: 1000, verbose: 1 },
  );
  t.pass();
});

t.test('META-6 a wait is told in whole ms, never too short, and fits its field', async (t) => {
  t.same([-3, 0, 0.2, 50, 50.001].map(toldWaitMs), [0, 0, 1, 50, 51]);
  t.equal(toldWaitMs(1e12), 0xffff_ffff, 'a thousandth of a frame a second, a million owed');
});
