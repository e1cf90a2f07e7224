import fc from 'fast-check';
import t from 'tap';
import { RecentRate } from './recent-rate.ts';

t.test('LADDER-25 a recent rate settles at a steady one, and lies between all it was told', async (t) => {
  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: 2000 }), rate: fc.double({ min: 0, max: 1000, noNaN: true }) }),
    { minLength: 1, maxLength: 50 },
  );
  fc.assert(
    fc.property(steps, (course) => {
      let [total, nowMs] = [0, 0];
      const recent = new RecentRate(total, nowMs);
      for (const { ms, rate } of course) {
        total += (rate * ms) / 1000;
        nowMs += ms;
        const told = recent.perSecond(total, nowMs);
        if (told < -1e-6 || told > Math.max(...course.map((step) => step.rate)) * 1.001 + 1e-6) return false;
      }
      const last = course.at(-1)!.rate;
      for (let second = 0; second < 60; second++) {
        total += last;
        nowMs += 1000;
        recent.perSecond(total, nowMs);
      }
      return Math.abs(recent.perSecond(total, nowMs) - last) <= 0.01 * (last + 1);
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.pass();
});
