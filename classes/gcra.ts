/**
 * GCRA token buckets in one array: one number (the theoretical arrival time, TAT) per bucket.
 *
 *   allow iff  max(TAT, now) + cost·T − now ≤ burst·T,   T = 1000 / rate ms
 *   commit     TAT = max(TAT, now) + cost·T
 *
 * Source: ITU-T I.371, annex A (virtual scheduling). Invariant: in any window W ms no more than
 * rate·W/1000 + burst cost is admitted. A cost above the burst can never be admitted.
 */

/** One rate and burst shared by many buckets, e.g. one class's per-session limit. */
export interface BucketLimit {
  /** Cost per second. */
  readonly ratePerSecond: number;
  /** Cost that may come at once. */
  readonly burst: number;
  /** Cost per second with what may be borrowed; absent: nothing may. */
  readonly ceilPerSecond?: number;
}

/** A limit in the numbers the path of a frame uses. */
export interface Bucket {
  /** Milliseconds one unit of cost takes to earn. */
  readonly periodMs: number;
  /** How far TAT may run ahead of now: burst · period and a trifle for rounding, ms. */
  readonly toleranceMs: number;
}

/** Turns a limit into what `gcraAllows` and `gcraCommit` take. Rates must be positive. */
export function bucketOf(limit: BucketLimit): Bucket {
  const periodMs = 1000 / limit.ratePerSecond;
  // A sum of periods on a clock that has run for weeks is rounded: without a trifle the last frame of a burst is lost.
  const roundingMs = Math.min(0.001, periodMs / 1000);
  return { periodMs, toleranceMs: limit.burst * periodMs + roundingMs };
}

/**
 * Milliseconds until `needMs` of a bucket's time would pass, at most 0 when it would now: the one comparison of GCRA.
 * `needMs` is cost · period.
 */
export function gcraWaitMs(tatMs: number, needMs: number, toleranceMs: number, nowMs: number): number {
  return (tatMs > nowMs ? tatMs - nowMs : 0) + needMs - toleranceMs;
}

/** Whether `cost` may pass the bucket `index` of `tats` at `nowMs`. Changes nothing: check all levels, then commit all. */
export function gcraAllows(tats: Float64Array, index: number, bucket: Bucket, cost: number, nowMs: number): boolean {
  return gcraWaitMs(tats[index]!, cost * bucket.periodMs, bucket.toleranceMs, nowMs) <= 0;
}

/** Charges `cost`; with a check before it the bucket never runs further ahead than its tolerance. */
export function gcraCommit(tats: Float64Array, index: number, bucket: Bucket, cost: number, nowMs: number): void {
  const tat = tats[index]!;
  tats[index] = (tat > nowMs ? tat : nowMs) + cost * bucket.periodMs;
}

/** Milliseconds until `cost` would pass; 0 when it would now, Infinity when it never will. */
export function gcraRetryAfterMs(
  tats: Float64Array,
  index: number,
  bucket: Bucket,
  cost: number,
  nowMs: number,
): number {
  const need = cost * bucket.periodMs;
  if (need > bucket.toleranceMs) return Number.POSITIVE_INFINITY;
  return Math.max(0, gcraWaitMs(tats[index]!, need, bucket.toleranceMs, nowMs));
}

/** Longest wait that frames can tell: 32 bits of ms, 49 days. */
const LONGEST_TOLD_MS = 0xffff_ffff;

/** A wait as senders are told it: whole ms, rounded up so that it is never too short, at most 49 days. */
export function toldWaitMs(waitMs: number): number {
  return Math.min(LONGEST_TOLD_MS, Math.max(0, Math.ceil(waitMs)));
}
