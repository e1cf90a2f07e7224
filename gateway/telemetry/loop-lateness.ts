/**
 * How late the event loop has usually been in the last tens of milliseconds: what decisions go by, where `loop-delay.ts`
 * is for figures. Node's monitor loses a sample whenever it is read, and there are few in so short a time.
 *
 * A loop that is late though it hardly works waits for the machine: refusing its work would not make it less late.
 */
import { performance } from 'node:perf_hooks';

const EVERY_MS = 10;
/** Of its time: a loop that works less than this is not what makes it late. */
export const BUSY_SHARE = 0.5;

export class LoopLateness {
  #timer: NodeJS.Timeout | null = null;
  #lastMs = 0;
  #sumMs = 0;
  #samples = 0;
  #longestMs = 0;
  /** The longest lateness between the last two calls of `takeMs`, ms. */
  longestMs = 0;
  #measured = performance.eventLoopUtilization();
  /** The part of the time that the loop worked, between the last two calls of `takeMs`; 1 before there were any. */
  utilisation = 1;

  /** Begins to measure. */
  start(): void {
    this.#lastMs = performance.now();
    this.#measured = performance.eventLoopUtilization();
    this.#timer = setInterval(() => this.#sample(performance.now()), EVERY_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** The average lateness of a timer since the last call, ms; of the one that is due now, where none has come. */
  takeMs(): number {
    if (this.#timer === null) return 0;
    const before = this.#measured;
    this.#measured = performance.eventLoopUtilization();
    this.utilisation = performance.eventLoopUtilization(this.#measured, before).utilization;
    const dueMs = Math.max(0, performance.now() - this.#lastMs - EVERY_MS);
    const usualMs = this.#samples === 0 ? dueMs : this.#sumMs / this.#samples;
    this.longestMs = Math.max(this.#longestMs, dueMs);
    this.#longestMs = 0;
    this.#sumMs = 0;
    this.#samples = 0;
    return Math.max(usualMs, dueMs);
  }

  #sample(nowMs: number): void {
    const lateMs = Math.max(0, nowMs - this.#lastMs - EVERY_MS);
    this.#sumMs += lateMs;
    this.#longestMs = Math.max(this.#longestMs, lateMs);
    this.#samples++;
    this.#lastMs = nowMs;
  }
}
