/** Adds up what planes counted: the workers of a plane, and the lives of a process that was restarted. */
import { OUTCOMES, Outcome } from '../../schemas/metric-names.ts';
import { addHeld } from './held-bytes.ts';
import type { HistogramSnapshot } from './histogram.ts';
import type { PlaneSnapshot } from './plane-counters.ts';

/**
 * The sum of two snapshots, class by class by name, histogram by histogram. Of what does not add up, `b` speaks for
 * both; loop delays are those of the slower one.
 */
export function addSnapshots(a: PlaneSnapshot, b: PlaneSnapshot): PlaneSnapshot {
  const classes = [...a.classes, ...b.classes.filter((name) => !a.classes.includes(name))];
  const column = (pick: (snapshot: PlaneSnapshot) => readonly number[]) =>
    classes.map((name) => at(pick(a), a.classes.indexOf(name)) + at(pick(b), b.classes.indexOf(name)));
  return {
    plane: b.plane,
    worker: b.worker,
    policyVersion: b.policyVersion,
    classes,
    offered: column((snapshot) => snapshot.offered),
    admitted: column((snapshot) => snapshot.admitted),
    queued: column((snapshot) => snapshot.queued),
    outcomes: classes.map((name) => {
      const [before, after] = [a.outcomes[a.classes.indexOf(name)], b.outcomes[b.classes.indexOf(name)]];
      return OUTCOMES.map((_, outcome) => at(before, outcome) + at(after, outcome));
    }),
    bytesIn: column((snapshot) => snapshot.bytesIn),
    bytesOut: column((snapshot) => snapshot.bytesOut),
    deliveries: column((snapshot) => snapshot.deliveries),
    writes: a.writes + b.writes,
    finals: {
      received: a.finals.received + b.finals.received,
      delivered: a.finals.delivered + b.finals.delivered,
    },
    bufferedBytes: a.bufferedBytes + b.bufferedBytes,
    held: addHeld(a.held ?? [], b.held ?? []),
    memory: b.memory,
    sessions: addRecords(a.sessions, b.sessions),
    disconnects: addRecords(a.disconnects, b.disconnects),
    handshakes: addRecords(a.handshakes, b.handshakes),
    loopDelayMs: {
      p50: Math.max(a.loopDelayMs.p50, b.loopDelayMs.p50),
      p99: Math.max(a.loopDelayMs.p99, b.loopDelayMs.p99),
      max: Math.max(a.loopDelayMs.max, b.loopDelayMs.max),
    },
    histograms: addHistograms(a.histograms, b.histograms),
    breakers: [...a.breakers, ...b.breakers],
    nodes: [...a.nodes, ...b.nodes],
  };
}

/**
 * What remains of a plane that died: its counters. What it had open is gone, and the frames it had queued have failed,
 * so that offered = outcomes + queued holds for the dead too.
 */
export function lastWill(snapshot: PlaneSnapshot): PlaneSnapshot {
  return {
    ...snapshot,
    queued: snapshot.queued.map(() => 0),
    outcomes: snapshot.outcomes.map((row, index) =>
      OUTCOMES.map((_, outcome) => at(row, outcome) + (outcome === Outcome.failed ? at(snapshot.queued, index) : 0)),
    ),
    bufferedBytes: 0,
    held: [],
    memory: undefined,
    sessions: {},
    loopDelayMs: { p50: 0, p99: 0, max: 0 },
    breakers: [],
    nodes: [],
  };
}

/** offered − outcomes − queued of each class: all 0 unless frames were counted twice or not at all. */
export function residualsOf(snapshot: PlaneSnapshot): number[] {
  return snapshot.classes.map((_, index) => {
    const settled = snapshot.outcomes[index]!.reduce((sum, count) => sum + count, 0);
    return snapshot.offered[index]! - settled - snapshot.queued[index]!;
  });
}

/** Histograms of the same name and labels as one; where the bounds differ, those of `b` alone. */
export function addHistograms(a: readonly HistogramSnapshot[], b: readonly HistogramSnapshot[]): HistogramSnapshot[] {
  const sums = new Map<string, HistogramSnapshot>();
  for (const histogram of [...a, ...b]) {
    const key = JSON.stringify([histogram.name, Object.entries(histogram.labels).sort()]);
    const before = sums.get(key);
    const same = before !== undefined && String(before.bounds) === String(histogram.bounds);
    sums.set(key, same ? addHistogram(before, histogram) : histogram);
  }
  return [...sums.values()];
}

function addHistogram(a: HistogramSnapshot, b: HistogramSnapshot): HistogramSnapshot {
  return { ...b, counts: b.counts.map((count, index) => count + at(a.counts, index)), sum: a.sum + b.sum };
}

function addRecords(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [key, value] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}

function at(values: readonly number[] | undefined, index: number): number {
  return values?.[index] ?? 0;
}
