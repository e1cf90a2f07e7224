import fc from 'fast-check';
import t from 'tap';
import { CREDIT_TARGET_MS, nextCreditShare } from './credit-law.ts';

t.test('META-10 the share of credit stays within its bounds, halves at most, and recovers in steps', async (t) => {
  const delays = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 100 });
  fc.assert(
    fc.property(delays, (delaysMs) => {
      let share = 1;
      for (const delayMs of delaysMs) {
        const next = nextCreditShare(share, delayMs);
        if (next < 0.01 || next > 1) throw new Error(`${next}`);
        if (delayMs > CREDIT_TARGET_MS && next > share) throw new Error('more credit while frames wait');
        if (delayMs <= CREDIT_TARGET_MS && next < share) throw new Error('less credit while nothing waits');
        if (next < share / 2 && next > 0.01) throw new Error('cut by more than half');
        share = next;
      }
      for (let window = 0; window < 20; window++) share = nextCreditShare(share, 0);
      return share === 1;
    }),
    { numRuns: 1000, verbose: 1 },
  );
  t.pass();
});
