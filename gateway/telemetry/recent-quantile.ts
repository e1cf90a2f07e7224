/**
 * A quantile of what was measured in the last windows: for decisions, where `histogram.ts` is for figures over a lifetime.
 *
 * Values fall into buckets that grow by a twelfth of an octave each, so what is told is at most 6 % above what was measured.
 * Invariant: recording is one logarithm and one increment, and allocates nothing.
 */
const PER_OCTAVE = 12;
const BUCKETS = 256;
/** Everything at or below this is as good as nothing, ms. */
const LEAST_MS = 0.05;

export class RecentQuantile {
  readonly #windows: Uint32Array[];
  #present = 0;

  /** `windows`: how many of them count, the present one included. */
  constructor(windows: number) {
    this.#windows = Array.from({ length: windows }, () => new Uint32Array(BUCKETS));
  }

  record(valueMs: number): void {
    const octaves = valueMs <= LEAST_MS ? 0 : Math.log2(valueMs / LEAST_MS);
    const bucket = Math.min(BUCKETS - 1, Math.ceil(octaves * PER_OCTAVE));
    this.#windows[this.#present]![bucket]! += 1;
  }

  /** The value, ms, that `share` of the last windows' values do not exceed; undefined where there are fewer than `least`. */
  quantileMs(share: number, least: number): number | undefined {
    let count = 0;
    for (const window of this.#windows) for (const values of window) count += values;
    if (count < least) return undefined;
    let below = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      for (const window of this.#windows) below += window[bucket]!;
      if (below >= share * count) return LEAST_MS * 2 ** (bucket / PER_OCTAVE);
    }
    return undefined;
  }

  /** Begins a new window; the oldest is forgotten. */
  endWindow(): void {
    this.#present = (this.#present + 1) % this.#windows.length;
    this.#windows[this.#present]!.fill(0);
  }
}
