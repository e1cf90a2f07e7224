/**
 * A copy of `bytes[start, end)` that outlives what it was copied from. A Buffer's own `slice` would be a view on the
 * same memory, which the edge takes back after each callback.
 */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, start, end);
}
