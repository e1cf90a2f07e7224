/**
 * Reads what a subscriber is sent, as cheaply as it can be read and still be called decoded: batches are walked,
 * each frame's kind is known, and of captions stream, segment, revision, final and text are found.
 *
 * One reusable object; its findings hold until the next frame.
 */
import { Kind, PAYLOAD_FIELD_OFFSET } from '../../schemas/kinds.ts';

const TAG_KIND = 0x08;
const CLASS_FIELD = 6;
const TAG_BATCH_NUMBER = 0x0d;
const TAG_BATCH_FRAME = 0x12;

/** Scans messages of the binary subprotocol. */
export class DeliveryScan {
  /** Kind of the last frame found. */
  kind = 0;
  final = false;
  /** Where the last frame's payload is. */
  bodyStart = 0;
  bodyEnd = 0;
  /** Where the name of the last frame's class is; empty when it bears none. */
  classStart = 0;
  classEnd = 0;
  /** Of a caption, after `caption()`. */
  streamStart = 0;
  streamEnd = 0;
  segment = 0;
  revision = 0;
  textStart = 0;
  textEnd = 0;
  /** Of a batch, after `batch()`. */
  batchNumber = 0;

  #at = 0;
  #field = 0;
  #wire = 0;
  #value = 0;

  /** Finds kind, final and payload of the frame in `bytes[start, end)`. Throws when it is none. */
  frame(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 2 || bytes[start] !== TAG_KIND) throw new Error('a gateway sent something that is no frame');
    this.kind = bytes[start + 1]!;
    this.final = false;
    this.bodyStart = end;
    this.bodyEnd = end;
    this.classStart = end;
    this.classEnd = end;
    this.#at = start + 2;
    while (this.#at < end) {
      this.#next(bytes, end);
      if (this.#field === this.kind + PAYLOAD_FIELD_OFFSET && this.#wire === 2) {
        this.bodyStart = this.#at - this.#value;
        this.bodyEnd = this.#at;
      } else if (this.#field === CLASS_FIELD) {
        this.classStart = this.#at - this.#value;
        this.classEnd = this.#at;
      } else if (this.#field === 2) this.final = this.#value === 1;
    }
  }

  /** Reads the caption that `frame()` found. */
  caption(bytes: Uint8Array): void {
    this.segment = 0;
    this.revision = 0;
    this.textStart = 0;
    this.textEnd = 0;
    this.#at = this.bodyStart;
    while (this.#at < this.bodyEnd) {
      this.#next(bytes, this.bodyEnd);
      if (this.#field === 1) {
        this.streamStart = this.#at - this.#value;
        this.streamEnd = this.#at;
      } else if (this.#field === 2) this.segment = this.#value;
      else if (this.#field === 5) this.revision = this.#value;
      else if (this.#field === 7) {
        this.textStart = this.#at - this.#value;
        this.textEnd = this.#at;
      }
    }
  }

  /**
   * Calls `each` for every frame of the message in `bytes[start, end)`: the frames of a batch, or the message itself.
   * Inside it `kind`, `final` and the payload are those of that frame. The value is how many there were.
   */
  frames(bytes: Uint8Array, start: number, end: number, each: (bytes: Uint8Array) => void): number {
    this.batchNumber = 0;
    this.frame(bytes, start, end);
    if (this.kind !== Kind.batch) {
      each(bytes);
      return 1;
    }
    let count = 0;
    let at = this.bodyStart;
    const bodyEnd = this.bodyEnd;
    while (at < bodyEnd) {
      const tag = bytes[at];
      if (tag === TAG_BATCH_NUMBER) {
        this.batchNumber =
          (bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 24)) >>> 0;
        at += 5;
        continue;
      }
      if (tag !== TAG_BATCH_FRAME) throw new Error(`a batch holds an unexpected tag ${tag}`);
      this.#at = at;
      this.#next(bytes, bodyEnd);
      at = this.#at;
      this.frame(bytes, at - this.#value, at);
      each(bytes);
      count++;
    }
    return count;
  }

  /** Steps over one field; of length-delimited ones `#value` is the length and `#at` the end. */
  #next(bytes: Uint8Array, end: number): void {
    const tag = this.#varint(bytes, end);
    this.#field = tag >>> 3;
    this.#wire = tag & 7;
    if (this.#wire === 0) this.#value = this.#varint(bytes, end);
    else if (this.#wire === 2) {
      this.#value = this.#varint(bytes, end);
      this.#at += this.#value;
    } else this.#at += this.#wire === 1 ? 8 : 4;
    if (this.#at > end) throw new Error('a gateway sent a frame that is cut off');
  }

  #varint(bytes: Uint8Array, end: number): number {
    let value = 0;
    for (let shift = 0; this.#at < end; shift += 7) {
      const byte = bytes[this.#at++]!;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error('a gateway sent a frame that is cut off');
  }
}
