/**
 * Caption frames written byte by byte: a hundred times what the general encoder manages, and they bear the time they
 * were due, so that any receiver on this machine can tell how old they are.
 *
 * The text is `<13 digits: µs of the machine's clock> <filler>`.
 */
import { Kind, PAYLOAD_FIELD_OFFSET } from '../../schemas/kinds.ts';

/** Digits of the stamp at the head of a caption's text. */
export const STAMP_DIGITS = 13;

const TAG_KIND = 0x08;
const TAG_FINAL = 0x10;
const TAG_STREAM = 0x0a;
const TAG_SEGMENT = 0x10;
const TAG_REVISION = 0x28;
const TAG_TEXT = 0x3a;
const PAYLOAD_TAG = ((Kind.caption + PAYLOAD_FIELD_OFFSET) << 3) | 2;
const DIGIT_0 = 0x30;

/** What is said in a caption of the load. */
export interface CaptionText {
  readonly stream: Uint8Array;
  readonly filler: Uint8Array;
}

/** The parts of a caption that stay the same: its stream's name and `fillerBytes` of text after the stamp. */
export function captionText(stream: string, fillerBytes: number): CaptionText {
  if (stream.length > 60) throw new RangeError(`a stream's name may have 60 characters, got ${stream.length}`);
  const filler = Buffer.from(` ${'so the load goes on and on '.repeat(Math.ceil(fillerBytes / 27))}`);
  return { stream: Buffer.from(stream), filler: filler.subarray(0, fillerBytes) };
}

/** Most bytes that `writeCaption` writes for this text. */
export function captionBytes(text: CaptionText): number {
  return text.stream.length + STAMP_DIGITS + text.filler.length + 32;
}

/** Writes one caption frame at `at` of `into`, stamped with `dueMs` (machine clock); the value is where it ends. */
export function writeCaption(
  into: Uint8Array,
  at: number,
  text: CaptionText,
  segment: number,
  revision: number,
  final: boolean,
  dueMs: number,
): number {
  const { stream, filler } = text;
  const textBytes = STAMP_DIGITS + filler.length;
  const body =
    2 + stream.length + 1 + varintBytes(segment) + 1 + varintBytes(revision) + 1 + varintBytes(textBytes) + textBytes;
  into[at++] = TAG_KIND;
  into[at++] = Kind.caption;
  if (final) {
    into[at++] = TAG_FINAL;
    into[at++] = 1;
  }
  at = writeVarint(into, at, PAYLOAD_TAG);
  at = writeVarint(into, at, body);
  into[at++] = TAG_STREAM;
  into[at++] = stream.length;
  for (let index = 0; index < stream.length; index++) into[at++] = stream[index]!;
  into[at++] = TAG_SEGMENT;
  at = writeVarint(into, at, segment);
  into[at++] = TAG_REVISION;
  at = writeVarint(into, at, revision);
  into[at++] = TAG_TEXT;
  at = writeVarint(into, at, textBytes);
  at = writeStamp(into, at, dueMs);
  for (let index = 0; index < filler.length; index++) into[at++] = filler[index]!;
  return at;
}

/** Writes `dueMs` of the machine's clock as 13 digits of µs. */
export function writeStamp(into: Uint8Array, at: number, dueMs: number): number {
  let us = Math.floor(dueMs * 1000);
  for (let index = at + STAMP_DIGITS - 1; index >= at; index--) {
    const rest = Math.floor(us / 10);
    into[index] = DIGIT_0 + (us - rest * 10);
    us = rest;
  }
  return at + STAMP_DIGITS;
}

/** The machine-clock ms a stamp says; -1 when `bytes[start, end)` does not begin with one. */
export function readStampMs(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < STAMP_DIGITS) return -1;
  let us = 0;
  for (let index = start; index < start + STAMP_DIGITS; index++) {
    const digit = bytes[index]! - DIGIT_0;
    if (digit < 0 || digit > 9) return -1;
    us = us * 10 + digit;
  }
  return us / 1000;
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : value < 268_435_456 ? 4 : 5;
}

function writeVarint(into: Uint8Array, at: number, value: number): number {
  while (value >= 128) {
    into[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  into[at++] = value;
  return at;
}
