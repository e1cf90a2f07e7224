/**
 * A hash table keyed by bytes inside a larger buffer, so that looking a key up needs no string.
 *
 * Open addressing with linear probing; deletion shifts the run back, so there are no tombstones.
 * Invariants: at most half full; a key is stored once; keys are copied on insertion.
 */
import { copyBytes } from '../schemas/copy-bytes.ts';

export class ByteKeyTable<T> {
  #hashes = new Int32Array(16);
  #keys: (Uint8Array | undefined)[] = new Array(16);
  #values: (T | undefined)[] = new Array(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value stored under `bytes[start, end)`, or undefined. */
  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const hash = hashBytes(bytes, start, end);
    const mask = this.#hashes.length - 1;
    for (let at = hash & mask; this.#keys[at] !== undefined; at = (at + 1) & mask) {
      if (this.#hashes[at] === hash && equalBytes(this.#keys[at]!, bytes, start, end)) return this.#values[at];
    }
    return undefined;
  }

  /** Stores `value` under a copy of `bytes[start, end)`. The key must not be there yet. */
  insert(bytes: Uint8Array, start: number, end: number, value: T): void {
    if (this.#size * 2 >= this.#hashes.length) this.#grow();
    this.#place(hashBytes(bytes, start, end), copyBytes(bytes, start, end), value);
    this.#size++;
  }

  /** Removes the key; false when it was not there. */
  delete(bytes: Uint8Array, start: number, end: number): boolean {
    const hash = hashBytes(bytes, start, end);
    const mask = this.#hashes.length - 1;
    let at = hash & mask;
    while (this.#keys[at] !== undefined) {
      if (this.#hashes[at] === hash && equalBytes(this.#keys[at]!, bytes, start, end)) {
        this.#closeGap(at, mask);
        this.#size--;
        return true;
      }
      at = (at + 1) & mask;
    }
    return false;
  }

  /** Calls `visit` for every value with its key; the table must not be changed meanwhile. */
  forEach(visit: (value: T, key: Uint8Array) => void): void {
    for (let at = 0; at < this.#keys.length; at++) {
      const key = this.#keys[at];
      if (key !== undefined) visit(this.#values[at] as T, key);
    }
  }

  /** Moves later entries of the run into the hole at `gap`, as long as that keeps them reachable. */
  #closeGap(gap: number, mask: number): void {
    for (let at = (gap + 1) & mask; this.#keys[at] !== undefined; at = (at + 1) & mask) {
      const home = this.#hashes[at]! & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      this.#hashes[gap] = this.#hashes[at]!;
      this.#keys[gap] = this.#keys[at];
      this.#values[gap] = this.#values[at];
      gap = at;
    }
    this.#keys[gap] = undefined;
    this.#values[gap] = undefined;
  }

  #grow(): void {
    const [hashes, keys, values] = [this.#hashes, this.#keys, this.#values];
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#keys = new Array(hashes.length * 2);
    this.#values = new Array(hashes.length * 2);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      if (key !== undefined) this.#place(hashes[at]!, key, values[at] as T);
    }
  }

  #place(hash: number, key: Uint8Array, value: T): void {
    const mask = this.#hashes.length - 1;
    let at = hash & mask;
    while (this.#keys[at] !== undefined) at = (at + 1) & mask;
    this.#hashes[at] = hash;
    this.#keys[at] = key;
    this.#values[at] = value;
  }
}

/** FNV-1a over `bytes[start, end)`, as int32. Source: Fowler, Noll, Vo; offset basis 2166136261, prime 16777619. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash;
}

/** Whether `key` equals `bytes[start, end)`. */
export function equalBytes(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let at = 0; at < key.length; at++) {
    if (key[at] !== bytes[start + at]) return false;
  }
  return true;
}
