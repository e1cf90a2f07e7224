/** The short form of `npm run bench -- reload`: the gateway as it is served, a few seconds, counts only. */
import t from 'tap';
import { reloadFaults, reloadUnderLoad } from './reload-run.ts';

t.setTimeout(120_000);

t.test('LOAD-30 policies put over HTTP under load lose and misclassify nothing, and the check can fail', async (t) => {
  const report = await reloadUnderLoad({ framesPerSecond: 20_000, durationMs: 3000 });
  t.strictSame(reloadFaults(report), []);
  t.ok(report.accepted > 0 && report.seen > 0, `${report.accepted} reloads, ${report.seen} frames seen`);
  const blind = { ...report, misclassifiedByOne: 0 };
  t.match(reloadFaults(blind), [/the check cannot fail/]);
  t.match(reloadFaults({ ...report, lost: 1 }), ['lost 1, expected 0']);
});
