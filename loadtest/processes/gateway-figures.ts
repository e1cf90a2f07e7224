/** The gateway's own figures, read from its Prometheus text: what was offered, admitted, refused, and the residual. */
import { Metric } from '../../schemas/metric-names.ts';

/** Sums over planes, by class. */
export interface GatewayFigures {
  readonly offered: Readonly<Record<string, number>>;
  readonly admitted: Readonly<Record<string, number>>;
  /** By outcome, over all classes. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Frames that have ended in some outcome, by class. */
  readonly ended: Readonly<Record<string, number>>;
  /** Frames that wait at the moment, by class. */
  readonly queued: Readonly<Record<string, number>>;
  readonly deliveries: number;
  /** Largest absolute residual of any plane and class: 0 when every frame is accounted for. */
  readonly residual: number;
  readonly handshakes: Readonly<Record<string, number>>;
  readonly disconnects: Readonly<Record<string, number>>;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the figures out of an exposition. Metrics that are not there count as nothing. */
export function readFigures(text: string): GatewayFigures {
  const samples = parseSamples(text);
  const sumBy = (name: string, label: string): Record<string, number> => {
    const sums: Record<string, number> = {};
    for (const sample of samples) {
      if (sample.name !== name) continue;
      const key = sample.labels[label] ?? '';
      sums[key] = (sums[key] ?? 0) + sample.value;
    }
    return sums;
  };
  const residuals = samples.filter(({ name }) => name === Metric.conservationResidual);
  return {
    offered: sumBy(Metric.offeredTotal, 'class'),
    admitted: sumBy(Metric.admittedTotal, 'class'),
    outcomes: sumBy(Metric.framesTotal, 'outcome'),
    ended: sumBy(Metric.framesTotal, 'class'),
    queued: sumBy(Metric.queuedFrames, 'class'),
    deliveries: total(sumBy(Metric.deliveriesTotal, 'class')),
    residual: Math.max(0, ...residuals.map(({ value }) => Math.abs(value))),
    handshakes: sumBy(Metric.handshakesTotal, 'result'),
    disconnects: sumBy(Metric.disconnectsTotal, 'code'),
  };
}

/** What came between two readings. The residual and what waits are those of the later one. */
export function figuresBetween(before: GatewayFigures, after: GatewayFigures): GatewayFigures {
  return {
    offered: difference(before.offered, after.offered),
    admitted: difference(before.admitted, after.admitted),
    outcomes: difference(before.outcomes, after.outcomes),
    ended: difference(before.ended, after.ended),
    queued: after.queued,
    deliveries: after.deliveries - before.deliveries,
    residual: after.residual,
    handshakes: difference(before.handshakes, after.handshakes),
    disconnects: difference(before.disconnects, after.disconnects),
  };
}

/** Sum of all values. */
export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const entries = Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== 0));
}

function parseSamples(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!match) continue;
    const labels: Record<string, string> = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[key!] = value!;
    samples.push({ name: match[1]!, labels, value: Number(match[3]) });
  }
  return samples;
}
