/**
 * What classes and tiers are promised (`sloMs`), and what was measured of it lately.
 *
 *     class that joins are of   sluice_setup_seconds: calls that were set up, clients' and nodes' time included
 *     any other class           sluice_gateway_seconds{class}: time a frame spent in the gateway
 *     tier, by plane            sluice_tier_seconds{plane, tier}: likewise, of its tenants
 *
 * Invariant: nothing is judged by fewer samples than its quantile takes; calls that failed are not in any of it.
 */
import type { Policy, TrafficClass } from '../../classes/policy.ts';
import type { PolicyDocument } from '../../classes/policy-schema.ts';
import { Metric } from '../../schemas/metric-names.ts';
import type { HistogramSnapshot } from '../telemetry/histogram.ts';
import { histogramQuantile } from '../telemetry/histogram-quantile.ts';
import { addHistograms } from '../telemetry/snapshot-sum.ts';

/** Which share of what was measured each quantile covers, and the samples without which it would be mere chance. */
const QUANTILES = {
  p50: { share: 0.5, least: 20 },
  p99: { share: 0.99, least: 100 },
  p999: { share: 0.999, least: 1000 },
} as const;
type QuantileName = keyof typeof QUANTILES;
const NAMES = Object.keys(QUANTILES) as QuantileName[];

/** The histograms that rows are made of. */
export const SLO_METRICS: readonly string[] = [Metric.setupSeconds, Metric.gatewaySeconds, Metric.tierSeconds];

/** ms by quantile; what is not promised is left out. */
export type SloPromise = Readonly<Partial<Record<QuantileName, number | undefined>>>;

/** One promise and how it was kept. */
export interface SloRow {
  readonly scope: 'class' | 'tier';
  readonly name: string;
  readonly plane: 'control' | 'metadata';
  readonly promise: SloPromise;
  /** ms; null where nothing was measured. What took longer than the last bucket's bound, 10 s, is told as that. */
  readonly measured: Readonly<Record<QuantileName, number | null>> & { readonly count: number };
  /** Null where nothing is promised, or too little was measured to say. */
  readonly met: boolean | null;
}

/** A row for each class in use, then one for each tier in each plane. `recent`: what was measured lately. */
export function sloReport(
  policy: Pick<Policy, 'classes' | 'tiers'>,
  document: Pick<PolicyDocument, 'classes' | 'tiers'>,
  recent: readonly HistogramSnapshot[],
): SloRow[] {
  const classes = policy.classes.filter(({ retired }) => !retired);
  const ofClasses = classes.map((each) => {
    const promise = document.classes[each.name]?.sloMs ?? {};
    return rowOf({ scope: 'class', name: each.name, plane: each.plane, promise }, recent.filter(measuring(each)));
  });
  const ofTiers = policy.tiers.flatMap((name) =>
    (['control', 'metadata'] as const).map((plane) => {
      const promise = document.tiers[name]?.sloMs ?? {};
      const own = recent.filter(
        ({ name: metric, labels }) => metric === Metric.tierSeconds && labels.tier === name && labels.plane === plane,
      );
      return rowOf({ scope: 'tier', name, plane, promise }, own);
    }),
  );
  return [...ofClasses, ...ofTiers];
}

function measuring({ name, match }: TrafficClass): (histogram: HistogramSnapshot) => boolean {
  if (match.includes('join')) {
    return ({ name: metric, labels }) => metric === Metric.setupSeconds && labels.outcome !== 'failed';
  }
  return ({ name: metric, labels }) => metric === Metric.gatewaySeconds && labels.class === name;
}

function rowOf(row: Omit<SloRow, 'measured' | 'met'>, histograms: readonly HistogramSnapshot[]): SloRow {
  const unlabelled = histograms.map((each) => ({ ...each, labels: {} }));
  const [sum] = addHistograms(unlabelled, []);
  const [bounds, counts] = [sum?.bounds ?? [], sum?.counts ?? []];
  const quantile = (name: QuantileName): number | null => {
    const seconds = histogramQuantile(bounds, counts, QUANTILES[name].share);
    // A nanosecond is finer than any clock here; more digits would only be noise of the arithmetic.
    return seconds === null ? null : Math.round(seconds * 1e9) / 1e6;
  };
  const count = counts.reduce((total, each) => total + each, 0);
  const measured = { p50: quantile('p50'), p99: quantile('p99'), p999: quantile('p999'), count };
  return { ...row, measured, met: metBy(row.promise, measured, (bounds.at(-1) ?? 0) * 1000) };
}

/** `mostMs`: the last bound; what is measured as that may as well be more. */
function metBy(promise: SloPromise, measured: SloRow['measured'], mostMs: number): boolean | null {
  const verdicts = NAMES.filter((name) => promise[name] !== undefined).map((name) => {
    const [promisedMs, measuredMs] = [promise[name]!, measured[name]];
    if (measuredMs === null || measured.count < QUANTILES[name].least) return null;
    if (measuredMs < mostMs) return measuredMs <= promisedMs;
    return promisedMs < mostMs ? false : null;
  });
  if (verdicts.includes(false)) return false;
  return verdicts.length === 0 || verdicts.includes(null) ? null : true;
}
