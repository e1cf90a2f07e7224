/**
 * What the gateway publishes as metrics, made from what its planes last reported: names, labels and values, without
 * saying in which format they travel. Reading them waits for nobody.
 *
 * Labels whose values come from outside (node names) are capped: 1000 values, then `other`.
 */
import { UNCLASSIFIED } from '../../classes/policy.ts';
import { Metric, OUTCOMES } from '../../schemas/metric-names.ts';
import type { HistogramSnapshot } from './histogram.ts';
import { memoryFamilies } from './memory-families.ts';
import { counter, gauge, type Labels, type MetricFamily, type MetricPoint, point } from './metric-family.ts';
import type { PlaneSnapshot } from './plane-counters.ts';
import { addHistograms, addSnapshots, residualsOf } from './snapshot-sum.ts';

const MAX_LABEL_VALUES = 1000;
const QUANTILES = { p50: '0.5', p99: '0.99', max: '1' };

/** One plane worker as the supervisor knows it; `total` is over all its lives, null before it first reported. */
export interface PlaneReading {
  readonly plane: 'control' | 'metadata';
  readonly worker: number;
  readonly up: boolean;
  readonly restarts: number;
  readonly total: PlaneSnapshot | null;
  /** By class index: what it may use of limits that it shares with other workers; empty or absent: it shares none. */
  readonly leaseShares?: readonly number[];
}

type Pick = (snapshot: PlaneSnapshot) => readonly number[];

/** How often the policy was changed since the start, and how often it was to be and was not. */
export interface PolicyCounts {
  readonly changes: number;
  readonly failures: number;
}

/** Every family that has at least one point, in the order in which people look for them. */
export function metricFamilies(
  readings: readonly PlaneReading[],
  policies: PolicyCounts = { changes: 0, failures: 0 },
  ladderLevel = 0,
): MetricFamily[] {
  const planes = byPlane(readings);
  const families = [
    ...processFamilies(readings),
    counter(Metric.policyChangesTotal, 'Policies put in force since the start', [point({}, policies.changes)]),
    counter(Metric.policyReloadFailuresTotal, 'Policies refused, or not adopted by every plane', [
      point({}, policies.failures),
    ]),
    gauge(Metric.ladderLevel, 'Level of overload: what is given up', [point({}, ladderLevel)]),
    ...frameFamilies(planes),
    ...socketFamilies(planes),
    ...memoryFamilies(readings),
    ...nodeFamilies(planes),
    ...histogramFamilies(planes),
  ];
  return families.filter((family) => family.points.length > 0);
}

function processFamilies(readings: readonly PlaneReading[]): MetricFamily[] {
  const labels = ({ plane, worker }: PlaneReading) => ({ plane, worker: String(worker) });
  const delays = readings.flatMap((reading) => {
    const delay = reading.up ? reading.total?.loopDelayMs : undefined;
    if (delay === undefined) return [];
    return (['p50', 'p99', 'max'] as const).map((name) =>
      point({ ...labels(reading), quantile: QUANTILES[name] }, delay[name] / 1000),
    );
  });
  const versions = readings.flatMap((reading) =>
    reading.total === null ? [] : [point(labels(reading), reading.total.policyVersion)],
  );
  const shares = readings.flatMap(({ worker, total, leaseShares = [] }) => {
    const labelOf = (index: number) => ({ worker: `${worker}`, class: total?.classes[index] ?? UNCLASSIFIED });
    return leaseShares.map((share, index) => point(labelOf(index), share));
  });
  const up = readings.map((reading) => point(labels(reading), reading.up ? 1 : 0));
  const restarts = readings.map((reading) => point(labels(reading), reading.restarts));
  return [
    gauge(Metric.planeUp, 'Whether the plane is listening and reporting', up),
    counter(Metric.planeRestartsTotal, 'How often the plane was started again after it died', restarts),
    gauge(Metric.policyVersion, 'Version of the policy in force', versions),
    gauge(Metric.leaseShare, 'Part of the gateway limit of the class that the worker may use', shares),
    gauge(Metric.loopDelaySeconds, 'Delay of the event loop over the last second', delays),
  ];
}

function frameFamilies(planes: readonly PlaneSnapshot[]): MetricFamily[] {
  const perClass = (pick: Pick, more: Labels = {}) =>
    planes.flatMap((snapshot) => {
      const values = pick(snapshot);
      return snapshot.classes.map((name, index) =>
        point({ plane: snapshot.plane, class: name, ...more }, values[index] ?? 0),
      );
    });
  const outcomes = OUTCOMES.flatMap((outcome, index) =>
    perClass((snapshot) => snapshot.outcomes.map((row) => row[index] ?? 0), { outcome }),
  );
  const bytes = [
    ...perClass((snapshot) => snapshot.bytesIn, { direction: 'in' }),
    ...perClass((snapshot) => snapshot.bytesOut, { direction: 'out' }),
  ];
  const whole = planes.length === 0 ? null : planes.reduce((sum, next) => addSnapshots(sum, next));
  const deliveries = (whole?.classes ?? []).map((name, index) => point({ class: name }, whole?.deliveries[index] ?? 0));
  const finals = whole === null ? [] : Object.entries(whole.finals).map(([state, value]) => point({ state }, value));
  return [
    counter(
      Metric.offeredTotal,
      'Frames that came in',
      perClass((snapshot) => snapshot.offered),
    ),
    counter(Metric.framesTotal, 'Frames by the way they ended', outcomes),
    gauge(
      Metric.queuedFrames,
      'Frames that wait',
      perClass((snapshot) => snapshot.queued),
    ),
    gauge(Metric.conservationResidual, 'Frames offered but neither ended nor queued: always 0', perClass(residualsOf)),
    counter(
      Metric.admittedTotal,
      'Frames that passed admission',
      perClass((snapshot) => snapshot.admitted),
    ),
    counter(Metric.bytesTotal, 'Payload bytes', bytes),
    counter(Metric.deliveriesTotal, 'Frames handed to subscribers, each subscriber counted', deliveries),
    counter(
      Metric.writesTotal,
      'Messages written to sockets',
      planes.map((each) => point({ plane: each.plane }, each.writes)),
    ),
    counter(Metric.finalsTotal, 'Final captions', finals),
  ];
}

function socketFamilies(planes: readonly PlaneSnapshot[]): MetricFamily[] {
  const perKey = (label: string, pick: (snapshot: PlaneSnapshot) => Labels | Readonly<Record<string, number>>) =>
    planes.flatMap((snapshot) =>
      Object.entries(pick(snapshot)).map(([key, value]) =>
        point({ plane: snapshot.plane, [label]: key }, Number(value)),
      ),
    );
  const buffered = planes.map((each) => point({ plane: each.plane }, each.bufferedBytes));
  return [
    gauge(
      Metric.sessions,
      'Open sessions',
      perKey('kind', (snapshot) => snapshot.sessions),
    ),
    counter(
      Metric.handshakesTotal,
      'Handshakes by result',
      perKey('result', (snapshot) => snapshot.handshakes),
    ),
    counter(
      Metric.disconnectsTotal,
      'Sessions ended, by close code',
      perKey('code', (snapshot) => snapshot.disconnects),
    ),
    gauge(Metric.bufferedBytes, 'Bytes written that the kernel has not taken', buffered),
  ];
}

function nodeFamilies(planes: readonly PlaneSnapshot[]): MetricFamily[] {
  const states = { closed: 0, halfOpen: 1, open: 2 };
  const nodes = planes.flatMap((snapshot) => snapshot.nodes);
  const breakers = planes.flatMap((snapshot) => snapshot.breakers);
  return [
    gauge(
      Metric.nodeSessions,
      'Sessions the node says it has',
      perNode(nodes, (node) => node.sessions),
    ),
    gauge(
      Metric.nodeLoad,
      'Load the node says it has, 0 to 1',
      perNode(nodes, (node) => node.load),
    ),
    gauge(
      Metric.breakerState,
      'Breaker of the node: 0 closed, 1 half open, 2 open',
      perNode(breakers, (each) => states[each.state]),
    ),
  ];
}

/** One point per node: both planes may know it, and the worse of two values counts. */
function perNode<T extends { readonly node: string }>(items: readonly T[], value: (item: T) => number): MetricPoint[] {
  const values = new Map<string, number>();
  for (const item of items) {
    const label = values.has(item.node) || values.size < MAX_LABEL_VALUES ? item.node : 'other';
    values.set(label, Math.max(values.get(label) ?? 0, value(item)));
  }
  return [...values].map(([node, worst]) => point({ node }, worst));
}

function histogramFamilies(planes: readonly PlaneSnapshot[]): MetricFamily[] {
  const help: Readonly<Record<string, string>> = {
    [Metric.setupSeconds]: 'From a join or offer to its answer',
    [Metric.gatewaySeconds]: 'Time a frame spent in the gateway',
    [Metric.tierSeconds]: 'Set-ups (control) and time in the gateway (metadata) by tier of the tenant',
    [Metric.captionStalenessSeconds]: 'Age of an interim caption when it was written',
  };
  const all = planes.reduce<HistogramSnapshot[]>((sum, snapshot) => addHistograms(sum, snapshot.histograms), []);
  return [...new Set(all.map((each) => each.name))].map((name) => ({
    name,
    help: help[name] ?? name,
    type: 'histogram',
    points: all.filter((each) => each.name === name),
  }));
}

/** The workers of each plane as one. */
function byPlane(readings: readonly PlaneReading[]): PlaneSnapshot[] {
  const sums = new Map<string, PlaneSnapshot>();
  for (const { plane, total } of readings) {
    if (total === null) continue;
    const before = sums.get(plane);
    sums.set(plane, before === undefined ? total : addSnapshots(before, total));
  }
  return [...sums.values()];
}
