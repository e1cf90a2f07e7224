/** A fixed-bucket histogram: a few comparisons and two additions per value, no allocation. */

/** A histogram's content at one moment. `counts` has one entry more than `bounds`: values above the last. */
export interface HistogramSnapshot {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Bounds in seconds that resolve both a quick answer and one that took far too long. */
export const LATENCY_BOUNDS_SECONDS: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10,
];

/** Counts values by ascending upper bounds (inclusive), Prometheus' way. */
export class Histogram {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly #bounds: Float64Array;
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(name: string, labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.name = name;
    this.labels = labels;
    this.#bounds = Float64Array.from(bounds);
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts `value` (in the histogram's own unit) `times` times. */
  record(value: number, times = 1): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > bounds[index]!) index++;
    this.#counts[index]! += times;
    this.#sum += value * times;
  }

  snapshot(): HistogramSnapshot {
    const { name, labels } = this;
    return { name, labels, bounds: [...this.#bounds], counts: [...this.#counts], sum: this.#sum };
  }
}
