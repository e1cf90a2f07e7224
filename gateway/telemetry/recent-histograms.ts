/**
 * What histograms counted lately, where they themselves count for ever: how they stood is remembered once in a while, and
 * what they counted lately is what they have more than then.
 *
 * Invariant: a look goes back `spanMs` and at most one remembered moment further, or to the beginning where that is nearer.
 */
import type { HistogramSnapshot } from './histogram.ts';

interface Moment {
  readonly atMs: number;
  readonly histograms: ReadonlyMap<string, HistogramSnapshot>;
}

export class RecentHistograms {
  readonly #spanMs: number;
  #moments: Moment[] = [];

  /** `spanMs`: how far back a look goes. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** Remembers how the histograms stand. Times are monotonic ms and do not fall. */
  remember(histograms: readonly HistogramSnapshot[], nowMs: number): void {
    this.#forget(nowMs);
    this.#moments.push({ atMs: nowMs, histograms: new Map(histograms.map((each) => [keyOf(each), each])) });
  }

  /** How the histograms differ from what they were `spanMs` ago; one that was not there then counts as empty. */
  since(histograms: readonly HistogramSnapshot[], nowMs: number): HistogramSnapshot[] {
    this.#forget(nowMs);
    const then = this.#moments[0]?.histograms;
    return histograms.map((now) => {
      const before = then?.get(keyOf(now));
      if (before === undefined) return now;
      const counts = now.counts.map((count, index) => Math.max(0, count - (before.counts[index] ?? 0)));
      return { ...now, counts, sum: now.sum - before.sum };
    });
  }

  /** Lets go of what is older than the newest moment that is `spanMs` ago. */
  #forget(nowMs: number): void {
    const beginMs = nowMs - this.#spanMs;
    const kept = this.#moments.findIndex((_, index) => (this.#moments[index + 1]?.atMs ?? nowMs) > beginMs);
    if (kept > 0) this.#moments = this.#moments.slice(kept);
  }
}

function keyOf({ name, labels }: HistogramSnapshot): string {
  return JSON.stringify([name, Object.entries(labels).sort()]);
}
