/**
 * How much a subscriber may have in flight: bytes sent in numbered batches and not acknowledged yet.
 *
 *     acked ──► oldest … newest        room while newestBytes − ackedBytes < limit
 *
 * The kernel swallows megabytes before a socket looks full, so the socket's buffer says nothing about freshness;
 * until a subscriber's first acknowledgement there is nothing better, and the caller goes by the buffer.
 *
 * Invariants: numbers ascend by one; at most `MOST_INFLIGHT` batches are remembered, more means no room;
 * acknowledging twice, out of order or a number never sent changes nothing.
 */
const MOST_INFLIGHT = 256;

export class AckWindow {
  /** Number of the last batch sent; 0 before the first. */
  lastNumber = 0;
  /** Whether the subscriber has ever acknowledged. */
  acknowledging = false;
  #ackedNumber = 0;
  #ackedBytes = 0;
  #sentBytes = 0;
  /** Cumulative bytes and log position by number modulo the length; grown as needed up to MOST_INFLIGHT. */
  #bytesByNumber: Float64Array<ArrayBuffer> | null = null;
  #positionByNumber: Float64Array<ArrayBuffer> | null = null;

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
    const bytes = this.#bytesAt(number);
    this.#ackedNumber = number;
    this.#ackedBytes = bytes;
    return true;
  }

  /**
   * Where in the room's log a subscriber stands that has received everything up to `number`, for resuming; -1 when
   * that is no longer known.
   */
  positionAt(number: number): number {
    if (this.#positionByNumber === null || !this.#remembers(number)) return -1;
    return this.#positionByNumber[number % this.#positionByNumber.length]!;
  }

  /** Forgets what was in flight: it is sent again, under new numbers, on another socket. */
  restart(): void {
    this.acknowledging = false;
    this.#ackedNumber = this.lastNumber;
    this.#ackedBytes = this.#sentBytes;
  }

  #remembers(number: number): boolean {
    return number > 0 && number <= this.lastNumber && this.lastNumber - number < this.#bytesByNumber!.length;
  }

  #bytesAt(number: number): number {
    // Without acknowledgements old numbers are overwritten; then everything up to it counts as received.
    if (!this.#remembers(number)) return this.#ackedBytes;
    return this.#bytesByNumber![number % this.#bytesByNumber!.length]!;
  }

  #reserve(): void {
    const inflight = this.lastNumber - this.#ackedNumber;
    const old = this.#bytesByNumber;
    if (old === null) {
      this.#bytesByNumber = new Float64Array(8);
      this.#positionByNumber = new Float64Array(8);
    } else if (inflight > old.length && old.length < MOST_INFLIGHT) {
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
