/**
 * Joins pieces of RTP streams into one that a receiver takes for unbroken: after a pause or a change of source,
 * sequence numbers go on by one and timestamps by the time that has passed.
 *
 *     out.seq = in.seq + seqShift            seqShift so that first.out = last.out + 1
 *     out.ts  = in.ts + tsShift              tsShift so that first.out = last.out + elapsed · clock rate
 *
 * Invariants: within a piece, differences are kept (losses and reordering stay visible); packets from before a piece
 * began are refused. All arithmetic is modulo 2^16 and 2^32.
 */

export class RtpSplice {
  readonly #clockRateHz: number;
  #started = false;
  #fresh = true;
  #firstSequence = 0;
  #sequenceShift = 0;
  #timestampShift = 0;
  #highestSequence = 0;
  #lastTimestamp = 0;
  #lastMs = 0;
  /** Rewritten numbers of the packet last accepted. */
  sequenceNumber = 0;
  timestamp = 0;

  constructor(clockRateHz: number) {
    this.#clockRateHz = clockRateHz;
  }

  /** The next packet begins a new piece. */
  cut(): void {
    this.#fresh = true;
  }

  /** Rewrites one packet's numbers into `sequenceNumber` and `timestamp`; false when it must not be sent. */
  rewrite(sequenceNumber: number, timestamp: number, nowMs: number): boolean {
    if (this.#fresh) this.#begin(sequenceNumber, timestamp, nowMs);
    else if (after(this.#firstSequence, sequenceNumber)) return false;
    this.sequenceNumber = (sequenceNumber + this.#sequenceShift) & 0xffff;
    this.timestamp = (timestamp + this.#timestampShift) >>> 0;
    if (!this.#started || after(this.sequenceNumber, this.#highestSequence)) {
      this.#highestSequence = this.sequenceNumber;
      // So that a piece longer than half the number space does not refuse its own packets.
      if (((sequenceNumber - this.#firstSequence) & 0xffff) > 0x4000)
        this.#firstSequence = (sequenceNumber - 0x2000) & 0xffff;
      this.#lastTimestamp = this.timestamp;
      this.#lastMs = nowMs;
    }
    this.#started = true;
    return true;
  }

  #begin(sequenceNumber: number, timestamp: number, nowMs: number): void {
    this.#fresh = false;
    this.#firstSequence = sequenceNumber;
    if (!this.#started) {
      this.#sequenceShift = 0;
      this.#timestampShift = 0;
      return;
    }
    const elapsedTicks = Math.max(1, Math.round(((nowMs - this.#lastMs) * this.#clockRateHz) / 1000));
    this.#sequenceShift = (this.#highestSequence + 1 - sequenceNumber) & 0xffff;
    this.#timestampShift = (this.#lastTimestamp + elapsedTicks - timestamp) >>> 0;
  }
}

/** Whether sequence number `a` comes after `b`, across the wrap. */
function after(a: number, b: number): boolean {
  return a !== b && ((a - b) & 0xffff) < 0x8000;
}
