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
  /** Cumulative bytes and log position by number modulo the length; grown as needed up to MOST_REMEMBERED. */
  #bytesByNumber: Float64Array<ArrayBuffer> | null = null;
  #positionByNumber: Float64Array<ArrayBuffer> | null = null;

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
    const at = this.lastNumber % this.#bytesByNumber!.length;
    this.#bytesByNumber![at] = this.#sentBytes;
    this.#positionByNumber![at] = position;
    return this.lastNumber;
  }

  /** Takes an acknowledgement of everything up to `number`. Returns false when it was news of nothing. */
  acked(number: number): boolean {
    if (number <= this.#ackedNumber || number > this.lastNumber) return false;
    this.acknowledging = true;
    // Without acknowledgements old numbers are overwritten; then only what is remembered counts as in flight.
    if (this.#remembers(number)) {
      const bytes = this.#bytesByNumber![number % this.#bytesByNumber!.length]!;
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
    if (this.#positionByNumber === null || !this.#remembers(number)) return -1;
    return this.#positionByNumber[number % this.#positionByNumber.length]!;
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
    return number > 0 && number <= this.lastNumber && this.lastNumber - number < this.#bytesByNumber!.length;
  }

  #reserve(): void {
    const needed = this.lastNumber - this.#ackedNumber + 1;
    const old = this.#bytesByNumber;
    if (old === null) {
      this.#bytesByNumber = new Float64Array(LEAST_REMEMBERED);
      this.#positionByNumber = new Float64Array(LEAST_REMEMBERED);
    } else if (needed > old.length && old.length < MOST_REMEMBERED) {
      const oldPositions = this.#positionByNumber!;
      const size = old.length * 2;
      this.#bytesByNumber = new Float64Array(size);
      this.#positionByNumber = new Float64Array(size);
      for (let number = Math.max(1, this.lastNumber - old.length); number < this.lastNumber; number++) {
        this.#bytesByNumber[number % size] = old[number % old.length]!;
        this.#positionByNumber[number % size] = oldPositions[number % old.length]!;
      }
    }
  }
}
