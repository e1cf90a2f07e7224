/**
 * Which frames may pass when there is more work than can be done in time: all up to a priority, none beyond it.
 *
 *     priority = class level (8) · 128 + fair rank (128, by what sender and tenant have offered: fair-ranks.ts)   0 goes first
 *     admit    ⇔ priority < cursor, or priority = cursor and the frame's lot < fraction
 *
 * Everything is counted by cost, the work that a frame makes. At the end of each window (50 ms) N says how much may pass in the
 * next one, from what can be done in a window (served-rate.ts) and from the backlog, what has been admitted and not been done:
 *
 *     most = rate · (rhythm + 7 ms) / 50 ms        rhythm: how long what is admitted waits for its tick
 *     N    = rate · max(1/10, 1 + (most − backlog) / (1.5 · rate))
 *
 * from when the backlog is longer than that for a whole tick, or twice as long, until a second of calm; else ∞.
 *
 * Backlog is also what could have been done in the time by which the worker is late to read, beyond a turn of 20 ms.
 * A backlog tells at once what a delay tells when it is over, a tick later; steered by the delay, N swings between too much and
 * too little in the rhythm of the tick. N is never below MOST_SPARED. The cursor is where the last window's histogram of
 * priorities reaches N; the bin it stands in passes in part, by lot. A window that has admitted a quarter more than N before it
 * is over is judged at once, and where there is no N, one that has admitted twice of what can be done, and what may have come
 * in a stall before it: the step to ten times the load is seen in the window in which it comes.
 *
 * The most important level passes by what waits of its own, where that is more. A cut that others have made necessary does not
 * reach it; it may have waiting what takes 100 ms of its share, by which it is still in time:
 *
 *     N₀ = share · rate + (share · rate · (rhythm + 100 ms) / 50 ms − its backlog) / 1.5
 *
 * Source: DAGOR (Zhou et al., SoCC'18), whose step by shares of what is offered cannot follow tenfold load (see
 * overload-cursor.test.ts), and whose tenants are ranked by lot, so that who is unlucky pays for who sends too much.
 * Invariants: while the cursor stands, who is admitted is admitted at every higher priority; no time, no allocation per frame.
 */

import { FAIR_RANKS, FairRanks } from './fair-ranks.ts';
import type { FirstLevel, OverloadLaw, OverloadWindow } from './overload-law.ts';
import { ServedRate } from './served-rate.ts';

/** Classes by importance. */
export const CURSOR_LEVELS = 8;
const BINS = CURSOR_LEVELS * FAIR_RANKS;
/** Time between two calls of `endWindow`, ms. */
export const CURSOR_WINDOW_MS = 50;
/** What may wait without any need, so that the worker always has something to do, ms. */
const AIM_MS = 7;
/** How long a turn of the worker's event loop may take, in which it reads and writes. */
const TURN_MS = 20;
/** The same for what is of the most important level, which is in time even so. */
const FIRST_AIM_MS = 100;
const LEAST_SHARE = 0.1;
/** Windows in which a backlog that is too long is to be worked off. */
const PATIENCE = 1.5;
/** Who has been less busy than this has time for twice as much as may wait else. */
const BUSY_SHARE = 0.85;
/** Who has been less busy than this has not shown what can be done. */
const KNOWN_BUSY = 0.3;
/** Of ticks of 350 ms and more a part is looked at. */
const BACKLOGS = 8;
/** So many windows in which all that was offered could pass, and nothing is limited any more. */
const CALM_WINDOWS = 20;
/** How much of what is to pass shows that too much comes: where something is limited, and where nothing is. */
const JUDGED_AT = 1.25;
const UNLIMITED_JUDGED_AT = 2;
/** Cost per window that passes however late everything is: shedding it would relieve nobody. */
const MOST_SPARED = 100;
const NO_FIRST: FirstLevel = { share: 0, backlog: 0 };

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
  /** What could be done in a window when the worker was busy last. 0: it has never been. */
  #capacity = 0;
  readonly #lately = new ServedRate();
  /** Backlogs at the ends of windows, the last first. */
  readonly #backlogs = new Float64Array(BACKLOGS);
  #calmWindows = CALM_WINDOWS;
  /** What has been admitted when the window is judged before its end. */
  #judgeAt = Number.POSITIVE_INFINITY;
  /** What is to pass in this window, as far as is known. */
  #expected = Number.POSITIVE_INFINITY;
  #judged = false;

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

  get limits(): boolean {
    return this.#budget !== Number.POSITIVE_INFINITY;
  }

  endWindow(window: OverloadWindow): void {
    const { served, latenessMs = 0, rhythmMs = 0, stalledMs = 0, utilisation = 1, first = NO_FIRST } = window;
    const lately = this.#lately;
    lately.endWindow(served, window.backlog, utilisation);
    this.#capacity = lately.busy >= KNOWN_BUSY ? lately.rate : Math.max(this.#capacity, lately.rate);
    const backlog = window.backlog + (lately.rate * Math.max(0, latenessMs - TURN_MS)) / CURSOR_WINDOW_MS;
    const offered = this.#offered.reduce((sum, cost) => sum + cost, this.#exempt);
    const most = (lately.rate * (rhythmMs + AIM_MS)) / CURSOR_WINDOW_MS;
    const least = this.#leastBacklog(backlog, rhythmMs);
    const easy = backlog <= 2 * most && (lately.busy < BUSY_SHARE || least <= most);
    const over = lately.rate > 0 && backlog > MOST_SPARED && (this.#judged ? backlog > most : !easy);
    if (over) this.#calmWindows = 0;
    else if (offered <= this.#budget || easy) this.#calmWindows++;
    if (over || this.#calmWindows < CALM_WINDOWS) {
      this.#budget = Math.max(lately.rate + (most - backlog) / PATIENCE, lately.rate * LEAST_SHARE, MOST_SPARED);
    } else this.#budget = Number.POSITIVE_INFINITY;
    this.#guard = this.#guardOf(first, rhythmMs);
    this.#aim(this.#budget - this.#exempt);
    this.#offered.fill(0);
    this.#exempt = 0;
    this.#admitted = 0;
    this.#judged = false;
    this.#ranks.endWindow();
    this.#expect(stalledMs);
  }

  /** What of the most important level may pass in a window by what waits of its own. */
  #guardOf({ share, backlog }: FirstLevel, rhythmMs: number): number {
    const rate = share * this.#lately.rate;
    return rate + ((rate * (rhythmMs + FIRST_AIM_MS)) / CURSOR_WINDOW_MS - backlog) / PATIENCE;
  }

  /** Sets what is to be admitted in the window that begins, and how much more shows that too much comes. */
  #expect(stalledMs: number): void {
    const known = this.#capacity > 0 ? this.#capacity : Number.POSITIVE_INFINITY;
    this.#expected = this.limits ? Math.max(this.#budget, this.#guard) : known;
    const times = this.limits ? JUDGED_AT : UNLIMITED_JUDGED_AT + stalledMs / CURSOR_WINDOW_MS;
    this.#judgeAt = Math.max(times * this.#expected, MOST_SPARED);
  }

  /** The least backlog since the tick before the last: what is left where rooms have just written. */
  #leastBacklog(backlog: number, rhythmMs: number): number {
    const windows = Math.min(BACKLOGS, 1 + Math.ceil((2 * rhythmMs) / CURSOR_WINDOW_MS));
    this.#backlogs.copyWithin(1, 0);
    this.#backlogs[0] = backlog;
    return Math.min(...this.#backlogs.subarray(0, windows));
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

  /** Far more has passed than was to: of the rest of the window an eighth of that may, and then of the rest of the rest. */
  #judge(): void {
    const more = Math.max(this.#expected / 8, MOST_SPARED);
    this.#judged = true;
    this.#aim(more);
    this.#judgeAt += more;
  }
}
