/**
 * The buckets of one level: a row per session, user, room or tenant, and in it one bucket per class.
 *
 *     row ─► TATs: rate of each class, then ceil of each class
 *
 * A bucket has two TATs, both of GCRA. The one of `rate` says what is its own; the one of `ceil`, where the policy sets
 * a ceil, what it may send with what it borrows. What is borrowed is charged to `ceil` alone.
 *
 * Invariants: in any window W at most rate·W + burst passes on a bucket's own account and at most ceil·W + burst in all;
 * a bucket that has come to rest (`rests`) and one that was never used decide alike.
 */
import { type BucketLimit, bucketOf, gcraWaitMs } from './gcra.ts';

/** Per class: period and tolerance of the rate, period and tolerance of the ceil; a period of 0: there is none. */
const NUMBERS = 4;
/** Times a bucket's tolerance by which charges that are never refused may put it ahead: a burst, and a burst of debt. */
export const MOST_AHEAD = 2;

export class Buckets {
  #classes: number;
  #limits: Float64Array;
  #tats: Float64Array;
  /** By row and class: what periods are multiplied by, 1 / (factor of the row · share of the lease). */
  #stretches: Float64Array;
  /** By row: what it was opened with. */
  #factors: Float64Array;
  /** Rows there is room for: none while no class has a limit here. */
  #rows = 0;

  /** `limits` by class index; null where the class has none at this level. */
  constructor(limits: readonly (BucketLimit | null)[]) {
    this.#classes = limits.length;
    this.#limits = numbersOf(limits);
    this.#tats = new Float64Array(0);
    this.#stretches = new Float64Array(0);
    this.#factors = new Float64Array(16).fill(1);
  }

  /** Whether the class has a limit here. */
  limits(classIndex: number): boolean {
    return this.#limits[classIndex * NUMBERS]! > 0;
  }

  /** Whether the class may borrow here. */
  borrows(classIndex: number): boolean {
    return this.#limits[classIndex * NUMBERS + 2]! > 0;
  }

  /** Begins a row with full buckets. `factor` multiplies rates and bursts. */
  open(row: number, factor: number): void {
    if (row >= this.#factors.length) {
      const factors = new Float64Array(Math.max(row + 1, this.#factors.length * 2)).fill(1);
      factors.set(this.#factors);
      this.#factors = factors;
    }
    this.#factors[row] = factor;
    if (row >= this.#rows) {
      if (!this.#limited) return;
      this.#resize(this.#classes, this.#factors.length);
    }
    const width = 2 * this.#classes;
    this.#tats.fill(Number.NEGATIVE_INFINITY, row * width, (row + 1) * width);
    this.#stretches.fill(1 / factor, row * this.#classes, (row + 1) * this.#classes);
  }

  /** Multiplies rate and burst of one bucket by `factor`, whatever they were multiplied by before. */
  scale(row: number, classIndex: number, factor: number): void {
    if (row >= this.#rows) return;
    this.#stretches[row * this.#classes + classIndex] = 1 / factor;
  }

  /**
   * The same where limits are divided anew: what the bucket gets more of is empty, so that moving shares to and fro makes
   * nothing. What it gets less of keeps the part it had left.
   */
  share(row: number, classIndex: number, factor: number, nowMs: number): void {
    if (row >= this.#rows) return;
    const before = 1 / this.#stretches[row * this.#classes + classIndex]!;
    this.scale(row, classIndex, factor);
    if (factor <= before) return;
    for (let lane = 0; lane < 2; lane++) {
      const at = (row * 2 + lane) * this.#classes + classIndex;
      const toleranceMs = this.#limits[classIndex * NUMBERS + lane * 2 + 1]!;
      const leftMs = toleranceMs - Math.max(0, this.#tats[at]! - nowMs);
      if (leftMs > 0) this.#tats[at] = nowMs + toleranceMs - (leftMs * before) / factor;
    }
  }

  /** Ms until the bucket would let `cost` pass on its own account, at most 0: now. `part`: of the burst that may be used. */
  waitMs(row: number, classIndex: number, cost: number, nowMs: number, part: number): number {
    const periodMs = this.#limits[classIndex * NUMBERS]! * this.#stretches[row * this.#classes + classIndex]!;
    const toleranceMs = this.#limits[classIndex * NUMBERS + 1]! * part;
    // However small its share of a limit, a bucket holds one frame.
    const most = toleranceMs > periodMs ? toleranceMs : periodMs;
    return gcraWaitMs(this.#tats[row * 2 * this.#classes + classIndex]!, cost * periodMs, most, nowMs);
  }

  /** Frames that would pass at once on the bucket's own account, and that would after a pause. */
  left(row: number, classIndex: number, nowMs: number): { readonly left: number; readonly burst: number } {
    const periodMs = this.#limits[classIndex * NUMBERS]! * this.#stretches[row * this.#classes + classIndex]!;
    const toleranceMs = Math.max(this.#limits[classIndex * NUMBERS + 1]!, periodMs);
    const aheadMs = Math.max(0, this.#tats[row * 2 * this.#classes + classIndex]! - nowMs);
    return { left: Math.max(0, (toleranceMs - aheadMs) / periodMs), burst: toleranceMs / periodMs };
  }

  /** The same with what it may borrow. Asked only where `borrows`. */
  ceilWaitMs(row: number, classIndex: number, cost: number, nowMs: number): number {
    const periodMs = this.#limits[classIndex * NUMBERS + 2]! * this.#stretches[row * this.#classes + classIndex]!;
    const toleranceMs = this.#limits[classIndex * NUMBERS + 3]!;
    const most = toleranceMs > periodMs ? toleranceMs : periodMs;
    return gcraWaitMs(this.#tats[(row * 2 + 1) * this.#classes + classIndex]!, cost * periodMs, most, nowMs);
  }

  /** Whether `cost` is more than the bucket ever holds. */
  never(row: number, classIndex: number, cost: number): boolean {
    const periodMs = this.#limits[classIndex * NUMBERS]! * this.#stretches[row * this.#classes + classIndex]!;
    return cost * periodMs > Math.max(this.#limits[classIndex * NUMBERS + 1]!, periodMs);
  }

  /** Charges what a check let pass. What was `borrowed` is not on the bucket's own account. */
  charge(row: number, classIndex: number, cost: number, nowMs: number, borrowed: boolean): void {
    const stretch = this.#stretches[row * this.#classes + classIndex]!;
    const at = row * 2 * this.#classes + classIndex;
    if (!borrowed) {
      const tat = this.#tats[at]!;
      this.#tats[at] = (tat > nowMs ? tat : nowMs) + cost * this.#limits[classIndex * NUMBERS]! * stretch;
    }
    const ceilPeriodMs = this.#limits[classIndex * NUMBERS + 2]!;
    if (ceilPeriodMs === 0) return;
    const ceilTat = this.#tats[at + this.#classes]!;
    this.#tats[at + this.#classes] = (ceilTat > nowMs ? ceilTat : nowMs) + cost * ceilPeriodMs * stretch;
  }

  /** Charges without a check; the debt that this may make is at most `debt` bursts. */
  chargeAnyway(row: number, classIndex: number, cost: number, nowMs: number, debt = MOST_AHEAD - 1): void {
    this.charge(row, classIndex, cost, nowMs, false);
    const most = nowMs + (1 + debt) * this.#limits[classIndex * NUMBERS + 1]!;
    const at = row * 2 * this.#classes + classIndex;
    if (this.#tats[at]! > most) this.#tats[at] = most;
  }

  /** Whether the row decides as one that was never used. */
  rests(row: number, nowMs: number): boolean {
    if (row >= this.#rows) return true;
    const end = (row + 1) * 2 * this.#classes;
    for (let at = row * 2 * this.#classes; at < end; at++) if (this.#tats[at]! > nowMs) return false;
    return true;
  }

  /**
   * Goes by other limits from now on. Classes keep their indexes, and there may be more. What a bucket has left stays the
   * same part of its burst, so that going to and fro between two policies refills nothing.
   */
  adopt(limits: readonly (BucketLimit | null)[], nowMs: number): void {
    const before = this.#limits;
    const known = this.#classes;
    this.#limits = numbersOf(limits);
    const rows = this.#limited ? this.#factors.length : this.#rows;
    if (limits.length !== known || rows !== this.#rows) this.#resize(limits.length, rows);
    for (let classIndex = 0; classIndex < known; classIndex++) {
      for (let lane = 0; lane < 2; lane++) {
        const at = classIndex * NUMBERS + lane * 2 + 1;
        if (before[at] !== this.#limits[at]) this.#rescale(lane, classIndex, this.#limits[at]! / before[at]!, nowMs);
      }
    }
  }

  get #limited(): boolean {
    return this.#limits.some((number) => number > 0);
  }

  /** Stretches how far TATs of a class are ahead; where there was no limit, or is none now, buckets are full. */
  #rescale(lane: number, classIndex: number, ratio: number, nowMs: number): void {
    const usable = ratio > 0 && Number.isFinite(ratio);
    for (let row = 0; row < this.#rows; row++) {
      const at = (row * 2 + lane) * this.#classes + classIndex;
      const aheadMs = this.#tats[at]! - nowMs;
      this.#tats[at] = usable && aheadMs > 0 ? nowMs + aheadMs * ratio : Number.NEGATIVE_INFINITY;
    }
  }

  #resize(classes: number, rows: number): void {
    const tats = new Float64Array(rows * 2 * classes).fill(Number.NEGATIVE_INFINITY);
    const stretches = new Float64Array(rows * classes);
    for (let row = 0; row < rows; row++) stretches.fill(1 / this.#factors[row]!, row * classes, (row + 1) * classes);
    const kept = Math.min(classes, this.#classes);
    for (let row = 0; row < this.#rows; row++) {
      for (let lane = 0; lane < 2; lane++) {
        const from = (row * 2 + lane) * this.#classes;
        tats.set(this.#tats.subarray(from, from + kept), (row * 2 + lane) * classes);
      }
      const from = row * this.#classes;
      stretches.set(this.#stretches.subarray(from, from + kept), row * classes);
    }
    this.#tats = tats;
    this.#stretches = stretches;
    this.#classes = classes;
    this.#rows = rows;
  }
}

function numbersOf(limits: readonly (BucketLimit | null)[]): Float64Array {
  const numbers = new Float64Array(limits.length * NUMBERS);
  limits.forEach((limit, index) => {
    if (limit === null) return;
    const rate = bucketOf(limit);
    numbers.set([rate.periodMs, rate.toleranceMs], index * NUMBERS);
    if (limit.ceilPerSecond === undefined) return;
    const ceil = bucketOf({ ratePerSecond: limit.ceilPerSecond, burst: limit.burst });
    numbers.set([ceil.periodMs, ceil.toleranceMs], index * NUMBERS + 2);
  });
  return numbers;
}
