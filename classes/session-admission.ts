/**
 * What each session may still send, by class: one GCRA bucket for ordinary frames, one for finals, and credit.
 *
 * Rows are sessions, handed out by the caller as small integers and reused. Everything is numbers in typed arrays:
 * a decision costs a few nanoseconds and allocates nothing.
 *
 * Invariants: a bucket admits at most rate·W + burst in any window W; credit never goes below zero.
 */
import { type Bucket, bucketOf, gcraAllows, gcraCommit, gcraRetryAfterMs } from './gcra.ts';
import type { Policy } from './policy.ts';

/** How an admission decision went. */
export const Decision = { admitted: 0, overRate: 1, noCredit: 2, finalsOverRate: 3 } as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

export class SessionAdmission {
  #classes: number;
  #ordinary: readonly Bucket[];
  /** Null where the class has no finals bucket: its finals are ordinary frames. */
  #finals: readonly (Bucket | null)[];
  /** What credit is topped up to. Control classes are under no credit: theirs is infinite. */
  #bursts: Float64Array;
  /** Per row: ordinary TATs of every class, then finals TATs. */
  #tats: Float64Array;
  #credits: Float64Array;
  /** Multiplies every rate and burst of the row. */
  #factors: Float64Array;
  readonly #freeRows: number[] = [];
  #rows = 0;

  constructor(policy: Pick<Policy, 'classes'>) {
    this.#classes = policy.classes.length;
    this.#ordinary = policy.classes.map((trafficClass) => bucketOf(trafficClass.session));
    this.#finals = policy.classes.map(({ finals }) => (finals === null ? null : bucketOf(finals)));
    this.#bursts = Float64Array.from(policy.classes, ({ plane, session }) =>
      plane === 'metadata' ? session.burst : Number.POSITIVE_INFINITY,
    );
    this.#tats = new Float64Array(64 * this.#classes * 2);
    this.#credits = new Float64Array(64 * this.#classes);
    this.#factors = new Float64Array(64);
  }

  /**
   * Other limits hold from now on. What each row has used up stays used up, and credit that was promised stays good; in
   * classes that are new, rows have full buckets and no credit before it is granted. Class indexes may only be added.
   */
  adopt(policy: Pick<Policy, 'classes'>, _nowMs: number): void {
    const next = new SessionAdmission(policy);
    const [before, after] = [this.#classes, next.#classes];
    const tats = new Float64Array(this.#factors.length * after * 2).fill(Number.NEGATIVE_INFINITY);
    const credits = new Float64Array(this.#factors.length * after);
    for (let row = 0; row < this.#rows; row++) {
      const from = row * before * 2;
      const to = row * after * 2;
      tats.set(this.#tats.subarray(from, from + before), to);
      tats.set(this.#tats.subarray(from + before, from + 2 * before), to + after);
      credits.set(this.#credits.subarray(row * before, (row + 1) * before), row * after);
    }
    this.#classes = after;
    this.#ordinary = next.#ordinary;
    this.#finals = next.#finals;
    this.#bursts = next.#bursts;
    this.#tats = tats;
    this.#credits = credits;
  }

  /** Opens a row with full buckets and a burst of credit in every class. `rateFactor` multiplies rates and bursts. */
  open(rateFactor = 1): number {
    const row = this.#freeRows.pop() ?? this.#rows++;
    if (row >= this.#factors.length) this.#grow();
    const width = this.#classes * 2;
    this.#tats.fill(Number.NEGATIVE_INFINITY, row * width, (row + 1) * width);
    this.#factors[row] = rateFactor;
    for (let index = 0; index < this.#classes; index++) {
      this.#credits[row * this.#classes + index] = this.#bursts[index]! * rateFactor;
    }
    return row;
  }

  /** Gives a row back. */
  close(row: number): void {
    this.#freeRows.push(row);
  }

  /** Decides one frame and charges it when it is admitted. */
  admit(row: number, classIndex: number, final: boolean, nowMs: number): Decision {
    const finals = final ? this.#finals[classIndex]! : null;
    const slot = row * this.#classes * 2 + classIndex;
    const cost = 1 / this.#factors[row]!;
    if (finals !== null) {
      if (!gcraAllows(this.#tats, slot + this.#classes, finals, cost, nowMs)) return Decision.finalsOverRate;
      gcraCommit(this.#tats, slot + this.#classes, finals, cost, nowMs);
      return Decision.admitted;
    }
    const bucket = this.#ordinary[classIndex]!;
    if (!gcraAllows(this.#tats, slot, bucket, cost, nowMs)) return Decision.overRate;
    const creditSlot = row * this.#classes + classIndex;
    if (this.#credits[creditSlot]! < 1) return Decision.noCredit;
    this.#credits[creditSlot]! -= 1;
    gcraCommit(this.#tats, slot, bucket, cost, nowMs);
    return Decision.admitted;
  }

  /** Milliseconds until the class would admit an ordinary frame of the row. */
  retryAfterMs(row: number, classIndex: number, nowMs: number): number {
    const slot = row * this.#classes * 2 + classIndex;
    return gcraRetryAfterMs(this.#tats, slot, this.#ordinary[classIndex]!, 1 / this.#factors[row]!, nowMs);
  }

  /** Whether less than half a burst of credit is left, so that more should be granted. */
  creditIsLow(row: number, classIndex: number): boolean {
    return this.#credits[row * this.#classes + classIndex]! < (this.#bursts[classIndex]! * this.#factors[row]!) / 2;
  }

  /** Tops the row's credit up to `share` of its burst, at least one frame; returns how much was added. */
  grant(row: number, classIndex: number, share: number): number {
    const slot = row * this.#classes + classIndex;
    const full = Math.max(1, Math.floor(this.#bursts[classIndex]! * this.#factors[row]! * share));
    const added = Math.max(0, full - Math.floor(this.#credits[slot]!));
    this.#credits[slot]! += added;
    return added;
  }

  #grow(): void {
    const factors = new Float64Array(this.#factors.length * 2);
    factors.set(this.#factors);
    const tats = new Float64Array(this.#tats.length * 2);
    tats.set(this.#tats);
    const credits = new Float64Array(this.#credits.length * 2);
    credits.set(this.#credits);
    this.#factors = factors;
    this.#tats = tats;
    this.#credits = credits;
  }
}
