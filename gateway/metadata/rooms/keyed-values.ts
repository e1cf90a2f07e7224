/**
 * The keyed values of a room, presence and gauges: of each publisher and key the newest, as long as the publisher is there.
 *
 * Invariant: a value stands in its publisher's keys exactly while it is a live frame.
 */
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Arrival } from './arrival.ts';
import type { Publisher } from './publisher.ts';
import type { RoomFrame } from './room-frame.ts';
import { QUEUED, type RoomParts } from './room-parts.ts';

/** Field of a keyed value, by its number in frame.proto. */
const KEY = 1;
/** One publisher may keep this part of a room's live frames as keyed values, by kind. */
const SHARE = 1 / 8;

export class KeyedValues {
  readonly #parts: RoomParts;
  readonly #mostEach: number;

  /** `most`: live frames of the room. */
  constructor(parts: RoomParts, most: number) {
    this.#parts = parts;
    this.#mostEach = Math.ceil(most * SHARE);
  }

  /** A value that replaces the one of the same key. Returns its outcome or `QUEUED`. */
  admit(arrival: Arrival): number {
    const { publisher, source, walk, moment } = arrival;
    if (!walk.has(KEY)) return Outcome.malformed;
    const { live, policy } = this.#parts;
    const keys = publisher.keysOf(walk.kind);
    const start = walk.start[KEY]!;
    const end = walk.end[KEY]!;
    let frame = keys.find(source, start, end) ?? null;
    if (!live.fits(frame, walk.bodyEnd - walk.payloadStart)) return Outcome.evicted_overflow;
    if (frame === null) {
      if (keys.size >= this.#mostEach) return Outcome.evicted_overflow;
      frame = live.create(arrival);
      if (frame === null) return Outcome.evicted_overflow;
      keys.insert(source, start, end, frame);
    }
    live.renew(frame, arrival);
    frame.expiresMs = moment.nowMs + policy.ttlMsByKind[walk.kind]!;
    if (live.touch(frame)) this.#parts.tick();
    return QUEUED;
  }

  /** Lets go of one value, settled as `outcome`. */
  drop(frame: RoomFrame, outcome: number): void {
    this.#parts.live.drop(frame, outcome);
    frame.publisher.forgetKeyOf(frame);
  }

  /** Lets go of all values of a publisher. */
  dropAllOf(publisher: Publisher): void {
    for (const keys of publisher.keyTables()) {
      keys.forEach((frame) => void this.#parts.live.drop(frame, Outcome.evicted_stale));
    }
    publisher.clearKeys();
  }
}
