/**
 * What a room must deliver in order and whole: finals and events, once for all subscribers.
 *
 *     base ──► [ e0 e1 e2 … ] ◄── head        a subscriber is a cursor: base ≤ cursor ≤ head
 *
 * Each subscriber's backlog is the part behind its cursor, so a hundred slow readers cost no more than the slowest.
 * Invariants: positions only grow; an entry leaves when every cursor is past it or the log is over its bytes.
 */
export class RoomLog<T extends { readonly bytes: number }> {
  #entries: T[] = [];
  /** Index in `#entries` of the oldest kept one: trimmed in chunks, so that trimming is cheap. */
  #offset = 0;
  #base = 0;
  #keptBytes = 0;

  /** Position after the newest entry. */
  get head(): number {
    return this.#base + this.#entries.length - this.#offset;
  }

  /** Position of the oldest entry kept. */
  get base(): number {
    return this.#base;
  }

  /** Sum of `bytes` over the entries kept. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  append(entry: T): void {
    this.#entries.push(entry);
    this.#keptBytes += entry.bytes;
  }

  /** The entry at `position`, which must be in `[base, head)`. */
  at(position: number): T {
    return this.#entries[this.#offset + position - this.#base]!;
  }

  /** Drops entries before `position`, telling `drop` of each. */
  trim(position: number, drop: (entry: T) => void): void {
    while (this.#base < position && this.#base < this.head) {
      const entry = this.#entries[this.#offset]!;
      this.#keptBytes -= entry.bytes;
      this.#base++;
      this.#offset++;
      drop(entry);
    }
    if (this.#offset === this.#entries.length) {
      this.#entries = [];
      this.#offset = 0;
    } else if (this.#offset >= 1024) {
      this.#entries = this.#entries.slice(this.#offset);
      this.#offset = 0;
    }
  }
}
