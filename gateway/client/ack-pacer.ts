/**
 * When received batches are acknowledged: not each, because every acknowledgement costs the gateway about as much as
 * the batch did, but often enough that the window it allows is never the limit.
 *
 * Invariants: the first batch is acknowledged at once, which tells the gateway that this client does; never more than
 * MOST_BATCHES batches, nor more than MOST_FRAMES frames or a size of MOST_SIZE and one batch, stay unacknowledged.
 */
import { KIND_NAMES } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';

const MOST_BATCHES = 8;
const MOST_FRAMES = 32;
/** A character may be three bytes in the gateway's count, and its window is 64 KB where nobody has made it another. */
const MOST_SIZE = 16_384;
/** What is still unacknowledged after this long is acknowledged by a timer of the owner's, ms. */
export const ACK_WITHIN_MS = 1000;

export class AckPacer {
  #batches = 0;
  #frames = 0;
  #size = 0;
  #begun = false;

  /** A new socket: its first batch is acknowledged at once. */
  restart(): void {
    this.#begun = false;
    this.settled();
  }

  /**
   * Counts a received batch of so many frames; true when it is time to acknowledge. `size` is about that of all of them
   * (`sizeOf`), 0 where they are known to be small.
   */
  received(frames: number, size = 0): boolean {
    this.#batches++;
    this.#frames += frames;
    this.#size += size;
    const enough = this.#batches >= MOST_BATCHES || this.#frames >= MOST_FRAMES || this.#size >= MOST_SIZE;
    const due = !this.#begun || enough;
    this.#begun = true;
    if (due) this.settled();
    return due;
  }

  /** Whether anything is unacknowledged. */
  get owing(): boolean {
    return this.#batches > 0;
  }

  /** Everything received has been acknowledged. */
  settled(): void {
    this.#batches = 0;
    this.#frames = 0;
    this.#size = 0;
  }
}

/** How much there is in frames that can be much: characters of texts, and bytes. */
export function sizeOf(frames: readonly Frame[]): number {
  let size = 0;
  for (const frame of frames) {
    const content = frame[KIND_NAMES[frame.kind ?? 0] as 'custom'];
    for (const value of Object.values(content ?? {})) {
      if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
    }
  }
  return size;
}
