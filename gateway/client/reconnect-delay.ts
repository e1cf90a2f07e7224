/**
 * How long to wait before the next attempt to connect.
 *
 *     backOff:  delay = min(cap, U(base, 3 · previous delay))
 *     atOnce:   0 the first time in a row, then as backOff
 *
 * Decorrelated jitter (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015): clients that were cut
 * off together spread out. Units are ms; chance arrives as an argument, U(0, 1).
 */
import { Reconnect } from '../../schemas/close-codes.ts';

export class ReconnectDelay {
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #random: () => number;
  #previousMs: number;
  #attempts = 0;

  constructor(baseMs = 250, capMs = 10_000, random: () => number = Math.random) {
    this.#baseMs = baseMs;
    this.#capMs = capMs;
    this.#random = random;
    this.#previousMs = baseMs;
  }

  /**
   * The wait before the next attempt, ms. `retryAfterMs` is what the gateway asked for: the wait is at least that,
   * with jitter on top, so that all who were told the same do not come back together.
   */
  nextMs(advice: Reconnect, retryAfterMs = 0): number {
    this.#attempts++;
    if (advice === Reconnect.atOnce && this.#attempts === 1 && retryAfterMs === 0) return 0;
    const highest = Math.max(this.#baseMs, 3 * this.#previousMs);
    const jittered = Math.min(this.#capMs, this.#baseMs + this.#random() * (highest - this.#baseMs));
    this.#previousMs = jittered;
    return retryAfterMs + jittered;
  }

  /** To be called when a connection proved good: the next loss starts from the base again. */
  succeeded(): void {
    this.#attempts = 0;
    this.#previousMs = this.#baseMs;
  }
}
