/**
 * When received batches are acknowledged: not each, because every acknowledgement costs the gateway about as much as
 * the batch did, but often enough that the window it allows is never the limit.
 *
 * Invariants: the first batch is acknowledged at once, which tells the gateway that this client does; never more than
 * MOST_BATCHES batches, nor more than MOST_FRAMES frames and one batch, stay unacknowledged.
 */
const MOST_BATCHES = 8;
const MOST_FRAMES = 32;
/** What is still unacknowledged after this long is acknowledged by a timer of the owner's, ms. */
export const ACK_WITHIN_MS = 1000;

export class AckPacer {
  #batches = 0;
  #frames = 0;
  #begun = false;

  /** A new socket: its first batch is acknowledged at once. */
  restart(): void {
    this.#begun = false;
    this.settled();
  }

  /** Counts a received batch; true when it is time to acknowledge. */
  received(frames: number): boolean {
    this.#batches++;
    this.#frames += frames;
    const due = !this.#begun || this.#batches >= MOST_BATCHES || this.#frames >= MOST_FRAMES;
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
  }
}
