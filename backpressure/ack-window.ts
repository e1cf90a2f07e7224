/**
 * How much a subscriber may have in flight: bytes sent in numbered batches and not acknowledged yet.
 *
 *     acked ──► oldest … newest        room while newestBytes − ackedBytes < limit
 *
 * The kernel swallows megabytes before a socket looks full, so the socket's buffer says nothing about freshness;
 * until a subscriber's first acknowledgement there is nothing better, and the caller goes by the buffer.
 *
 * Each batch also has a position in the room's log, where the subscriber stands once it has received it: that is how
 * one comes back for what was under way when its socket broke.
 *
 * Invariants: numbers ascend by one; with acknowledgements at most `MOST_INFLIGHT` batches are in flight, and the last
 * acknowledged and all after it are remembered; acknowledging twice, out of order or a number never sent changes
 * nothing.
 */
const MOST_REMEMBERED = 256;
const LEAST_REMEMBERED = 8;
/** The last acknowledged batch is remembered too. */
const MOST_INFLIGHT = MOST_REMEMBERED - 1;
/** Numbers kept of a batch, side by side, as each is looked up in memory that nobody has touched for a while. */
const WIDTH = 2;
/** Bytes sent up to its end. */
const BYTES = 0;
/** Where in the room's log its receiver stands. */
const POSITION = 1;
/** Batches that may still be lost on the way to a subscriber that does not acknowledge. */
const UNACKNOWLEDGED_HELD = 16;

export class AckWindow {
  /** Number of the last batch sent; 0 before the first. */
  lastNumber = 0;
  /** Whether the subscriber has acknowledged anything sent on its present socket. */
  acknowledging = false;
  #ackedNumber = 0;
  #ackedBytes = 0;
  #sentBytes = 0;
  readonly #startPosition: number;
  /** By number modulo how many it holds; grown as needed up to MOST_REMEMBERED. */
  #batches: Float64Array<ArrayBuffer> | null = null;

  /** `startPosition`: where in the log the subscriber stands before its first batch. */
  constructor(startPosition = 0) {
    this.#startPosition = startPosition;
  }

  /** Bytes sent and not acknowledged. */
  get unackedBytes(): number {
    return this.#sentBytes - this.#ackedBytes;
  }

  /** Whether another batch may be sent, for a subscriber that acknowledges. */
  hasRoom(limitBytes: number): boolean {
    return this.unackedBytes < limitBytes && this.lastNumber - this.#ackedNumber < MOST_INFLIGHT;
  }

  /** Counts a batch of `bytes`, after which the subscriber stands at `position` of the room's log. Returns its number. */
  sent(bytes: number, position: number): number {
    this.lastNumber++;
    this.#sentBytes += bytes;
    this.#reserve();
    const batches = this.#batches!;
    const at = placeOf(this.lastNumber, batches);
    batches[at + BYTES] = this.#sentBytes;
    batches[at + POSITION] = position;
    return this.lastNumber;
  }

  /** Takes an acknowledgement of everything up to `number`. Returns false when it was news of nothing. */
  acked(number: number): boolean {
    if (number <= this.#ackedNumber || number > this.lastNumber) return false;
    this.acknowledging = true;
    // Without acknowledgements old numbers are overwritten; then only what is remembered counts as in flight.
    if (this.#remembers(number)) {
      const bytes = this.#batches![placeOf(number, this.#batches!) + BYTES]!;
      this.#ackedBytes = Math.max(this.#ackedBytes, bytes);
    }
    this.#ackedNumber = number;
    return true;
  }

  /**
   * Where in the room's log a subscriber stands that has received everything up to `number`, for resuming; -1 when
   * that is not known, or not any more.
   */
  positionAt(number: number): number {
    if (this.#batches === null || !this.#remembers(number)) return -1;
    return this.#batches[placeOf(number, this.#batches) + POSITION]!;
  }

  /**
   * The position from which the subscriber may come back: that of its last acknowledgement, or, as long as there was
   * none, of a few batches ago.
   */
  get heldPosition(): number {
    const held = this.acknowledging
      ? this.#ackedNumber
      : Math.max(this.#ackedNumber, this.lastNumber - UNACKNOWLEDGED_HELD);
    return held === 0 ? this.#startPosition : this.positionAt(held);
  }

  /** Goes on after batch `number`: what was in flight is sent again, under new numbers, on another socket. */
  resumeAfter(number: number): void {
    this.acknowledging = false;
    this.#ackedNumber = Math.max(this.#ackedNumber, number);
    this.#ackedBytes = this.#sentBytes;
  }

  #remembers(number: number): boolean {
    return number > 0 && number <= this.lastNumber && this.lastNumber - number < this.#batches!.length / WIDTH;
  }

  #reserve(): void {
    const old = this.#batches;
    if (old === null) {
      this.#batches = new Float64Array(LEAST_REMEMBERED * WIDTH);
      return;
    }
    const held = old.length / WIDTH;
    if (this.lastNumber - this.#ackedNumber + 1 <= held || held >= MOST_REMEMBERED) return;
    const batches = new Float64Array(old.length * 2);
    for (let number = Math.max(1, this.lastNumber - held); number < this.lastNumber; number++) {
      const from = placeOf(number, old);
      batches.set(old.subarray(from, from + WIDTH), placeOf(number, batches));
    }
    this.#batches = batches;
  }
}

/** Where a batch's numbers begin. Lengths are powers of two. */
function placeOf(number: number, batches: Float64Array): number {
  return (number * WIDTH) & (batches.length - 1);
}
