/**
 * Whether a room has something to write, since when, and in which classes. A room's parts say *that* it should write
 * (`RoomClock`); here is what the dispatcher keeps about it.
 */
import type { Flush } from '../delivery/flush.ts';
import type { Room } from './room.ts';

export class RoomDue {
  /** Since when it has been due and not begun to write, monotonic ms; -1: it is not due. */
  sinceMs = -1;
  /** The newest tick it is due for, monotonic ms; null: it was prompted only. */
  boundaryMs: number | null = null;
  /** The write that has begun and not ended; null: there is none. */
  flush: Flush | null = null;
  /** Its row in the queue of writes by class index; -1 or nothing where it has none. */
  readonly rows: number[] = [];
  /** The class it was due in last; -1: none yet. */
  classIndex = -1;
}

/**
 * Puts the indexes of the classes of which a room's next write would hold something into `into`, each once: with `tick`, of
 * everything that waits, else of what may not wait. Some may have become stale, which only the write finds out.
 */
export function dueClasses(room: Room, tick: boolean, into: number[]): void {
  into.length = 0;
  let before = -1;
  for (let position = room.emittedHead; position < room.log.head; position++) {
    before = note(room.log.at(position).classIndex, before, into);
  }
  for (const { classIndex } of room.live.urgent) before = note(classIndex, before, into);
  if (tick) for (const { classIndex } of room.live.dirty) before = note(classIndex, before, into);
}

/** Neighbours are mostly of one class, and there are few. */
function note(classIndex: number, before: number, into: number[]): number {
  if (classIndex !== before && !into.includes(classIndex)) into.push(classIndex);
  return classIndex;
}
