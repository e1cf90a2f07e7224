import fc from 'fast-check';
import t from 'tap';
import { Backoff } from './backoff.ts';

const TIMES = { baseMs: 100, capMs: 10_000, stableMs: 30_000 };

t.test('OPS-12 waits double from death to death, up to the cap, and begin anew after a stable life', async (t) => {
  const backoff = new Backoff(TIMES, () => 0.999_999);
  const waits = Array.from({ length: 9 }, () => Math.round(backoff.died(0)));
  t.strictSame(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  t.equal(Math.round(backoff.died(30_000)), 100);
});

t.test('OPS-12 the jitter takes at most half of the wait away and never adds', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 }),
      (randoms) => {
        let index = 0;
        const backoff = new Backoff(TIMES, () => randoms[index++ % randoms.length]!);
        return randoms.every((_, deaths) => {
          const whole = Math.min(10_000, 100 * 2 ** deaths);
          const wait = backoff.died(0);
          return wait >= whole / 2 && wait <= whole;
        });
      },
    ),
  );
});
