/**
 * Which frames may pass when there is more work than can be done in time: all up to a priority, none beyond it.
 *
 *     priority = class level (8) · 128 + tenant rank (128, dealt anew each hour)      0 goes first
 *     admit    ⇔ priority < cursor, or priority = cursor and the session's lot < fraction
 *
 * At the end of each window (50 ms) the queue delay d says how much may pass in the next one:
 *
 *     d > T   N = served · max(0.5, 1 − 0.25 · min(2, (d − T) / T))
 *     d ≤ T   N = 1.01 · max(N, admitted, served)        after CALM_WINDOWS of calm: 1.1 · …
 *
 * T = 10 ms; served is the most of the last four windows, since one that a pause cut short says nothing of what can be
 * done; N is never below 1 % of the capacity seen, or MOST_SPARED frames; where it reaches twice that capacity, nothing is
 * limited any more. The cursor is where the last window's histogram of priorities reaches N; the bin it stands in passes
 * in part, by session, so that a tenant who is all of a bin is neither cut off nor let through as a whole. A window that
 * admits twice the capacity before it is over is judged at once.
 *
 * Source: DAGOR (Zhou et al., SoCC'18), whose step by shares of what is offered cannot follow tenfold load: see
 * overload-cursor.test.ts. Invariants: while the cursor stands, who is admitted is admitted at every higher priority; no
 * time, no allocation per frame.
 */

/** Classes by importance. */
export const CURSOR_LEVELS = 8;
const RANKS = 128;
const BINS = CURSOR_LEVELS * RANKS;
/** Time between two calls of `endWindow`, ms. */
export const CURSOR_WINDOW_MS = 50;
/** The queue delay above which there is too much, ms. */
export const CURSOR_TARGET_MS = 10;
const LEAST_SHARE = 0.5;
const GROWTH = 1.01;
/** At the limit of what can be done, calm never lasts as long: N has then left it far behind. */
const CALM_WINDOWS = 10;
const CALM_GROWTH = 1.1;
const SERVED_WINDOWS = 4;
const FLOOR_SHARE = 0.01;
/** Frames per window that pass however late everything is: shedding them would relieve nobody. */
const MOST_SPARED = 100;

export class OverloadCursor {
  /** Frames that may pass in a window; Infinity: nothing is limited. */
  #budget = Number.POSITIVE_INFINITY;
  #cursor = BINS;
  #fraction = 0;
  readonly #offered = new Uint32Array(BINS);
  #exempt = 0;
  #admitted = 0;
  /** What was served in a window of overload, or in a calm one since if that is more. 0: not known. */
  #capacity = 0;
  readonly #served = new Float64Array(SERVED_WINDOWS);
  #window = 0;
  #calmWindows = 0;
  /** Admitted frames at which the window is judged before its end. */
  #judgeAt = Number.POSITIVE_INFINITY;
  /** Of the present hour: mixed into hashes. In its first window ranks are new and the cursor is still the old one. */
  #deal: number;

  /** `hour`: as `endWindow`. */
  constructor(hour = 0) {
    this.#deal = dealOf(hour);
  }

  /** Decides one frame. `level`: 0 to 7, 0 the most important; the hashes: any 32 bits that are the tenant's, the session's. */
  admits(level: number, tenantHash: number, sessionHash: number): boolean {
    const priority = level * RANKS + (mixed(tenantHash ^ this.#deal) & (RANKS - 1));
    this.#offered[priority]! += 1;
    if (priority >= this.#cursor) {
      if (priority > this.#cursor || (mixed(sessionHash ^ this.#deal) >>> 0) / 2 ** 32 >= this.#fraction) return false;
    }
    if (++this.#admitted >= this.#judgeAt) this.#judge();
    return true;
  }

  /** Counts a frame that is never refused here: what it takes is not there for others. */
  exempt(): void {
    this.#exempt++;
    this.#admitted++;
  }

  /** Frames that have passed in this window, exempt ones included. */
  get admitted(): number {
    return this.#admitted;
  }

  /**
   * Ends a window. `delayMs`: what the queue's frames waited on average, or its first one so far, whichever is more;
   * `served`: frames done in the window; `hour`: of the wall clock, for the dealing of ranks.
   */
  endWindow(delayMs: number, served: number, hour: number): void {
    this.#served[this.#window++ % SERVED_WINDOWS] = served;
    const lately = Math.max(...this.#served);
    if (delayMs > CURSOR_TARGET_MS) this.#shrink(delayMs, lately);
    else this.#grow(lately);
    this.#aim(this.#budget - this.#exempt);
    this.#offered.fill(0);
    this.#exempt = 0;
    this.#admitted = 0;
    this.#deal = dealOf(hour);
    this.#judgeAt = this.#capacity > 0 ? Math.max(2 * this.#capacity, MOST_SPARED) : Number.POSITIVE_INFINITY;
  }

  #shrink(delayMs: number, served: number): void {
    this.#calmWindows = 0;
    this.#capacity = served;
    const excess = Math.min(2, (delayMs - CURSOR_TARGET_MS) / CURSOR_TARGET_MS);
    const budget = served * Math.max(LEAST_SHARE, 1 - 0.25 * excess);
    this.#budget = Math.max(budget, this.#capacity * FLOOR_SHARE, MOST_SPARED);
  }

  #grow(served: number): void {
    // What is done without delay can be done: a capacity that was taken for too small grows with it.
    if (this.#capacity > 0) this.#capacity = Math.max(this.#capacity, served);
    if (this.#budget === Number.POSITIVE_INFINITY) return;
    const growth = ++this.#calmWindows > CALM_WINDOWS ? CALM_GROWTH : GROWTH;
    this.#budget = growth * Math.max(this.#budget, this.#admitted, served);
    if (this.#budget >= 2 * Math.max(this.#capacity, MOST_SPARED)) this.#budget = Number.POSITIVE_INFINITY;
  }

  /** Sets the cursor so that of what was offered in this window `budget` frames pass. */
  #aim(budget: number): void {
    let left = budget;
    for (let bin = 0; bin < BINS; bin++) {
      const offered = this.#offered[bin]!;
      if (offered > left) {
        this.#cursor = bin;
        this.#fraction = Math.max(0, left) / offered;
        return;
      }
      left -= offered;
    }
    this.#cursor = BINS;
  }

  /** Far more has passed than can be done: of the rest of the window a part passes, as small as what came is large. */
  #judge(): void {
    this.#aim(this.#capacity / 4);
    this.#judgeAt += this.#capacity;
  }
}

function dealOf(hour: number): number {
  return Math.imul(hour + 1, 0x9e3779b1);
}

/** Spreads 32 bits over 32 bits. Source: the finalizer of MurmurHash3 (Appleby). */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
