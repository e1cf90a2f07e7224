/**
 * What the gateway does right now, once a second: per class what was offered, shed, merged and delivered, and how long
 * call setups took. Made from what the planes last reported; nothing waits for a plane.
 *
 * Rates are per second of the plane's own time between two of its reports, because our second and a plane's second
 * begin at different moments. Invariant: nothing runs while nobody listens.
 */
import type { LiveClass, LiveLadder, LiveSecond } from '../../schemas/live-second.ts';
import { Metric, OUTCOMES, type OutcomeName } from '../../schemas/metric-names.ts';
import type { HistogramSnapshot } from '../telemetry/histogram.ts';
import { histogramQuantile } from '../telemetry/histogram-quantile.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';

const SECOND_MS = 1000;
/** Planes report once a second: after this long, a plane's figures are no longer of now. */
const REPORT_EXPIRY_MS = 3500;

/** A plane worker's counters over all its lives, and when it last told them (monotonic ms). */
export interface LiveReading {
  readonly plane: 'control' | 'metadata';
  readonly worker: number;
  readonly total: PlaneSnapshot | null;
  readonly reportedMs: number;
}

type Listener = (second: LiveSecond) => void;
interface Rates {
  readonly classes: readonly LiveClass[];
  readonly setups: LiveSecond['setups'];
}
interface Seen {
  readonly total: PlaneSnapshot;
  readonly reportedMs: number;
  readonly rates: Rates;
}

const SILENT: Rates = { classes: [], setups: { answered: 0, failed: 0, p50Ms: null } };
const group = (of: (name: OutcomeName) => boolean) => OUTCOMES.flatMap((name, index) => (of(name) ? [index] : []));
const SHED = group((name) => name.startsWith('rejected_') || name.startsWith('evicted_'));
const MERGED = group((name) => name === 'merged');
const DELIVERED = group((name) => name === 'delivered');
const LOST = group((name) => ['undeliverable', 'failed', 'malformed', 'unauthorised'].includes(name));

export class LiveFeed {
  readonly #read: () => readonly LiveReading[];
  readonly #ladder: () => LiveLadder;
  readonly #listeners = new Set<Listener>();
  #seen = new Map<string, Seen>();
  #timer: NodeJS.Timeout | undefined;

  constructor(read: () => readonly LiveReading[], ladder: () => LiveLadder = () => ({ level: 0, asks: '' })) {
    this.#read = read;
    this.#ladder = ladder;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells every second from now on; returns the function that stops it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) {
      this.#tick();
      this.#timer = setInterval(() => this.#tick(), SECOND_MS);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Forgets every listener. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
    this.#seen.clear();
  }

  #tick(): void {
    const second = this.second(performance.now());
    for (const listener of this.#listeners) listener(second);
  }

  /** The second that ended about `nowMs` (monotonic). To be called about once a second: it remembers. */
  second(nowMs: number): LiveSecond {
    const readings = this.#read().filter(
      ({ total, reportedMs }) => total !== null && nowMs - reportedMs <= REPORT_EXPIRY_MS,
    );
    const seen = new Map<string, Seen>();
    for (const { plane, worker, total, reportedMs } of readings) {
      const key = `${plane} ${worker}`;
      seen.set(key, next(this.#seen.get(key), total!, reportedMs));
    }
    this.#seen = seen;
    const rates = [...seen.values()].map((one) => one.rates);
    const control = readings.filter(({ plane }) => plane === 'control');
    const metadata = readings.filter(({ plane }) => plane === 'metadata');
    return {
      atMs: Date.now(),
      classes: sumByName(rates.flatMap(({ classes }) => classes)),
      setups: rates.find(({ setups }) => setups.answered + setups.failed > 0)?.setups ?? SILENT.setups,
      sessions: control.flatMap(({ total }) => Object.values(total!.sessions)).reduce((sum, count) => sum + count, 0),
      loopDelayMs: { control: slowest(control), metadata: slowest(metadata) },
      ladder: this.#ladder(),
    };
  }
}

function next(before: Seen | undefined, total: PlaneSnapshot, reportedMs: number): Seen {
  if (before === undefined) return { total, reportedMs, rates: { ...SILENT, classes: ratesOf(total, total, 1) } };
  if (before.reportedMs === reportedMs) return before;
  const seconds = (reportedMs - before.reportedMs) / SECOND_MS;
  const classes = ratesOf(before.total, total, seconds);
  return { total, reportedMs, rates: { classes, setups: setupsOf(before.total, total, seconds) } };
}

function ratesOf(before: PlaneSnapshot, after: PlaneSnapshot, seconds: number): LiveClass[] {
  return after.classes.map((name, row) => {
    const past = before.classes.indexOf(name);
    const rate = (of: (snapshot: PlaneSnapshot, row: number) => number): number =>
      (of(after, row) - (past < 0 ? 0 : of(before, past))) / seconds;
    const ended = (outcomes: readonly number[]) =>
      rate((snapshot, at) => outcomes.reduce((sum, outcome) => sum + (snapshot.outcomes[at]?.[outcome] ?? 0), 0));
    return {
      name,
      plane: after.plane,
      offered: rate((snapshot, at) => snapshot.offered[at] ?? 0),
      shed: ended(SHED),
      merged: ended(MERGED),
      delivered: ended(DELIVERED),
      lost: ended(LOST),
    };
  });
}

/** A class is counted where its frames arrive: of both planes when some came on mixed sockets. */
function sumByName(classes: readonly LiveClass[]): LiveClass[] {
  const sums = new Map<string, LiveClass>();
  for (const one of classes) {
    const sum = sums.get(one.name);
    sums.set(one.name, sum === undefined ? one : added(sum, one));
  }
  return [...sums.values()];
}

function added(a: LiveClass, b: LiveClass): LiveClass {
  return {
    name: a.name,
    plane: homeOf(a, b),
    offered: a.offered + b.offered,
    shed: a.shed + b.shed,
    merged: a.merged + b.merged,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
  };
}

/** The plane a class's frames mostly come to; while there are none, the default policy's names tell calls by. */
function homeOf(a: LiveClass, b: LiveClass): LiveClass['plane'] {
  if (a.offered !== b.offered) return a.offered > b.offered ? a.plane : b.plane;
  return a.name.startsWith('call-') ? 'control' : 'metadata';
}

function setupsOf(before: PlaneSnapshot, after: PlaneSnapshot, seconds: number): LiveSecond['setups'] {
  const answered = histogramDelta(before, after, 'answered');
  const failed = histogramDelta(before, after, 'failed');
  return { answered: answered.total / seconds, failed: failed.total / seconds, p50Ms: answered.p50Ms };
}

function histogramDelta(before: PlaneSnapshot, after: PlaneSnapshot, outcome: string) {
  const find = (snapshot: PlaneSnapshot): HistogramSnapshot | undefined =>
    snapshot.histograms.find(({ name, labels }) => name === Metric.setupSeconds && labels.outcome === outcome);
  const [old, now] = [find(before), find(after)];
  const counts = (now?.counts ?? []).map((count, index) => count - (old?.counts[index] ?? 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const median = histogramQuantile(now?.bounds ?? [], counts, 0.5);
  return { total, p50Ms: median === null ? null : median * SECOND_MS };
}

function slowest(readings: readonly LiveReading[]): number {
  return Math.max(0, ...readings.map(({ total }) => total!.loopDelayMs.p99));
}
