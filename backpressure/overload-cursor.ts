/**
 * Which frames may pass when there is more work than can be done in time: all up to a priority, none beyond it.
 *
 *     priority = class level (8) · 128 + fair rank (128, by what sender and tenant have offered: fair-ranks.ts)   0 goes first
 *     admit    ⇔ priority < cursor, or priority = cursor and the frame's lot < fraction
 *
 * Everything is counted by cost, the work that a frame makes.
 * At the end of each window (50 ms) the queue delay d says how much may pass in the next one:
 *
 *     d > T   N = served · max(0.25, 1 − 0.25 · (d − T) / T)
 *     d ≤ T   N = 1.01 · max(N, admitted, served)        after CALM_WINDOWS of calm: 1.1 · …
 *             and at most 0.9 · served while anybody's frames wait for longer than 100 ms
 *
 * T = 10 ms; served is what can be served in a window (served-rate.ts); N is never below 1 % of the capacity seen, or
 * MOST_SPARED frames, and stays where it is while no more than that is offered: what is late then is late for other reasons.
 * Where N reaches twice the capacity, nothing is limited any more. The cursor is where the last window's histogram of
 * priorities reaches N; the bin it stands in passes in part, by lot. A window that admits twice the capacity before it is over
 * is judged at once. The most important level passes up to its own share of what is served, however deep the cut, while d ≤ 100 ms: below
 * that it is the others who are too many.
 *
 * Source: DAGOR (Zhou et al., SoCC'18), whose step by shares of what is offered cannot follow tenfold load (see
 * overload-cursor.test.ts), and whose tenants are ranked by lot, so that who is unlucky pays for who sends too much.
 * Invariants: while the cursor stands, who is admitted is admitted at every higher priority; no time, no allocation per frame.
 */

import { FAIR_RANKS, FairRanks } from './fair-ranks.ts';
import type { OverloadLaw, OverloadWindow } from './overload-law.ts';
import { ServedRate } from './served-rate.ts';

/** Classes by importance. */
export const CURSOR_LEVELS = 8;
const BINS = CURSOR_LEVELS * FAIR_RANKS;
/** Time between two calls of `endWindow`, ms. */
export const CURSOR_WINDOW_MS = 50;
/** The queue delay above which there is too much, ms. */
export const CURSOR_TARGET_MS = 10;
/** Who waits for longer asks for more than there is, though everybody else be in time, ms. */
const MOST_BEHIND_MS = 100;
const BEHIND_SHARE = 0.9;
const LEAST_SHARE = 0.25;
const SHARE_PER_TARGET = 0.25;
const GROWTH = 1.01;
/** At the limit of what can be done, calm never lasts as long: N has then left it far behind. */
const CALM_WINDOWS = 10;
const CALM_GROWTH = 1.1;
/** A delay beyond which nobody's share is worth keeping: what came in it would be late, ms. */
const MOST_GUARDED_MS = 100;
const FLOOR_SHARE = 0.01;
/** Cost per window that passes however late everything is: shedding it would relieve nobody. */
const MOST_SPARED = 100;

export class OverloadCursor implements OverloadLaw {
  /** What may pass in a window; Infinity: nothing is limited. */
  #budget = Number.POSITIVE_INFINITY;
  #cursor = BINS;
  #fraction = 0;
  readonly #ranks = new FairRanks();
  readonly #offered = new Float64Array(BINS);
  /** What of the most important level passes in a window whatever the budget. */
  #guard = 0;
  #exempt = 0;
  #admitted = 0;
  /** What was served in a window of overload, or in a calm one since if that is more. 0: not known. */
  #capacity = 0;
  readonly #servedRate = new ServedRate();
  #calmWindows = 0;
  /** What has been admitted when the window is judged before its end. */
  #judgeAt = Number.POSITIVE_INFINITY;

  admits(level: number, tenantHash: number, sessionHash: number, cost = 1): boolean {
    const priority = level * FAIR_RANKS + this.#ranks.rankOf(level, tenantHash, sessionHash, cost);
    this.#offered[priority]! += cost;
    if (priority >= this.#cursor) {
      if (priority > this.#cursor || this.#ranks.lot >= this.#fraction) return false;
    }
    this.#admitted += cost;
    if (this.#admitted >= this.#judgeAt) this.#judge();
    return true;
  }

  exempt(cost = 1): void {
    this.#exempt += cost;
    this.#admitted += cost;
  }

  get admitted(): number {
    return this.#admitted;
  }

  endWindow({ delayMs, longestMs = 0, served, utilisation = 1, guardShare = 0 }: OverloadWindow): void {
    const lately = this.#servedRate.endWindow(served, utilisation);
    const offered = this.#offered.reduce((sum, cost) => sum + cost, this.#exempt);
    this.#guard = delayMs <= MOST_GUARDED_MS ? guardShare * lately : 0;
    if (delayMs <= CURSOR_TARGET_MS) this.#grow(lately);
    if (offered > MOST_SPARED) {
      if (delayMs > CURSOR_TARGET_MS) this.#limit(lately, this.#shareAt(delayMs));
      else if (longestMs > MOST_BEHIND_MS) this.#limit(lately, Math.min(BEHIND_SHARE, this.#budget / lately));
    }
    this.#aim(this.#budget - this.#exempt);
    this.#offered.fill(0);
    this.#exempt = 0;
    this.#admitted = 0;
    this.#ranks.endWindow();
    this.#judgeAt = this.#capacity > 0 ? Math.max(2 * this.#capacity, MOST_SPARED) : Number.POSITIVE_INFINITY;
  }

  #shareAt(delayMs: number): number {
    return Math.max(LEAST_SHARE, 1 - (SHARE_PER_TARGET * (delayMs - CURSOR_TARGET_MS)) / CURSOR_TARGET_MS);
  }

  #limit(served: number, share: number): void {
    this.#calmWindows = 0;
    this.#capacity = served;
    this.#budget = Math.max(served * share, this.#capacity * FLOOR_SHARE, MOST_SPARED);
  }

  #grow(served: number): void {
    // What is done without delay can be done: a capacity that was taken for too small grows with it.
    if (this.#capacity > 0) this.#capacity = Math.max(this.#capacity, served);
    if (this.#budget === Number.POSITIVE_INFINITY) return;
    const growth = ++this.#calmWindows > CALM_WINDOWS ? CALM_GROWTH : GROWTH;
    this.#budget = growth * Math.max(this.#budget, this.#admitted, served);
    if (this.#budget >= 2 * Math.max(this.#capacity, MOST_SPARED)) this.#budget = Number.POSITIVE_INFINITY;
  }

  /** Sets the cursor so that of what was offered in this window `budget` passes, and of the first level its guard. */
  #aim(budget: number): void {
    const first = this.#reach(0, FAIR_RANKS, Math.max(budget, this.#guard));
    if (first < 0) return;
    if (this.#reach(FAIR_RANKS, BINS, Math.max(0, budget - first)) >= 0) this.#cursor = BINS;
  }

  /** Sets the cursor where what was offered in these bins becomes more than `most`, and returns -1; else its sum. */
  #reach(from: number, to: number, most: number): number {
    let sum = 0;
    for (let bin = from; bin < to; bin++) {
      const offered = this.#offered[bin]!;
      if (sum + offered > most) {
        this.#cursor = bin;
        this.#fraction = Math.max(0, most - sum) / offered;
        return -1;
      }
      sum += offered;
    }
    return sum;
  }

  /** Far more has passed than can be done: of the rest of the window a part passes, as small as what came is large. */
  #judge(): void {
    this.#aim(this.#capacity / 4);
    this.#judgeAt += this.#capacity;
  }
}
