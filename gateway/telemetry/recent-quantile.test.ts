/** That a recent quantile is right within its buckets, and forgets. */
import fc from 'fast-check';
import t from 'tap';
import { RecentQuantile } from './recent-quantile.ts';

t.test('LADDER-7 a quantile of the last windows is at most 6 % above what was measured', (t) => {
  const value = fc.double({ min: 0.05, max: 60_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (values, share) => {
        const recent = new RecentQuantile(4);
        for (const each of values) recent.record(each);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
        const told = recent.quantileMs(share, 1)!;
        return told >= exact * 0.999 && told <= exact * 1.06;
      },
    ),
  );
  t.end();
});

t.test('LADDER-7 too few values say nothing, and windows that are over are forgotten', (t) => {
  const recent = new RecentQuantile(2);
  for (let count = 0; count < 99; count++) recent.record(5);
  t.equal(recent.quantileMs(0.999, 100), undefined);
  recent.record(5);
  recent.endWindow();
  t.ok(recent.quantileMs(0.999, 100)! >= 5);
  recent.endWindow();
  t.equal(recent.quantileMs(0.999, 1), undefined);
  t.end();
});
