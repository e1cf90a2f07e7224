/**
 * A text that arrives in fragments, each saying at which code point of the whole it begins.
 *
 *     [0 ──── text ──── length)   gap   [ held )   gap   [ held )      total, once told
 *
 *     contiguous   appended, and held fragments that now join it
 *     overlapping  trimmed where both say the same, else a conflict
 *     beyond       held until what is missing comes
 *
 * Text is UTF-8 and positions are code points, so nothing is ever cut inside a character, be it a surrogate pair in the
 * sender's own strings.
 *
 * Invariants: `text` only grows and is a prefix of the whole; held fragments are in order, apart from each other and
 * from the text; any order of the same fragments, with any repeated, ends in the same text; text and held fragments
 * together take at most `mostBytes`.
 */
import { hashBytes } from './byte-key-table.ts';
import { byteOffset, codePoints } from './code-points.ts';

/** What became of a fragment. After `conflict` or `overflow` the text takes no more. */
export const Fragment = { grew: 0, known: 1, held: 2, conflict: 3, overflow: 4 } as const;
export type Fragment = (typeof Fragment)[keyof typeof Fragment];

/** A fragment beyond a gap. */
interface Held {
  readonly offset: number;
  /** Code points. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

const MOST_HELD = 64;
const LEAST_CAPACITY = 256;
const SHORT_BYTES = 64;

export class AppendText {
  /** The text so far: `bytes[0, byteLength)`. */
  bytes = new Uint8Array(LEAST_CAPACITY);
  byteLength = 0;
  /** The same in code points. */
  length = 0;
  /** Code points of the whole; -1 as long as that was not told. */
  total = -1;
  /** Bytes of fragments beyond a gap. */
  heldBytes = 0;
  readonly #mostBytes: number;
  #held: Held[] = [];
  #hash = -1;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Whether something is known to be missing. */
  get gap(): boolean {
    return this.#held.length > 0 || this.length < this.total;
  }

  /** Whether the whole is here. */
  get complete(): boolean {
    return this.length === this.total;
  }

  /** Takes the fragment `source[start, end)`, valid UTF-8, that begins at code point `offset`. */
  take(offset: number, source: Uint8Array, start: number, end: number): Fragment {
    if (start === end) return Fragment.known;
    const behind = offset + codePoints(source, start, end);
    if (this.total >= 0 && behind > this.total) return Fragment.conflict;
    if (offset > this.length) return this.#hold(offset, behind, source, start, end);
    const found = this.#join(offset, source, start, end);
    return found === Fragment.grew ? this.#absorb() : found;
  }

  /**
   * Tells that the whole has `total` code points and, unless it is -1, this hash (`textHash`). False when that
   * contradicts what has come.
   */
  end(total: number, hash: number): boolean {
    const last = this.#held.at(-1);
    const reached = last === undefined ? this.length : last.offset + last.length;
    if ((this.total >= 0 && this.total !== total) || reached > total) return false;
    this.total = total;
    if (hash >= 0) this.#hash = hash;
    return this.#hashFits();
  }

  /** Lets go of what lies beyond gaps: it will not be waited for. */
  dropHeld(): void {
    this.#held = [];
    this.heldBytes = 0;
  }

  /** Appends what is new of a fragment that begins inside the text or right behind it. */
  #join(offset: number, source: Uint8Array, start: number, end: number): Fragment {
    const at = byteOffset(this.bytes, this.byteLength, this.length, offset);
    const from = start + Math.min(end - start, this.byteLength - at);
    if (!sameBytes(this.bytes, at, source, start, from - start)) return Fragment.conflict;
    if (from === end) return Fragment.known;
    const byteLength = this.byteLength + end - from;
    if (byteLength + this.heldBytes > this.#mostBytes) return Fragment.overflow;
    if (byteLength > this.bytes.length) this.#grow(byteLength);
    // Fragments are mostly a word: too short to be worth a view on it.
    if (end - from > SHORT_BYTES) this.bytes.set(source.subarray(from, end), this.byteLength);
    else for (let at = from; at < end; at++) this.bytes[this.byteLength + at - from] = source[at]!;
    this.length += codePoints(source, from, end);
    this.byteLength = byteLength;
    return Fragment.grew;
  }

  /** Takes in the held fragments that the text has reached. */
  #absorb(): Fragment {
    for (let held = this.#held[0]; held !== undefined && held.offset <= this.length; held = this.#held[0]) {
      this.#held.shift();
      this.heldBytes -= held.bytes.length;
      if (this.#join(held.offset, held.bytes, 0, held.bytes.length) === Fragment.conflict) return Fragment.conflict;
    }
    return this.#hashFits() ? Fragment.grew : Fragment.conflict;
  }

  /** Keeps a fragment beyond a gap, made one with those it touches. */
  #hold(offset: number, behind: number, source: Uint8Array, start: number, end: number): Fragment {
    const apart: Held[] = [];
    let union: Held = { offset, length: behind - offset, bytes: Uint8Array.prototype.slice.call(source, start, end) };
    for (const held of this.#held) {
      if (held.offset + held.length < offset || held.offset > behind) {
        apart.push(held);
        continue;
      }
      const covers = held.offset <= offset && held.offset + held.length >= behind;
      const both = held.offset <= union.offset ? united(held, union) : united(union, held);
      if (both === null) return Fragment.conflict;
      if (covers) return Fragment.known;
      union = both;
    }
    const heldBytes = apart.reduce((sum, { bytes }) => sum + bytes.length, union.bytes.length);
    if (apart.length >= MOST_HELD || this.byteLength + heldBytes > this.#mostBytes) return Fragment.overflow;
    this.#held = [...apart, union].sort((one, other) => one.offset - other.offset);
    this.heldBytes = heldBytes;
    return Fragment.held;
  }

  #hashFits(): boolean {
    return !this.complete || this.#hash < 0 || textHash(this.bytes, this.byteLength) === this.#hash;
  }

  #grow(byteLength: number): void {
    let capacity = this.bytes.length * 2;
    while (capacity < byteLength) capacity *= 2;
    const bytes = new Uint8Array(capacity);
    bytes.set(this.bytes.subarray(0, this.byteLength));
    this.bytes = bytes;
  }
}

/** The hash by which a publisher may vouch for a whole text: FNV-1a, 32 bits, over its UTF-8 bytes. */
export function textHash(bytes: Uint8Array, byteLength: number): number {
  return hashBytes(bytes, 0, byteLength) >>> 0;
}

/** Two fragments that touch, the one that begins first before the other; null where they contradict each other. */
function united(first: Held, second: Held): Held | null {
  const at = byteOffset(first.bytes, first.bytes.length, first.length, second.offset - first.offset);
  const shared = Math.min(second.bytes.length, first.bytes.length - at);
  if (!sameBytes(first.bytes, at, second.bytes, 0, shared)) return null;
  if (shared === second.bytes.length) return first;
  const bytes = new Uint8Array(at + second.bytes.length);
  bytes.set(first.bytes);
  bytes.set(second.bytes, at);
  return { offset: first.offset, length: second.offset + second.length - first.offset, bytes };
}

function sameBytes(one: Uint8Array, oneAt: number, other: Uint8Array, otherAt: number, count: number): boolean {
  for (let at = 0; at < count; at++) if (one[oneAt + at] !== other[otherAt + at]) return false;
  return true;
}
