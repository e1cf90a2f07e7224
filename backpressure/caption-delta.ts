/**
 * One version of a caption's text as a difference to an earlier one: how many code points of it stay, and what follows.
 *
 *     base      we can hear |you
 *     text      we can hear |the engine       keepPrefix 12, suffix "the engine"
 *
 * Recognisers revise the last word or few of a growing hypothesis, so what stays is nearly all of it.
 *
 * Invariant: applied to its base a difference gives the text, byte by byte; neither cuts inside a character.
 */
import { byteOffset, codePoints } from './code-points.ts';

/** What stays of a base. */
export interface Kept {
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** The same in code points: `keepPrefix` on the wire. */
  readonly points: number;
}

/** The longest common beginning of two texts, both valid UTF-8, in whole code points. */
export function keptPrefix(base: Uint8Array, text: Uint8Array): Kept {
  const most = Math.min(base.length, text.length);
  let bytes = 0;
  while (bytes < most && base[bytes] === text[bytes]) bytes++;
  // Where they differ inside a character, or one ends there, that character is not common.
  if (isContinuation(base[bytes]) || isContinuation(text[bytes])) {
    do bytes--;
    while (isContinuation(text[bytes]));
  }
  return { bytes, points: codePoints(text, 0, bytes) };
}

/** The text that keeps `keepPrefix` code points of `base`, UTF-8, and goes on with `suffix`; null where there are not so many. */
export function applyDelta(base: Uint8Array, keepPrefix: number, suffix: Uint8Array): Uint8Array | null {
  const length = codePoints(base, 0, base.length);
  if (keepPrefix > length) return null;
  const kept = byteOffset(base, base.length, length, keepPrefix);
  const text = new Uint8Array(kept + suffix.length);
  text.set(base.subarray(0, kept));
  text.set(suffix, kept);
  return text;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
