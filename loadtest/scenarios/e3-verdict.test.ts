import t from 'tap';
import { type E3Arm, judgeE3, medianCurve, recoveryMs } from './e3-verdict.ts';

const parts = (premium: number, deferred: number) => ({ premium, standard: deferred, deferred });
const arm = (name: string, at14: readonly number[], at10: readonly number[], premium = 0.3, deferred = 0): E3Arm => ({
  name,
  steps: [
    { load: 1.4, outsideMs: at14, ownMs: null, parts: parts(1, 0.5) },
    { load: 10, outsideMs: at10, ownMs: null, parts: parts(premium, deferred) },
  ],
});
const quick = [20, 15, 3, 4, 2];
const stays = [20, 40, 80, 160, 320];
const good = arm('sluice', quick, quick);
const queue = arm('in order', stays, stays, 0.01, 0.01);
const judge = (gateway: E3Arm, controls = [queue], residual = 0, latencies = true) =>
  judgeE3(gateway, controls, residual, { latencies });

t.test('LOAD-20 e3 asks for a short delay and for order, beside control arms of which each fails', async (t) => {
  t.strictSame(judge(good), []);
  t.match(judge(arm('sluice', [20, 15, 15, 4, 2], quick)).join(), /1.4 × the delay was short again after 150 ms, 100/);
  t.match(judge(arm('sluice', quick, stays)).join(), /10 × the delay did not get short again, 1000 ms/);
  t.strictSame(judge(arm('sluice', stays, stays), [queue], 0, false), [], 'the short form asks for no delay');
  t.match(judge(arm('sluice', quick, quick, 0.3, 0.2), [queue], 0, false).join(), /0.300 of premium .* 0.200 of def/);
  t.match(judge(arm('sluice', quick, quick, 0, 0)).join(), /0.000 of premium/, 'nothing at all is no order');
  t.match(judge(good, [queue, good]).join(), /sluice held as well/);
  t.strictSame(judge(good, [arm('by lot', quick, quick, 0.1, 0.1)]), [], 'a control arm may fail by order alone');
  t.match(judge(good, [queue], Number.NaN).join(), /not accounted for/);
  t.match(judge({ name: 'sluice', steps: [] }).join(), /not stepped to 1.4 ×.*not stepped to 10 ×/);
});

t.test('LOAD-20 a delay is short again where half of what follows is, too', async (t) => {
  t.equal(recoveryMs([1, 2, 3]), 0);
  t.equal(recoveryMs([1, 20, 3, 30, 4, 2]), 100, 'peaks afterwards are allowed');
  t.equal(recoveryMs([20, 3, 30, 40, 50, 60]), Number.POSITIVE_INFINITY, 'one good bin is none');
  t.equal(recoveryMs([Number.POSITIVE_INFINITY, 3, 2]), 50, 'what did not come at all was not short');
  const rounds = [
    [1, 20],
    [3, 40],
    [500, 30],
  ];
  t.strictSame(medianCurve(rounds), [3, 30]);
});
