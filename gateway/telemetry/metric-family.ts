/** Metrics of one name: what a producer makes of them is its own affair. */
import type { HistogramSnapshot } from './histogram.ts';

export type Labels = Readonly<Record<string, string>>;

export interface MetricPoint {
  readonly labels: Labels;
  readonly value: number;
}

interface Named {
  readonly name: string;
  readonly help: string;
}

export interface NumberFamily extends Named {
  readonly type: 'counter' | 'gauge';
  readonly points: readonly MetricPoint[];
}

export interface HistogramFamily extends Named {
  readonly type: 'histogram';
  readonly points: readonly HistogramSnapshot[];
}

/** All points of one name. */
export type MetricFamily = NumberFamily | HistogramFamily;

/** One value. */
export function point(labels: Labels, value: number): MetricPoint {
  return { labels, value };
}

/** A family of what only grows. */
export function counter(name: string, help: string, points: readonly MetricPoint[]): NumberFamily {
  return { name, help, type: 'counter', points };
}

/** A family of what goes up and down. */
export function gauge(name: string, help: string, points: readonly MetricPoint[]): NumberFamily {
  return { name, help, type: 'gauge', points };
}
