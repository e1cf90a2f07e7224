/**
 * How many of those who want to begin a call may, when signalling itself is more than can be served: a share of them, by
 * lot, so that who was let in can finish and who was not has cost one frame.
 *
 *     u = part of the window in which the process was busy; where the queue delay d is above T, 1 + 0.25 · min(2, (d − T) / T)
 *     share ← min(1, share · clamp(0.9 / u, 0.5, 1.2)),   T = 10 ms
 *
 * So control settles at 90 % of what can be done: what is left is for the dialogs that are under way and come in bursts.
 * Invariants: a lot that is let in is let in at every greater share; the first SPARED beginnings of a window always are.
 */

/** The part of the capacity that signalling is let have. */
export const CONTROL_SHARE = 0.9;
/** The queue delay above which there is too much, ms. */
const TARGET_MS = 10;
const STEEPEST = 0.5;
const GROWTH = 1.2;
const LEAST_SHARE = 0.001;

export class JoinShare {
  #share = 1;
  #begun = 0;
  readonly #spared: number;

  /** `spared`: beginnings per window that pass however busy everything is. */
  constructor(spared: number) {
    this.#spared = spared;
  }

  /** The share of beginnings that pass now. */
  get share(): number {
    return this.#share;
  }

  /** Whether somebody may begin. `lot`: any 32 bits that are the session's. */
  admits(lot: number): boolean {
    return ++this.#begun <= this.#spared || (lot >>> 0) / 2 ** 32 < this.#share;
  }

  /** Ends a window: `delayMs` is what frames waited, `utilisation` the part of the window that was busy, 0 to 1. */
  endWindow(delayMs: number, utilisation: number): void {
    this.#begun = 0;
    const late = delayMs > TARGET_MS ? 1 + 0.25 * Math.min(2, (delayMs - TARGET_MS) / TARGET_MS) : 0;
    const busy = Math.max(utilisation, late, 1e-6);
    const step = Math.min(GROWTH, Math.max(STEEPEST, CONTROL_SHARE / busy));
    this.#share = Math.max(LEAST_SHARE, Math.min(1, this.#share * step));
  }
}
