/**
 * Where a queue puts what it gave up, for its owner to settle: preallocated, emptied by the owner after every call.
 *
 * Invariant: between two calls of `clear` at most `capacity` frames are evicted; who asks for more has not settled.
 */

/** Why a frame was evicted; both are outcomes of frames (`evicted_stale`, `evicted_overflow`). */
export const Evicted = { stale: 0, overflow: 1 } as const;
export type Evicted = (typeof Evicted)[keyof typeof Evicted];

export class EvictedList {
  /** How many frames wait to be settled. */
  count = 0;
  readonly capacity: number;
  readonly #items: Int32Array<ArrayBuffer>;
  readonly #reasons: Uint8Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#items = new Int32Array(capacity);
    this.#reasons = new Uint8Array(capacity);
  }

  get full(): boolean {
    return this.count === this.capacity;
  }

  /** The owner's number of the frame at `index`, below `count`. */
  item(index: number): number {
    return this.#items[index]!;
  }

  /** Why the frame at `index` was evicted. */
  reason(index: number): Evicted {
    return this.#reasons[index] as Evicted;
  }

  /** Adds a frame. Throws where the owner has not emptied a full list. */
  push(item: number, reason: Evicted): void {
    if (this.full)
      throw new RangeError(`${this.capacity} evicted frames were not settled, expected clear() after each call`);
    this.#items[this.count] = item;
    this.#reasons[this.count] = reason;
    this.count++;
  }

  /** Empties the list, once its frames are settled. */
  clear(): void {
    this.count = 0;
  }
}
