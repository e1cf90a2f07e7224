/**
 * How long rooms that are due wait until they begin to write: the plane's queue delay.
 *
 *     usual = max(mean of the waits that ended, the longest wait so far but for a tenth of the rooms)
 *
 * Each room counts as one: where one that asks for more than its turns allow waits for a second, and a thousand others for a
 * millisecond, the plane is in time, and nobody else need be refused for it.
 */
import type { Room } from '../rooms/room.ts';

/** The part of the rooms that may wait without the plane being late. */
const LATE_SHARE = 0.1;

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
   * The longest wait since the last call, and the usual one, ms. Who still waits counts in both with its wait so far.
   */
  take(nowMs: number): { longestMs: number; usualMs: number } {
    const meanMs = this.#count === 0 ? 0 : this.#sumMs / this.#count;
    const late = Math.floor(LATE_SHARE * (this.#count + this.#waiting.size));
    const waits = {
      longestMs: Math.max(this.#longestMs, this.#waitSoFar(0, nowMs)),
      usualMs: Math.max(meanMs, this.#waitSoFar(late, nowMs)),
    };
    this.#longestMs = 0;
    this.#sumMs = 0;
    this.#count = 0;
    return waits;
  }

  /** What the room has waited that is in the given place, from 0, of those that wait; 0 where there are not so many. */
  #waitSoFar(place: number, nowMs: number): number {
    if (place >= this.#waiting.size) return 0;
    for (const room of this.#waiting) if (place-- === 0) return nowMs - room.due.sinceMs;
    return 0;
  }
}
