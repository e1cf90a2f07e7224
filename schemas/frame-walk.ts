/**
 * Checks a binary frame's structure and finds its fields, without decoding it.
 *
 *     08 kind [10 final] [pub, in any place] payload-tag length body
 *
 * `FrameWalk` is one reusable object: `frame()` finds the payload, `payload()` the fields inside it, and both
 * leave their findings in plain numbers and typed arrays until the next call. Nothing is copied or allocated.
 *
 * Invariants: a frame that passes both has exactly one kind, one payload of that kind, each field of the schema at
 * most once (but for repeated ones) and of its wire type, and no length that points outside it. What a client may not
 * set (the envelope) is refused.
 */
import { KIND_COUNT, Kind, mayBeFinal, PAYLOAD_FIELD_OFFSET } from './kinds.ts';
import * as payloadFields from './payload-fields.ts';
import { isUtf8Between } from './utf8.ts';

export { BatchWalk } from './batch-walk.ts';

/** What a walk found. Negative values refuse the frame. */
export const WalkResult = {
  ok: 0,
  /** Not a frame: truncated, doubly tagged, wrong wire type, a field no client may set (close code 4001). */
  malformed: -1,
  /** The payload is of another kind than the frame says (close code 4004). */
  kindMismatch: -2,
} as const;
export type WalkResult = (typeof WalkResult)[keyof typeof WalkResult];

/** As constants of this module: what is imported is read anew, and checked, at every use, of which a frame has dozens. */
const { FIELDS, STRING_FIELDS, WIRE_BY_FIELD, WIRE_UNKNOWN } = payloadFields;
const { WIRE_BYTES, WIRE_FIXED32, WIRE_FIXED64, WIRE_VARINT } = payloadFields;

const FIELD_KIND = 1;
const TAG_FINAL = 2 << 3;
const FIELD_FROM = 3;
const FIELD_NODE = 4;
const FIELD_TENANT = 7;
const FIELD_ROOM = 8;
const FIELD_PUB = 9;
const LAST_ENVELOPE_FIELD = 15;

/** Finds the parts of a frame. One instance per plane is enough: it holds only the last frame's findings. */
export class FrameWalk {
  kind = 0;
  final = false;
  /** The publisher's own number, 0 where absent. */
  pub = 0;
  /** Of a node's frame: where these envelope strings are; start -1 where absent. */
  fromStart = -1;
  fromEnd = -1;
  nodeStart = -1;
  nodeEnd = -1;
  tenantStart = -1;
  tenantEnd = -1;
  roomStart = -1;
  roomEnd = -1;
  /** Where the payload's tag begins: `[payloadStart, bodyEnd)` can be copied into another frame as it is. */
  payloadStart = 0;
  bodyStart = 0;
  bodyEnd = 0;
  /** Bit n is set when the payload holds field n. Where it is not, the arrays below are stale. */
  present = 0;
  /** Of a length-delimited field: where its bytes begin and end. */
  readonly start = new Int32Array(FIELDS);
  readonly end = new Int32Array(FIELDS);
  /** Of a varint field: its value, as uint32. */
  readonly value = new Uint32Array(FIELDS);

  #at = 0;
  #varint = 0;

  /**
   * Checks the frame in `bytes[start, end)` and finds its payload. Of the envelope a client may set `pub` only;
   * a node (`fromNode`) also says for whom (`from`) and for which `tenant` and `room` it is.
   */
  frame(bytes: Uint8Array, start: number, end: number, fromNode = false): WalkResult {
    this.fromStart = -1;
    this.nodeStart = -1;
    this.tenantStart = -1;
    this.roomStart = -1;
    this.kind = 0;
    this.final = false;
    this.pub = 0;
    this.bodyStart = -1;
    if (end - start < 2 || bytes[start] !== FIELD_KIND << 3) return WalkResult.malformed;
    this.kind = bytes[start + 1]!;
    if (this.kind >= KIND_COUNT || this.kind === Kind.none) return WalkResult.malformed;
    this.#at = start + 2;
    if (end - start >= 4 && bytes[start + 2] === TAG_FINAL) {
      // As the peek reads it, or admission would take an interim for a final: second, and one byte.
      if (bytes[start + 3]! > 1 || !mayBeFinal(this.kind)) return WalkResult.malformed;
      this.final = bytes[start + 3] === 1;
      this.#at = start + 4;
    }
    let mismatch = false;
    while (this.#at < end) {
      const tagAt = this.#at;
      if (!this.#readShort(bytes, end, 0x0f)) return WalkResult.malformed;
      const wire = this.#varint & 7;
      const field = this.#varint >>> 3;
      if (field <= LAST_ENVELOPE_FIELD) {
        const known =
          fromNode && wire === WIRE_BYTES
            ? this.#nodeField(bytes, end, field)
            : this.#envelopeField(bytes, end, field, wire);
        if (!known) return WalkResult.malformed;
        continue;
      }
      if (wire !== WIRE_BYTES || this.bodyStart >= 0 || !this.#readShort(bytes, end, 0x07)) return WalkResult.malformed;
      if (this.#varint > end - this.#at) return WalkResult.malformed;
      if (field !== this.kind + PAYLOAD_FIELD_OFFSET) mismatch = true;
      this.payloadStart = tagAt;
      this.bodyStart = this.#at;
      this.#at += this.#varint;
      this.bodyEnd = this.#at;
    }
    if (mismatch) return WalkResult.kindMismatch;
    return this.bodyStart < 0 ? WalkResult.malformed : WalkResult.ok;
  }

  /** Checks every field of the payload found by `frame()` and records where each is. */
  payload(bytes: Uint8Array): WalkResult {
    const end = this.bodyEnd;
    const row = this.kind * FIELDS;
    this.present = 0;
    this.#at = this.bodyStart;
    while (this.#at < end) {
      if (!this.#readShort(bytes, end, 0x0f)) return WalkResult.malformed;
      const wire = this.#varint & 7;
      const field = this.#varint >>> 3;
      if (field === 0) return WalkResult.malformed;
      const known = field < FIELDS ? WIRE_BY_FIELD[row + field]! : WIRE_UNKNOWN;
      // Twice would hide the first from whoever looks at what was found, but not from the decoder.
      if (known !== WIRE_UNKNOWN && (known !== wire || this.has(field))) return WalkResult.malformed;
      if (wire === WIRE_VARINT) {
        if (!this.#readVarint(bytes, end)) return WalkResult.malformed;
        if (field < FIELDS) this.value[field] = this.#varint;
      } else if (wire === WIRE_BYTES) {
        if (!this.#readShort(bytes, end, 0x07) || this.#varint > end - this.#at) return WalkResult.malformed;
        if (field < FIELDS) {
          this.start[field] = this.#at;
          this.end[field] = this.#at + this.#varint;
        }
        this.#at += this.#varint;
      } else if (!this.#skipFixed(wire, end)) return WalkResult.malformed;
      if (field < FIELDS) this.present |= 1 << field;
    }
    return WalkResult.ok;
  }

  /** Whether the payload held the field. */
  has(field: number): boolean {
    return (this.present & (1 << field)) !== 0;
  }

  /** A varint field's value, 0 where absent. */
  uint32(field: number): number {
    return this.has(field) ? this.value[field]! : 0;
  }

  /** Whether every string of the payload found by `payload()` is valid UTF-8, as the protobuf decoder will insist. */
  stringsAreUtf8(bytes: Uint8Array): boolean {
    let fields = this.present & STRING_FIELDS[this.kind]!;
    while (fields !== 0) {
      const field = 31 - Math.clz32(fields);
      fields &= ~(1 << field);
      if (!isUtf8Between(bytes, this.start[field]!, this.end[field]!)) return false;
    }
    return true;
  }

  #envelopeField(bytes: Uint8Array, end: number, field: number, wire: number): boolean {
    if (field !== FIELD_PUB || wire !== WIRE_VARINT || !this.#readVarint(bytes, end)) return false;
    this.pub = this.#varint;
    return true;
  }

  #nodeField(bytes: Uint8Array, end: number, field: number): boolean {
    if (!this.#readShort(bytes, end, 0x07) || this.#varint > end - this.#at) return false;
    const start = this.#at;
    this.#at += this.#varint;
    if (field === FIELD_FROM) {
      this.fromStart = start;
      this.fromEnd = this.#at;
    } else if (field === FIELD_NODE) {
      this.nodeStart = start;
      this.nodeEnd = this.#at;
    } else if (field === FIELD_TENANT) {
      this.tenantStart = start;
      this.tenantEnd = this.#at;
    } else if (field === FIELD_ROOM) {
      this.roomStart = start;
      this.roomEnd = this.#at;
    } else return false;
    return true;
  }

  #skipFixed(wire: number, end: number): boolean {
    if (wire !== WIRE_FIXED64 && wire !== WIRE_FIXED32) return false;
    this.#at += wire === WIRE_FIXED64 ? 8 : 4;
    return this.#at <= end;
  }

  /** Reads a tag or a length, as protobufjs would: at most five bytes, the fifth no greater than `lastByte`. */
  #readShort(bytes: Uint8Array, end: number, lastByte: number): boolean {
    const from = this.#at;
    if (!this.#readVarint(bytes, end)) return false;
    const length = this.#at - from;
    return length < 5 || (length === 5 && bytes[this.#at - 1]! <= lastByte);
  }

  /** Reads a varint at the cursor; its low 32 bits are kept. False when it is cut off or longer than ten bytes. */
  #readVarint(bytes: Uint8Array, end: number): boolean {
    if (this.#at >= end) return false;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) {
      this.#varint = byte;
      return true;
    }
    let value = byte & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      if (this.#at >= end) return false;
      byte = bytes[this.#at++]!;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#varint = value >>> 0;
        return true;
      }
    }
    return false;
  }
}
