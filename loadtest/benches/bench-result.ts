/** What a benchmark prints: figures of one run beside the ceiling or peer measured in the same run. */

/** One comparison. */
export interface Comparison {
  readonly what: string;
  readonly ours: number;
  readonly other: number;
  /** What `other` is. */
  readonly beside: string;
  readonly unit: string;
  /** The figure that is judged, as text, e.g. `72 % of it`. */
  readonly ratio: string;
  readonly target: string;
  readonly met: boolean;
}

/** Prints a line as the benchmark goes. */
export type Print = (line: string) => void;

/** What was asked for on the command line. */
export interface BenchOptions {
  /** How long the load lasts, where a benchmark lets that be chosen. */
  readonly seconds?: number;
}

/** A benchmark: measures, prints, and gives back what it found. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Whether it takes so long that it runs only where it is asked for by name. */
  readonly onlyByName?: true;
  run(print: Print, options: BenchOptions): Promise<readonly Comparison[]>;
}

/** One line of a comparison. */
export function comparisonLine(comparison: Comparison): string {
  const { what, ours, other, beside, unit, ratio, target, met } = comparison;
  const figures = `${figure(ours)} ${unit}, ${beside} ${figure(other)} ${unit}`;
  return `  ${what}: ${figures}: ${ratio}   (target ${target}: ${met ? 'met' : 'MISSED'})`;
}

function figure(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
