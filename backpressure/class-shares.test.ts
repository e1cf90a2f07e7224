import fc from 'fast-check';
import t from 'tap';
import { classShares, quantaOf } from './class-shares.ts';

const claims = fc
  .array(fc.record({ weight: fc.integer({ min: 1, max: 1000 }), guard: fc.nat(100) }), { minLength: 1, maxLength: 20 })
  .map((all) => {
    const sum = Math.max(120, ...all.map(({ guard }) => guard)) * all.length;
    return all.map(({ weight, guard }) => ({ weight, guardShare: guard / sum }));
  });

t.test('SCHED-7 shares add up to 1, none is below its guard, and the rest stand as their weights do', async (t) => {
  let guarded = 0;
  fc.assert(
    fc.property(claims, (classes) => {
      const shares = classShares(classes);
      const sum = shares.reduce((total, share) => total + share, 0);
      if (Math.abs(sum - 1) > 1e-9) throw new Error(`they add up to ${sum}`);
      const free = classes.flatMap(({ weight, guardShare }, index) => {
        if (shares[index]! < guardShare - 1e-9)
          throw new Error(`${index} has ${shares[index]}, less than ${guardShare}`);
        return shares[index]! > guardShare + 1e-9 ? [shares[index]! / weight] : [];
      });
      guarded += classes.length - free.length;
      if (Math.max(...free) - Math.min(...free) > 1e-9) throw new Error('not in the ratio of their weights');
      const quanta = quantaOf(shares, 7);
      if (Math.abs(Math.min(...quanta) - 7) > 1e-9) throw new Error('the least quantum');
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.ok(guarded > 100, `${guarded} classes lived from their guard`);
});

t.test('SCHED-7 a class of the past has no share, and what it still holds is served at the least', async (t) => {
  const shares = classShares([
    { weight: 3, guardShare: 0.05 },
    { weight: 0, guardShare: 0 },
    { weight: 1, guardShare: 0.05 },
  ]);
  t.strictSame([...shares], [0.75, 0, 0.25]);
  t.strictSame([...quantaOf(shares, 10)], [30, 10, 10]);
  t.throws(() => classShares([{ weight: -1, guardShare: 0 }]), /class 0: expected a weight from 0/);
});
