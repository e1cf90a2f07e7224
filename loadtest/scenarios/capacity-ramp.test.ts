import t from 'tap';
import { rampCapacity } from './capacity-ramp.ts';

const ramp = (limit: number, mostRate = 100_000, refinements = 3, hiccup = 0) => {
  const asked: number[] = [];
  const found = rampCapacity({ firstRate: 1000, mostRate, refinements }, async (ratePerSecond) => {
    asked.push(ratePerSecond);
    return { ratePerSecond, held: ratePerSecond <= limit && asked.length !== hiccup };
  });
  return found.then((capacity) => ({ ...capacity, asked }));
};

t.test('LOAD-7 capacity is the highest rate that held, found by doubling and halving', async (t) => {
  const { ratePerSecond, bounded, asked } = await ramp(11_500);
  t.equal(bounded, true);
  t.equal(ratePerSecond, 11_000);
  t.strictSame([...new Set(asked)], [1000, 2000, 4000, 8000, 16_000, 12_000, 10_000, 11_000]);
});

t.test('LOAD-7 a rate counts as failed when it fails twice', async (t) => {
  const { ratePerSecond, asked } = await ramp(8000, 100_000, 0, 2);
  t.equal(ratePerSecond, 8000);
  t.strictSame(asked, [1000, 2000, 2000, 4000, 8000, 16_000, 16_000]);
});

t.test('LOAD-7 a ramp that never fails ends at what can be offered, and says so', async (t) => {
  const { ratePerSecond, bounded } = await ramp(1_000_000, 6000);
  t.equal(ratePerSecond, 6000);
  t.equal(bounded, false);
});

t.test('LOAD-7 a system that holds nothing has no capacity', async (t) => {
  const { ratePerSecond } = await ramp(0, 4000, 2);
  t.equal(ratePerSecond, 0);
});
