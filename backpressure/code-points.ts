/**
 * Code points in UTF-8 bytes, counted without decoding: every byte but a continuation byte (10xxxxxx) begins one.
 *
 * Invariant: a position found here is never inside a character, so neither is anything cut there.
 */

/** How many code points begin in `bytes[start, end)`. */
export function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) count++;
  return count;
}

/**
 * Where in `bytes[0, byteLength)`, which has `length` code points, the one of number `point` begins. `point` must be in
 * [0, length]. Counts from the nearer end.
 */
export function byteOffset(bytes: Uint8Array, byteLength: number, length: number, point: number): number {
  if (point * 2 < length) {
    let at = 0;
    for (let passed = 0; passed < point; passed++) at = nextPoint(bytes, byteLength, at);
    return at;
  }
  let at = byteLength;
  for (let passed = length; passed > point; passed--) {
    at--;
    while ((bytes[at]! & 0xc0) === 0x80) at--;
  }
  return at;
}

function nextPoint(bytes: Uint8Array, byteLength: number, at: number): number {
  let next = at + 1;
  while (next < byteLength && (bytes[next]! & 0xc0) === 0x80) next++;
  return next;
}
