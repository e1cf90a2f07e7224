/**
 * What was refused to a node, gathered by class until it is told: how many frames, and when all of their like would pass.
 *
 * Invariant: told at most every `GAP_MS`; what is told is not told again.
 */
import { toldWaitMs } from '../../../classes/gcra.ts';

/** A node hears of refusals at most this often. */
const GAP_MS = 500;
const WINDOW_MS = 1000;

export class Refusals {
  readonly #dropped: number[] = [];
  readonly #untilMs: number[] = [];
  #toldMs = Number.NEGATIVE_INFINITY;
  #inWindow = 0;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #any = false;

  /** Counts a refused frame of a class, one like which would pass after `waitMs`. Returns the refusals of this second. */
  add(classIndex: number, waitMs: number, nowMs: number): number {
    this.#any = true;
    this.#dropped[classIndex] = (this.#dropped[classIndex] ?? 0) + 1;
    this.#untilMs[classIndex] = Math.max(this.#untilMs[classIndex] ?? 0, nowMs + waitMs);
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#inWindow = 0;
    }
    return ++this.#inWindow;
  }

  /** Calls `tell` for each class with refusals that are due to be told. */
  tellDue(nowMs: number, tell: (classIndex: number, dropped: number, retryAfterMs: number) => void): void {
    if (!this.#any || nowMs - this.#toldMs < GAP_MS) return;
    this.#any = false;
    this.#toldMs = nowMs;
    this.#dropped.forEach((dropped, index) => {
      if (dropped > 0) tell(index, dropped, toldWaitMs(this.#untilMs[index]! - nowMs));
    });
    this.#dropped.length = 0;
    this.#untilMs.length = 0;
  }
}
