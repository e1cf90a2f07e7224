/** The moment at which things arrive, on both clocks: one object for all, to be read at once and not kept. */
import type { Moment } from '../rooms/room-frame.ts';

export class Moments {
  readonly #moment: Moment = { nowMs: 0, ts: 0 };

  /** The moment at a time of the monotonic clock, ms. */
  at(nowMs: number): Moment {
    // Every frame of a turn asks, and gets the same.
    if (this.#moment.nowMs === nowMs) return this.#moment;
    this.#moment.nowMs = nowMs;
    this.#moment.ts = Math.floor(performance.timeOrigin + nowMs);
    return this.#moment;
  }
}
