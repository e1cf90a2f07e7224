/**
 * How long to wait before a process that died is started again.
 *
 *   wait = U(½, 1) · min(capMs, baseMs · 2^deaths)
 *
 * `deaths` counts those in a row: a process that lived `stableMs` begins anew. The jitter keeps processes that died of
 * one cause from coming back as one.
 */

/** Times in ms. */
export interface BackoffTimes {
  readonly baseMs: number;
  readonly capMs: number;
  readonly stableMs: number;
}

/** What planes and the demo's nodes are restarted with. */
export const RESTART_TIMES: BackoffTimes = { baseMs: 100, capMs: 10_000, stableMs: 30_000 };

/** The memory of one process' deaths. `random` is uniform in [0, 1). */
export class Backoff {
  readonly #times: BackoffTimes;
  readonly #random: () => number;
  #deaths = 0;

  constructor(times: BackoffTimes, random: () => number = Math.random) {
    this.#times = times;
    this.#random = random;
  }

  /** Counts a death after `livedMs` of service and says how long to wait, ms. */
  died(livedMs: number): number {
    const { baseMs, capMs, stableMs } = this.#times;
    if (livedMs >= stableMs) this.#deaths = 0;
    const wholeMs = Math.min(capMs, baseMs * 2 ** this.#deaths);
    this.#deaths++;
    return wholeMs * (0.5 + 0.5 * this.#random());
  }
}
