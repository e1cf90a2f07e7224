/**
 * Small integers for keys: the rows of users, rooms and tenants in the arrays of buckets.
 *
 *     take ─► row (new, or the one the key has) ─► release ─► rests? ─► given back
 *                                                      └─ not yet ─► kept, and given back by a later sweep
 *
 * Invariants: a key has one row for as long as anybody holds it or its buckets are not full again, so that nobody gets a
 * full bucket by going and coming back; of rows that nobody holds at most `MOST_IDLE` are kept; a sweep looks at no more
 * than `SWEPT` of them, each in its turn.
 */

/** Idle rows that are kept beyond what their buckets need: each costs some hundred bytes. */
const MOST_IDLE = 65_536;
/** Rows one sweep looks at: well below a millisecond. */
const SWEPT = 4096;

/** Whether the buckets of a row decide as if they had never been used. */
export type Rests = (row: number, nowMs: number) => boolean;

export class KeyedRows {
  readonly #rowByKey = new Map<string, number>();
  readonly #keys: (string | null)[] = [];
  readonly #holders: number[] = [];
  readonly #free: number[] = [];
  /** Rows nobody holds, in the order in which they were released. */
  readonly #idle = new Set<number>();
  readonly #rests: Rests;

  constructor(rests: Rests) {
    this.#rests = rests;
  }

  /** Keys that have a row. */
  get size(): number {
    return this.#rowByKey.size;
  }

  /** The row of a key, held once more. `began` is called with a row that has no past. */
  take(key: string, began: (row: number) => void): number {
    const known = this.#rowByKey.get(key);
    if (known !== undefined) {
      this.#holders[known]! += 1;
      this.#idle.delete(known);
      return known;
    }
    const row = this.#free.pop() ?? this.#keys.length;
    this.#rowByKey.set(key, row);
    this.#keys[row] = key;
    this.#holders[row] = 1;
    began(row);
    return row;
  }

  /** One who held the row does not any more. */
  release(row: number, nowMs: number): void {
    this.#holders[row]! -= 1;
    if (this.#holders[row]! > 0) return;
    if (this.#rests(row, nowMs)) return this.#giveBack(row);
    this.#idle.add(row);
    if (this.#idle.size > MOST_IDLE) this.#giveBack(this.#idle.values().next().value!);
  }

  /** Gives back rows nobody holds and whose buckets are full again. Call it now and then. */
  sweep(nowMs: number): void {
    let left = Math.min(SWEPT, this.#idle.size);
    for (const row of this.#idle) {
      if (left-- === 0) return;
      if (this.#rests(row, nowMs)) this.#giveBack(row);
      else {
        // Behind the others: they are looked at first next time.
        this.#idle.delete(row);
        this.#idle.add(row);
      }
    }
  }

  /** The row of a key, if it has one. */
  find(key: string): number | undefined {
    return this.#rowByKey.get(key);
  }

  /** The key of a row that is in use. */
  keyOf(row: number): string {
    return this.#keys[row] ?? '';
  }

  /** Every row that has a key. */
  rows(): IterableIterator<number> {
    return this.#rowByKey.values();
  }

  #giveBack(row: number): void {
    this.#idle.delete(row);
    this.#rowByKey.delete(this.#keys[row]!);
    this.#keys[row] = null;
    this.#free.push(row);
  }
}
