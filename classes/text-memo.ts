/**
 * Which class a pair of texts was found to have: a cache of fixed size, keyed by bytes inside a larger buffer.
 *
 *     slot = hash(type, label):  [ type bytes | label bytes ]  lengths of both, class
 *
 * A new pair takes the slot of whichever was there. Somebody who sends ever new texts pushes others out, which costs them
 * one comparison with the rules each; it grows nothing.
 *
 * Invariant: memory is SLOTS · (MOST_BYTES + 4) bytes from the first pair kept on, and none before.
 */
const SLOTS = 512;
const MOST_BYTES = 60;
const FNV_BASIS = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** Of a free slot: no type is as long. */
const FREE = 255;

export class TextMemo {
  /** Longer pairs are not kept. */
  static readonly MOST_BYTES = MOST_BYTES;
  /** No class: the pair is not known. */
  static readonly UNKNOWN = -128;

  #keys: Uint8Array | null = null;
  readonly #typeBytes = new Uint8Array(SLOTS).fill(FREE);
  readonly #keyBytes = new Uint8Array(SLOTS);
  readonly #classes = new Int8Array(SLOTS);
  /** Of the pair last looked for. */
  #slot = 0;

  /** The class kept for the pair, or `UNKNOWN`. Both texts together have at most `MOST_BYTES`. */
  find(bytes: Uint8Array, typeStart: number, typeEnd: number, labelStart: number, labelEnd: number): number {
    let hash = FNV_BASIS ^ (typeEnd - typeStart);
    for (let at = typeStart; at < typeEnd; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
    for (let at = labelStart; at < labelEnd; at++) hash = Math.imul(hash ^ bytes[at]!, FNV_PRIME);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    this.#slot = slot;
    const keys = this.#keys;
    if (keys === null || this.#typeBytes[slot] !== typeEnd - typeStart) return TextMemo.UNKNOWN;
    if (this.#keyBytes[slot] !== typeEnd - typeStart + labelEnd - labelStart) return TextMemo.UNKNOWN;
    let key = slot * MOST_BYTES;
    for (let at = typeStart; at < typeEnd; at++) if (keys[key++] !== bytes[at]) return TextMemo.UNKNOWN;
    for (let at = labelStart; at < labelEnd; at++) if (keys[key++] !== bytes[at]) return TextMemo.UNKNOWN;
    return this.#classes[slot]!;
  }

  /** Keeps the class of the pair that `find` has just not found. */
  keep(
    bytes: Uint8Array,
    typeStart: number,
    typeEnd: number,
    labelStart: number,
    labelEnd: number,
    classIndex: number,
  ): void {
    this.#keys ??= new Uint8Array(SLOTS * MOST_BYTES);
    const slot = this.#slot;
    let key = slot * MOST_BYTES;
    for (let at = typeStart; at < typeEnd; at++) this.#keys[key++] = bytes[at]!;
    for (let at = labelStart; at < labelEnd; at++) this.#keys[key++] = bytes[at]!;
    this.#typeBytes[slot] = typeEnd - typeStart;
    this.#keyBytes[slot] = typeEnd - typeStart + labelEnd - labelStart;
    this.#classes[slot] = classIndex;
  }
}
