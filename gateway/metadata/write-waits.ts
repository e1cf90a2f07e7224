/** How long rooms that are due wait until they begin to write: the plane's queue delay. */
import type { Room } from './room.ts';

export class WriteWaits {
  /** Of rooms that have begun to write since `take`, ms. */
  #longestMs = 0;
  #sumMs = 0;
  #count = 0;
  /** Those that have not, the first of them first. */
  readonly #waiting = new Set<Room>();

  /** The room is due since `sinceMs`; where it was due already, nothing changes. */
  begin(room: Room, sinceMs: number): void {
    if (room.due.sinceMs >= 0) return;
    room.due.sinceMs = sinceMs;
    this.#waiting.add(room);
  }

  /** The room, which was due, begins to write. */
  end(room: Room, nowMs: number): void {
    const waitMs = nowMs - room.due.sinceMs;
    this.#longestMs = Math.max(this.#longestMs, waitMs);
    this.#sumMs += waitMs;
    this.#count++;
    this.forget(room);
  }

  /** The room is not due any more. */
  forget(room: Room): void {
    room.due.sinceMs = -1;
    this.#waiting.delete(room);
  }

  /**
   * The longest wait since the last call, and the average, ms. The room that has waited longest so far counts in both, if
   * that makes them more.
   */
  take(nowMs: number): { longestMs: number; usualMs: number } {
    const oldest = this.#waiting.values().next().value;
    const oldestMs = oldest ? nowMs - oldest.due.sinceMs : 0;
    const waits = {
      longestMs: Math.max(this.#longestMs, oldestMs),
      usualMs: Math.max(this.#count === 0 ? 0 : this.#sumMs / this.#count, oldestMs),
    };
    this.#longestMs = 0;
    this.#sumMs = 0;
    this.#count = 0;
    return waits;
  }
}
