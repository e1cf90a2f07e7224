/**
 * Latencies of one arm as an HDR histogram in microseconds: mergeable between rounds and processes.
 *
 * Invariant: nothing is lost at the top. A value above the range counts as the range's end, and is not left out.
 */
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

const HIGHEST_US = 120_000_000;

/** What is printed of a latency record, in ms. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Counts latencies. Three significant digits: an error below 0.1 %. */
export class LatencyRecord {
  readonly #histogram: Histogram;

  constructor(histogram?: Histogram) {
    this.#histogram =
      histogram ?? build({ bitBucketSize: 32, highestTrackableValue: HIGHEST_US, numberOfSignificantValueDigits: 3 });
  }

  /** Records one latency in ms. Negative values (clock grain) count as 0. */
  record(latencyMs: number, times = 1): void {
    const us = Math.round(latencyMs * 1000);
    this.#histogram.recordValueWithCount(Math.max(0, Math.min(us, HIGHEST_US)), times);
  }

  /** Adds all of another record's latencies. */
  add(other: LatencyRecord): void {
    this.#histogram.add(other.#histogram);
  }

  /** Forgets everything. */
  reset(): void {
    this.#histogram.reset();
  }

  /** The latency in ms below which `percent` of the records lie; 0 of an empty record. */
  percentileMs(percent: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percent) / 1000;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  summary(): LatencySummary {
    return {
      count: this.count,
      p50: this.percentileMs(50),
      p90: this.percentileMs(90),
      p99: this.percentileMs(99),
      p999: this.percentileMs(99.9),
      max: this.count === 0 ? 0 : this.#histogram.maxValue / 1000,
    };
  }

  /** The record as a string, in HdrHistogram's own compressed form, for another process or a file. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  /** The record that `encode` wrote. Throws on anything else. */
  static decode(encoded: string): LatencyRecord {
    return new LatencyRecord(decodeFromCompressedBase64(encoded, 32));
  }
}

/** One line of figures: `p50 0.21  p90 0.30  p99 0.81  p99.9 2.80  max 3.10 ms`. */
export function formatSummary(summary: LatencySummary): string {
  const { p50, p90, p99, p999, max } = summary;
  const parts = [`p50 ${p50.toFixed(2)}`, `p90 ${p90.toFixed(2)}`, `p99 ${p99.toFixed(2)}`];
  return `${[...parts, `p99.9 ${p999.toFixed(2)}`, `max ${max.toFixed(2)}`].join('  ')} ms`;
}
