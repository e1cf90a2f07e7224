import fc from 'fast-check';
import t from 'tap';
import { AcceptedNumbers } from './accepted-numbers.ts';

t.test('META-11 numbers taken in any order are confirmed up to the first that is missing', async (t) => {
  const numbers = fc.array(fc.record({ number: fc.integer({ min: 1, max: 60 }), taken: fc.boolean() }));
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 1_000_000 }), (frames, base) => {
      const accepted = new AcceptedNumbers();
      const taken = new Set<number>();
      let upTo = 0;
      for (const frame of frames) {
        const number = base + frame.number;
        // A refused frame that is confirmed would never be sent again.
        if (!frame.taken && taken.has(number)) continue;
        if (upTo === 0 && taken.size === 0) upTo = number - 1;
        if (frame.taken) {
          accepted.take(number);
          taken.add(number);
        } else accepted.refuse(number);
        while (taken.has(upTo + 1)) upTo++;
        if (accepted.upTo !== upTo) throw new Error(`confirms ${accepted.upTo} instead of ${upTo}`);
        if (!frame.taken && upTo >= number && frame === frames[0]) throw new Error('confirms what was refused');
      }
    }),
    { numRuns: 3000, verbose: 1 },
  );
  t.pass('and none twice');
});

t.test('META-11 what waits for a missing number is bounded, and comes again', async (t) => {
  const accepted = new AcceptedNumbers();
  accepted.take(1);
  for (let number = 3; number < 10_000; number++) accepted.take(number);
  t.equal(accepted.upTo, 1);
  accepted.take(2);
  t.equal(accepted.upTo, 1026, 'as many as are remembered');
  for (let number = 1027; number < 10_000; number++) accepted.take(number);
  t.equal(accepted.upTo, 9999);
  accepted.take(0);
  t.equal(accepted.upTo, 9999, 'no number is no news');
});
