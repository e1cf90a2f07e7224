import fc from 'fast-check';
import t from 'tap';
import { schedule } from './schedule.ts';

t.test('LOAD-1 a constant schedule spaces its sends evenly over the whole duration', async (t) => {
  t.strictSame([...schedule('constant', 4, 1000)], [0, 250, 500, 750]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 20 }), (rate, seconds) => {
      const times = schedule('constant', rate, seconds * 1000);
      return times.length === rate * seconds && times.at(-1)! < seconds * 1000;
    }),
  );
});

t.test('LOAD-1 a Poisson schedule ascends, keeps its mean and depends on the seed alone', async (t) => {
  const times = schedule('poisson', 1000, 60_000, 7);
  t.equal(times.join(), schedule('poisson', 1000, 60_000, 7).join());
  t.not(times.join(), schedule('poisson', 1000, 60_000, 8).join());
  t.ok(Math.abs(times.length - 60_000) < 4 * Math.sqrt(60_000), `${times.length} arrivals`);
  t.ok(times.every((at, index) => at < 60_000 && (index === 0 || at >= times[index - 1]!)));
  // Of exponential gaps, e^-1 are longer than the mean.
  const long = times.filter((at, index) => at - (times[index - 1] ?? 0) > 1).length / times.length;
  t.ok(Math.abs(long - Math.exp(-1)) < 0.02, `${long} of the gaps are longer than the mean`);
});

t.test('LOAD-1 a schedule without a rate or a duration is refused', async (t) => {
  t.throws(() => schedule('constant', 0, 1000), /positive rate/);
  t.throws(() => schedule('poisson', 10, Number.NaN), /positive rate/);
});
