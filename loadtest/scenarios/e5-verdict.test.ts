import fc from 'fast-check';
import t from 'tap';
import type { MiceReport } from '../traffic/mice.ts';
import { type E5Figures, figuresOf, jainOf, judgeE5 } from './e5-verdict.ts';

const report = (p99Ms: number, parts: readonly number[], singlePart = 1): MiceReport => ({
  p50Ms: 10,
  p99Ms,
  parts,
  singlePart,
  singleP99Ms: 20,
  elephantPerSecond: 100,
  elephantCut: false,
  latenessP99Ms: 1,
});
const figures = (alone: MiceReport, ...beside: readonly MiceReport[]): E5Figures =>
  figuresOf(beside.map((each) => ({ alone, beside: each })));
const alone = report(50, [1, 1, 1]);
const good = figures(alone, report(90, [1, 0.99, 1]));
const poor = figures(alone, report(900, [0.4, 0.4, 0.4]));
const judge = (gateway: E5Figures, control = poor, residual = 0, latencies = true) =>
  judgeE5(gateway, control, residual, { latencies });

t.test('LOAD-21 e5 asks that mice do not feel the elephant, beside a control arm in which they do', async (t) => {
  t.strictSame(judge(good), []);
  t.match(judge(figures(alone, report(101, [1, 1, 1]))).join(), /^p99 of the mice is 101.0 ms .* 50.0 ms without/);
  t.strictSame(judge(figures(alone, report(101, [1, 1, 1])), poor, 0, false), [], 'the short form asks for no age');
  t.match(judge(figures(alone, report(60, [1, 1, 0.5], 0.9)), poor, 0, false).join(), /^Jain’s index .* is 0.9/);
  t.match(judge(figures(alone, report(60, [0.8, 0.8, 0.8]))).join(), /80.0 % of the mice’s .* 100.0 % without/);
  t.match(judge(figures(alone, report(60, [1, 1, 1], 0.9))).join(), /single room of a tenant got 90.0 % .* 100.0 %/);
  t.match(judge({ ...good, elephantPerSecond: 0 }).join(), /the elephant got nothing/);
  t.strictSame(judge({ ...good, elephantPerSecond: 0, elephantCuts: 1 }), [], 'who has been cut off gets nothing');
  t.match(judge(good, good).join(), /proves nothing/);
  t.match(judge(good, poor, Number.NaN).join(), /not accounted for/);
  const [first, second, third] = [60, 90, 5000].map((p99Ms) => report(p99Ms, [1, 1, 1]));
  t.equal(figures(alone, first!, second!, third!).beside.p99Ms, 90, 'of rounds, the median');
});

t.test('LOAD-21 Jain’s index is 1 where all are equal, and 1/n where one has everything', async (t) => {
  const some = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 9 }), (values, factor) => {
      const jain = jainOf(values);
      const scaled = jainOf(values.map((value) => value * factor));
      const least = values.some((value) => value > 0) ? 1 / values.length - 1e-9 : 0;
      return jain >= least && jain <= 1 + 1e-9 && Math.abs(jain - scaled) < 1e-9;
    }),
  );
  t.equal(jainOf([3, 3, 3]), 1);
  t.equal(jainOf([0, 8, 0, 0]), 0.25);
});
