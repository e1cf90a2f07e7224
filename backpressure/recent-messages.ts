/**
 * Remembers which messages came lately, by who sent them and the ID they gave them, so that one that is sent again, by
 * somebody who never heard that it had come, is known for what it is.
 *
 *     older ◄── younger        after every `windowMs`, or when younger is full, younger becomes older, older is forgotten
 *
 * Invariants: a message is remembered for `windowMs` at least, unless more than `most` come in that time; at most 2 · `most`
 * are, with IDs of at most `MOST_ID_BYTES`: a longer one is new every time.
 */
import { ByteKeyTable } from './byte-key-table.ts';

export const MOST_ID_BYTES = 128;
const MOST_SENDER_BYTES = 512;

/** A key on its way into or past the tables. */
const key = new Uint8Array(1 + MOST_SENDER_BYTES + MOST_ID_BYTES);

export class RecentMessages {
  readonly #most: number;
  readonly #windowMs: number;
  #older = new ByteKeyTable<true>();
  #younger = new ByteKeyTable<true>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  /** `most`: messages in one window. */
  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#older.size + this.#younger.size;
  }

  /**
   * Whether this message came before; else it is remembered from now on. `sender` ends with a byte that no ID begins with,
   * so that no two pairs of sender and ID read alike; the ID is `bytes[start, end)`, `kind` below 256.
   */
  repeats(sender: Uint8Array, kind: number, bytes: Uint8Array, start: number, end: number, nowMs: number): boolean {
    if (end === start || end - start > MOST_ID_BYTES || sender.length > MOST_SENDER_BYTES) return false;
    this.#turn(nowMs);
    key[0] = kind;
    key.set(sender, 1);
    for (let at = start, to = 1 + sender.length; at < end; at++, to++) key[to] = bytes[at]!;
    const length = 1 + sender.length + end - start;
    if (this.#younger.find(key, 0, length) || this.#older.find(key, 0, length)) return true;
    this.#younger.insert(key, 0, length, true);
    return false;
  }

  #turn(nowMs: number): void {
    const passed = nowMs - this.#sinceMs;
    if (passed < this.#windowMs && this.#younger.size < this.#most) return;
    this.#older = passed < 2 * this.#windowMs ? this.#younger : new ByteKeyTable();
    this.#younger = new ByteKeyTable();
    this.#sinceMs = nowMs;
  }
}
