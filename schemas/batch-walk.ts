/** Finds the frames inside a batch without decoding them: what charging a batch frame by frame needs. */

/** The most frames one batch may hold, in either encoding. */
export const MOST_BATCH_FRAMES = 64;

const FRAMES_TAG = (2 << 3) | 2;

/**
 * Steps over the frames of a batch payload. After `open()`, each `next()` leaves one frame's `[start, end)`.
 * A client's batch holds nothing but frames, so any other field makes it malformed.
 */
export class BatchWalk {
  start = 0;
  end = 0;
  #at = 0;
  #end = 0;

  /** Begins at the batch body `[bodyStart, bodyEnd)`, as `FrameWalk.frame` found it. */
  open(bodyStart: number, bodyEnd: number): void {
    this.#at = bodyStart;
    this.#end = bodyEnd;
  }

  /** 1: a frame was found; 0: the batch is over; -1: malformed. */
  next(bytes: Uint8Array): 1 | 0 | -1 {
    if (this.#at >= this.#end) return 0;
    if (bytes[this.#at++] !== FRAMES_TAG) return -1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      if (shift > 28 || this.#at >= this.#end) return -1;
      const byte = bytes[this.#at++]!;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (length < 0 || length > this.#end - this.#at) return -1;
    this.start = this.#at;
    this.end = this.#at + length;
    this.#at = this.end;
    return 1;
  }
}
