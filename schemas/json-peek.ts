/**
 * Reads the kind of a JSON frame without parsing it, as `frame-peek` does for a binary one.
 *
 *     { "kind" : "caption" , …
 *
 * Invariants: nothing is allocated; a frame whose first member is not `kind`, spelled without escapes, or whose word
 * is not a kind's, is malformed, and the decoder refuses it likewise; what stands behind the word is not looked at.
 */
import { PEEK_MALFORMED } from './frame-peek.ts';
import { KIND_NAMES } from './kinds.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

const SLOTS = 256;
const WORD_BYTES = 16;
/** Kind by slot of the hash table; 0: free. Collisions go to the next slot. */
const slotKind = new Uint8Array(SLOTS);
const wordLength = new Uint8Array(128);
const wordBytes = new Uint8Array(128 * WORD_BYTES);
fillTable();

/** The kind's number of the JSON frame in `bytes`, or `PEEK_MALFORMED`. */
export function peekJsonFrame(bytes: Uint8Array): number {
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== BRACE_OPEN) return PEEK_MALFORMED;
  at = afterSpace(bytes, at + 1);
  // "kind"
  if (bytes[at] !== QUOTE || bytes[at + 1] !== 0x6b || bytes[at + 2] !== 0x69) return PEEK_MALFORMED;
  if (bytes[at + 3] !== 0x6e || bytes[at + 4] !== 0x64 || bytes[at + 5] !== QUOTE) return PEEK_MALFORMED;
  at = afterSpace(bytes, at + 6);
  if (bytes[at] !== COLON) return PEEK_MALFORMED;
  at = afterSpace(bytes, at + 1);
  if (bytes[at] !== QUOTE) return PEEK_MALFORMED;
  const start = at + 1;
  let hash = 0;
  for (at = start; bytes[at] !== QUOTE; at++) {
    if (at >= bytes.length || at - start >= WORD_BYTES) return PEEK_MALFORMED;
    hash = (hash * 31 + bytes[at]!) & (SLOTS - 1);
  }
  const next = bytes[afterSpace(bytes, at + 1)];
  if (next !== COMMA && next !== BRACE_CLOSE) return PEEK_MALFORMED;
  for (let slot = hash; slotKind[slot] !== 0; slot = (slot + 1) & (SLOTS - 1)) {
    if (isWord(slotKind[slot]!, bytes, start, at)) return slotKind[slot]!;
  }
  return PEEK_MALFORMED;
}

const FINAL = Uint8Array.from('"final"', (character) => character.charCodeAt(0));
/** How far the window may move on when its last byte is the index (Horspool's table). */
const FINAL_SHIFT = new Uint8Array(256).fill(FINAL.length);
for (let index = 0; index < FINAL.length - 1; index++) FINAL_SHIFT[FINAL[index]!] = FINAL.length - 1 - index;

/**
 * Whether `"final"` occurs anywhere, be it as a member or inside a text: a caption without it is an interim for sure,
 * because member names with escapes are refused. With it, only a full decode can tell.
 */
export function mayHoldFinal(bytes: Uint8Array): boolean {
  const last = FINAL.length - 1;
  for (let at = last; at < bytes.length; at += FINAL_SHIFT[bytes[at]!]!) {
    let index = last;
    while (index >= 0 && bytes[at - last + index] === FINAL[index]) index--;
    if (index < 0) return true;
  }
  return false;
}

function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

function isWord(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== wordLength[kind]) return false;
  for (let index = 0; index < end - start; index++) {
    if (bytes[start + index] !== wordBytes[kind * WORD_BYTES + index]) return false;
  }
  return true;
}

function fillTable(): void {
  KIND_NAMES.forEach((name, kind) => {
    if (!name) return;
    if (name.length > WORD_BYTES) throw new RangeError(`${name}: a kind's word has at most ${WORD_BYTES} letters`);
    let hash = 0;
    for (let index = 0; index < name.length; index++) {
      wordBytes[kind * WORD_BYTES + index] = name.charCodeAt(index);
      hash = (hash * 31 + name.charCodeAt(index)) & (SLOTS - 1);
    }
    wordLength[kind] = name.length;
    while (slotKind[hash] !== 0) hash = (hash + 1) & (SLOTS - 1);
    slotKind[hash] = kind;
  });
}
