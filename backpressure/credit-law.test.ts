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

t.test('SCHED-24 more delay never means more credit, and at its target there is no jump', async (t) => {
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const delay = fc.double({ min: 0, max: 1000, noNaN: true });
  fc.assert(
    fc.property(share, delay, delay, (from, oneMs, otherMs) => {
      const [lessMs, moreMs] = [Math.min(oneMs, otherMs), Math.max(oneMs, otherMs)];
      if (nextCreditShare(from, moreMs) > nextCreditShare(from, lessMs)) throw new Error('more credit for more delay');
      const justAbove = nextCreditShare(from, CREDIT_TARGET_MS * 1.0001);
      if (justAbove < from * 0.999 && justAbove > 0.01) throw new Error('a jump at the target');
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.equal(nextCreditShare(0.8, 100), 0.4, 'it halves at most');
  t.equal(nextCreditShare(0.8, 15).toFixed(3), '0.640', 'by 0.4 · (d − T) / T');
});

/**
 * Publishers that all want `wanted` times what can be done and send what credit lets them, window by window. Returns the
 * queue delay (ms) and how much of the capacity was used, by window.
 */
function closedLoop(wanted: number, credited: boolean, windows: number): { delaysMs: number[]; used: number[] } {
  const windowMs = 50;
  const perMs = 20;
  let share = 1;
  let queued = 0;
  const delaysMs: number[] = [];
  const used: number[] = [];
  for (let window = 0; window < windows; window++) {
    // What a class's limits allow in sum is four times what the worker can do.
    const allowed = credited ? 4 * share : Number.POSITIVE_INFINITY;
    queued += Math.min(wanted, allowed) * windowMs * perMs;
    const done = Math.min(queued, windowMs * perMs);
    queued -= done;
    const delayMs = queued / perMs;
    share = nextCreditShare(share, delayMs);
    delaysMs.push(delayMs);
    used.push(done / (windowMs * perMs));
  }
  return { delaysMs, used };
}

t.test('SCHED-24 publishers that heed it keep the queue short and the worker busy, whatever they want', async (t) => {
  for (const wanted of [1.5, 2, 4, 12]) {
    const { delaysMs, used } = closedLoop(wanted, true, 200);
    const later = used.slice(20);
    const mean = later.reduce((sum, share) => sum + share, 0) / later.length;
    t.ok(mean >= 0.85, `${wanted}×: ${(mean * 100).toFixed(0)} % of the capacity is used`);
    const longestMs = Math.max(...delaysMs.slice(20));
    t.ok(longestMs <= 50, `${wanted}×: waits of ${longestMs.toFixed(0)} ms at most`);
    const open = closedLoop(wanted, false, 200);
    t.ok(open.delaysMs.at(-1)! > 1000, `${wanted}×: without credit it is ${open.delaysMs.at(-1)!.toFixed(0)} ms`);
  }
  const fits = closedLoop(0.9, true, 50);
  t.equal(Math.max(...fits.delaysMs), 0, 'what fits is never held back');
});
