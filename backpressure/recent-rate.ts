/**
 * How fast an amount has grown lately, from its total: an average that forgets.
 *
 *     r ← r + (Δamount/Δt − r) · (1 − e^(−Δt/τ))      τ = 5 s
 *
 * Invariant: it lies between the least and the greatest rate it was told.
 */
const FORGETS_MS = 5000;

export class RecentRate {
  #perSecond = 0;
  #total: number;
  #atMs: number;

  /** `total`: the amount at `nowMs`. */
  constructor(total: number, nowMs: number) {
    this.#total = total;
    this.#atMs = nowMs;
  }

  /** Takes the amount at `nowMs`; returns its growth per second. */
  perSecond(total: number, nowMs: number): number {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return this.#perSecond;
    const rate = ((total - this.#total) * 1000) / elapsedMs;
    this.#perSecond += (rate - this.#perSecond) * (1 - Math.exp(-elapsedMs / FORGETS_MS));
    this.#total = total;
    this.#atMs = nowMs;
    return this.#perSecond;
  }
}
