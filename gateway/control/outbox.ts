/**
 * The reliable events of one session that a resume may have to send again: numbered from 1, bounded by count and size.
 *
 *     dropped │ kept: first … next − 1 │ next
 *
 * Invariants: kept events have consecutive numbers; at most `MAX_EVENTS` and about `MAX_BYTES` are kept; frames are
 * shared with other outboxes and encoded only when sent, so an event that everyone in a room gets is kept once.
 */
import type { Frame } from '../../schemas/proto.ts';

const MAX_EVENTS = 256;
const MAX_BYTES = 131_072;
/** What a frame costs beside its long strings. */
const BASE_BYTES = 64;

export class Outbox {
  #events: Frame[] = [];
  #first = 1;
  #bytes = 0;
  #aged = 1;

  /** The number the next event will bear. */
  get next(): number {
    return this.#first + this.#events.length;
  }

  /** Keeps an event, at the expense of the oldest, and answers its number. */
  add(frame: Frame): number {
    this.#events.push(frame);
    this.#bytes += sizeOf(frame);
    let dropped = 0;
    while (this.#events.length - dropped > MAX_EVENTS || this.#bytes > MAX_BYTES) {
      this.#bytes -= sizeOf(this.#events[dropped++]!);
    }
    this.#drop(dropped);
    return this.next - 1;
  }

  /** Events after `seq`, oldest first; null when some of them are no longer kept, or `seq` has never been given. */
  after(seq: number): readonly Frame[] | null {
    if (seq + 1 < this.#first || seq >= this.next) return null;
    return this.#events.slice(seq + 1 - this.#first);
  }

  /**
   * Drops what was already there at the last call. Called at times so far apart that a connected client must have
   * shown signs of life since.
   */
  age(): void {
    const count = this.#aged - this.#first;
    for (let index = 0; index < count; index++) this.#bytes -= sizeOf(this.#events[index]!);
    this.#drop(count);
    this.#aged = this.next;
  }

  #drop(count: number): void {
    if (count <= 0) return;
    this.#events.splice(0, count);
    this.#first += count;
    if (this.#aged < this.#first) this.#aged = this.#first;
  }
}

function sizeOf(frame: Frame): number {
  const { offer, answer, candidate } = frame;
  return BASE_BYTES + (offer?.sdp?.length ?? 0) + (answer?.sdp?.length ?? 0) + (candidate?.candidate?.length ?? 0);
}
