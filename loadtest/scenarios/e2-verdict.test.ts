import t from 'tap';
import { type GoodputStep, judgeE2, medianSteps } from './e2-verdict.ts';

/** Of 100/s offered per class and multiple, what comes in time of premium, captions, standard and deferred. */
const step = (multiple: number, ...inTime: readonly number[]): GoodputStep => ({
  multiple,
  classes: ['premium', 'captions', 'standard', 'deferred'].map((name, index) => ({
    name,
    offered: 100 * multiple,
    inTime: inTime[index]!,
  })),
});
const good = [step(1, 100, 10, 100, 100), step(2, 200, 10, 90, 5), step(12, 300, 10, 0, 0)];
const poor = [step(1, 100, 10, 90, 100), step(12, 20, 1, 20, 20)];
const judge = (steps: readonly GoodputStep[], control = poor, residual = 0, latencies = true) =>
  judgeE2(steps, control, residual, { latencies });

t.test(
  'LOAD-19 e2 asks for goodput, for premium’s share and for shedding in order, beside a control arm that fails',
  (t) => {
    t.strictSame(judge(good), []);
    t.match(judge([...good.slice(0, 2), step(12, 280, 0, 0, 0)]).join(), /^goodput at 12 × is 90.*%/);
    t.strictSame(judge([...good.slice(0, 2), step(12, 280, 0, 0, 0)], poor, 0, false), []);
    t.match(judge([step(1, 99, 10, 99, 99), ...good.slice(1)]).join(), /^premium at 1 ×: 99\/s in time/);
    t.strictSame(
      judge([step(1, 99, 10, 99, 99), ...good.slice(1)], poor, 0, false),
      [],
      'not of a stretch of a second',
    );
    t.match(
      judge([step(1, 89, 10, 89, 89), ...good.slice(1)], poor, 0, false).join(),
      /^premium at 1 ×: 89\/s in time/,
    );
    t.match(judge([good[0]!, step(2, 200, 10, 40, 60), good[2]!]).join(), /^at 2 × deferred got 30.*standard 20/);
    t.match(judge(good.slice(0, 1)).join(), /^at the highest multiple not even half/);
    t.match(judge(good, poor, 1).join(), /not accounted for/);
    t.match(judge(good, poor, Number.NaN).join(), /not accounted for/);
    t.match(judge(good, good).join(), /proves nothing/);
    t.match(judge(good, [step(1, 90, 10, 80, 100), poor[1]!]).join(), /^the classless gateway carried 85.*% .* at 1 ×/);
    t.end();
  },
);

t.test('LOAD-19 of several rounds the medians count, class by class', (t) => {
  const rounds = [[step(1, 100, 10, 90, 5)], [step(1, 98, 12, 40, 1)], [step(1, 99, 11, 95, 3)]];
  t.strictSame(medianSteps(rounds), [step(1, 99, 11, 90, 3)]);
  t.end();
});
