import t from 'tap';
import { parsePolicy } from '../../classes/parse-policy.ts';
import { compilePolicy } from '../../classes/policy.ts';
import { Metric } from '../../schemas/metric-names.ts';
import { SMALL } from '../supervisor/fixtures/operated-gateway.ts';
import { Histogram, type HistogramSnapshot, LATENCY_BOUNDS_SECONDS } from '../telemetry/histogram.ts';
import { type SloRow, sloReport } from './slo-report.ts';

type Labels = Readonly<Record<string, string>>;

/** A histogram of `times` values in seconds. */
function measured(name: string, labels: Labels, value: number, times: number): HistogramSnapshot {
  const histogram = new Histogram(name, labels, LATENCY_BOUNDS_SECONDS);
  histogram.record(value, times);
  return histogram.snapshot();
}

function rowsOf(text: string, recent: readonly HistogramSnapshot[]): (scope: string, name: string) => SloRow[] {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const rows = sloReport(compilePolicy(parsed.document), parsed.document, recent);
  return (scope, name) => rows.filter((row) => row.scope === scope && row.name === name);
}

/** The small policy with another promise for captions. */
const captions = (promise: string) => SMALL.replace('match: [caption]', `match: [caption]\n    sloMs: ${promise}`);
const frames = (value: number, times: number) => [measured(Metric.gatewaySeconds, { class: 'captions' }, value, times)];

t.test('OPS-33 a promise is kept, broken, or cannot be judged by so few samples', async (t) => {
  const verdict = (promise: string, value: number, times: number) =>
    rowsOf(captions(promise), frames(value, times))('class', 'captions')[0]!.met;
  t.equal(verdict('{p50: 100}', 0.02, 20), true);
  t.equal(verdict('{p50: 100}', 0.02, 19), null, 'a p50 takes 20');
  t.equal(verdict('{p50: 10}', 0.02, 20), false);
  t.equal(verdict('{p99: 100}', 0.02, 99), null);
  t.equal(verdict('{p99: 100}', 0.02, 100), true);
  t.equal(verdict('{p999: 100}', 0.02, 999), null);
  t.equal(verdict('{p999: 100}', 0.02, 1000), true);
  t.equal(verdict('{p50: 100, p999: 100}', 0.02, 500), null, 'as far as can be said it is kept');
  t.equal(verdict('{p50: 10, p999: 100}', 0.02, 500), false, 'one that is broken is enough');
  t.equal(verdict('{}', 0.02, 500), null, 'nothing is promised');
  t.equal(verdict('{p50: 5000}', 99, 500), false, 'above every bucket');
  t.equal(verdict('{p50: 60000}', 99, 500), null, 'it took ten seconds or more: whether a minute is not known');
  t.equal(verdict('{p50: 100}', 0, 0), null);
});

t.test('OPS-33 each class and tier is told by its own measure, and no other', async (t) => {
  const text = SMALL.replace('gold: {weightFactor: 4}', 'gold: {tenants: [acme], sloMs: {p50: 1}}');
  const rows = rowsOf(text, [
    measured(Metric.setupSeconds, { outcome: 'answered' }, 0.15, 30),
    measured(Metric.setupSeconds, { outcome: 'joined' }, 0.15, 10),
    measured(Metric.setupSeconds, { outcome: 'failed' }, 0, 500),
    measured(Metric.gatewaySeconds, { class: 'call-setup' }, 0.001, 700),
    measured(Metric.gatewaySeconds, { class: 'call-control' }, 0.001, 7),
    measured(Metric.tierSeconds, { plane: 'control', tier: 'gold' }, 0.15, 40),
    measured(Metric.tierSeconds, { plane: 'metadata', tier: 'gold' }, 0.0002, 50),
    measured(Metric.captionStalenessSeconds, {}, 1, 99),
  ]);
  t.match(rows('class', 'call-setup'), [
    { plane: 'control', promise: { p999: 25 }, measured: { count: 40 }, met: null },
  ]);
  t.match(rows('class', 'call-setup')[0]!.measured, { p50: 150, p99: 199, p999: 199.9 });
  t.match(rows('class', 'call-control'), [{ promise: {}, measured: { count: 7 }, met: null }]);
  t.match(rows('class', 'captions'), [{ plane: 'metadata', measured: { p50: null, p99: null, p999: null, count: 0 } }]);
  t.match(rows('tier', 'gold'), [
    { plane: 'control', promise: { p50: 1 }, measured: { count: 40 }, met: false },
    { plane: 'metadata', promise: { p50: 1 }, measured: { count: 50, p50: 0.25 }, met: true },
  ]);
  t.match(rows('tier', 'standard'), [{ measured: { count: 0 } }, { measured: { count: 0 } }]);
});

t.test('OPS-33 a class that was retired is not told any more', async (t) => {
  const [before, after] = [SMALL, SMALL.replace('captions:', 'speech:')].map((text) => {
    const parsed = parsePolicy(text);
    if (!parsed.ok) throw new Error('the small policy is broken');
    return parsed.document;
  });
  const rows = sloReport(compilePolicy(after!, compilePolicy(before!)), after!, frames(0.02, 20));
  const names = rows.filter(({ scope }) => scope === 'class').map(({ name }) => name);
  t.strictSame(names.sort(), ['call-control', 'call-setup', 'deferred', 'premium', 'speech', 'standard']);
});
