/**
 * How many of those who want to begin a call may, when signalling itself is more than can be served: a share of them, by
 * lot, so that who was let in can finish and who was not has cost one frame.
 *
 * At the end of each window (50 ms), d being what frames wait, up to 100 ms, and d₀ what they waited a window before:
 *
 *     p ← clamp(p + α · (d − T) + β · (d − d₀), 0, 1)      and 0.98 · that while nothing waits
 *     share = 1 − p,   T = 20 ms,   α = 0.001 / ms,   β = 0.01 / ms
 *
 * α brings the wait to T; β answers at once to how it changes, so that it does not swing: a join brings the other frames
 * of its dialog later. The first 150 ms of a wait refuse nobody: a pause of the machine is over by then. Joins up to a
 * sixteenth of the frames served, or five a window, are never refused: they are not what there is too much of.
 *
 * Source: PIE (RFC 8033), without its steps for small p. Invariant: within a window, a lot that is let in is let in at every
 * greater share.
 */

/** Time between two calls of `endWindow`, ms. */
export const JOIN_WINDOW_MS = 50;
const TARGET_MS = 20;
/** Longer waits count as so long: that one of 8 s becomes one of 4 is no reason to let everybody in. */
const MOST_MS = 100;
const PER_EXCESS_MS = 0.001;
const PER_CHANGE_MS = 0.01;
const FADING = 0.98;
const BURST_WINDOWS = 3;
/** Of the frames served, and in a window. */
const LEAST_JOINS_SHARE = 1 / 16;
const LEAST_JOINS = 5;
/** Lots are dealt anew each second: else who was refused would be refused again whenever he asks again. */
const DEAL_WINDOWS = 20;
/** What the windows before weigh beside the last one, in what usually comes and is served. */
const MEMORY = 0.8;

export class JoinShare {
  #share = 1;
  #refused = 0;
  #delayMs = 0;
  /** Windows for which a wait refuses nobody yet. */
  #burst = BURST_WINDOWS;
  /** Joins that came in this window. */
  #asked = 0;
  #usualAsked = 0;
  #usualServed = 0;
  #window = 0;
  #deal = 0;

  /** The share of beginnings that pass now. */
  get share(): number {
    return this.#share;
  }

  /** Whether somebody may begin. `hash`: any 32 bits that are the session's. */
  admits(hash: number): boolean {
    this.#asked++;
    return lotOf(hash, this.#deal) < this.#share;
  }

  /** Ends a window. `waitMs`: what frames wait, where the process is what makes them; `served`: frames served in it. */
  endWindow(waitMs: number, served: number): void {
    const delayMs = Math.min(waitMs, MOST_MS);
    const change = PER_EXCESS_MS * (delayMs - TARGET_MS) + PER_CHANGE_MS * (delayMs - this.#delayMs);
    this.#refused = Math.min(1, Math.max(0, this.#refused + change));
    if (delayMs === 0 && this.#delayMs === 0) this.#refused *= FADING;
    const calm = this.#refused === 0 && delayMs < TARGET_MS / 2 && this.#delayMs < TARGET_MS / 2;
    this.#burst = calm ? BURST_WINDOWS : Math.max(0, this.#burst - 1);
    this.#delayMs = delayMs;
    this.#usualAsked = MEMORY * this.#usualAsked + (1 - MEMORY) * this.#asked;
    this.#usualServed = MEMORY * this.#usualServed + (1 - MEMORY) * served;
    this.#asked = 0;
    if (++this.#window % DEAL_WINDOWS === 0) this.#deal++;
    const least = Math.max(LEAST_JOINS, LEAST_JOINS_SHARE * this.#usualServed) / Math.max(1, this.#usualAsked);
    this.#share = this.#burst > 0 ? 1 : Math.min(1, Math.max(1 - this.#refused, least));
  }
}

/** From 0 to 1. Source: the finalizer of MurmurHash3 (Appleby). */
function lotOf(hash: number, deal: number): number {
  let bits = hash ^ Math.imul(deal + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
