/**
 * How late the event loop has usually been in the last tens of milliseconds: what decisions go by, where `loop-delay.ts`
 * is for figures. Node's monitor loses a sample whenever it is read, and there are few in so short a time.
 */
const EVERY_MS = 10;

export class LoopLateness {
  #timer: NodeJS.Timeout | null = null;
  #lastMs = 0;
  #sumMs = 0;
  #samples = 0;

  /** Begins to measure. */
  start(): void {
    this.#lastMs = performance.now();
    this.#timer = setInterval(() => this.#sample(performance.now()), EVERY_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** The average lateness of a timer since the last call, ms; of the one that is due now, where none has come. */
  takeMs(): number {
    if (this.#timer === null) return 0;
    const dueMs = Math.max(0, performance.now() - this.#lastMs - EVERY_MS);
    const usualMs = this.#samples === 0 ? dueMs : this.#sumMs / this.#samples;
    this.#sumMs = 0;
    this.#samples = 0;
    return Math.max(usualMs, dueMs);
  }

  #sample(nowMs: number): void {
    this.#sumMs += Math.max(0, nowMs - this.#lastMs - EVERY_MS);
    this.#samples++;
    this.#lastMs = nowMs;
  }
}
