/**
 * Which row of a group is about the longest: rows are kept in buckets by the power of two of their length.
 *
 *     bucket:   0     1      2       3    …         a row moves up when it grows out of its bucket, and down only when
 *     length:   1    2–3    4–7    8–15   …         longest() finds that it has shrunk
 *
 * Queues grow and shrink all the time and are rarely asked which is longest; so shrinking costs nothing, and growing only
 * where a row is longer than it has been. Every step down was a step up before: `longest` is O(1) amortised over the frames
 * that came. Invariant: the row found is longer than half of the longest of its group.
 */
import { ROW_INTS, type RowTable } from './row-table.ts';

/** Integers that a row gives away: its length, and 1 + its bucket (0: in none). */
export const BUCKET_INTS = 2;

/** As a constant of this module: read at every frame. */
const INTS = ROW_INTS;
const LENGTH = 0;
const BUCKET = 1;
/** Next and previous row of a row's bucket, which are kept apart: rows hardly ever move. */
const LINKS = 2;
const NEXT = 0;
const PREVIOUS = 1;
const BUCKETS = 32;
const NOBODY = -1;

export class LengthBuckets {
  readonly #rows: RowTable;
  readonly #at: number;
  #links = new Int32Array(0);
  /** First row by group and bucket. */
  #firsts = new Int32Array(0);
  /** One bit per bucket in use, by group. */
  #used = new Int32Array(0);

  /** Keeps two integers of each row in `rows`, from `at`. */
  constructor(rows: RowTable, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  /** Makes room for so many groups, and for the rows that there are; never less than before. */
  reserve(groups: number): void {
    this.#links = grown(this.#links, this.#rows.rows * LINKS, NOBODY);
    this.#firsts = grown(this.#firsts, groups * BUCKETS, NOBODY);
    this.#used = grown(this.#used, groups, 0);
  }

  length(row: number): number {
    return this.#rows.ints[row * INTS + this.#at + LENGTH]!;
  }

  /** The row of the group is one longer. */
  grow(group: number, row: number): void {
    const { ints } = this.#rows;
    const at = row * INTS + this.#at;
    const bucket = 31 - Math.clz32(++ints[at + LENGTH]!);
    if (bucket >= ints[at + BUCKET]!) this.#move(group, row, bucket);
  }

  /** The row is one shorter. */
  shrink(row: number): void {
    this.#rows.ints[row * INTS + this.#at + LENGTH]!--;
  }

  /** The row, which must be empty, leaves its group. */
  leave(group: number, row: number): void {
    this.#move(group, row, NOBODY);
  }

  /** A row of the group longer than half of its longest, or -1 where all are empty. */
  longest(group: number): number {
    for (let used = this.#used[group]!; used !== 0; used = this.#used[group]!) {
      const bucket = 31 - Math.clz32(used);
      const row = this.#firsts[group * BUCKETS + bucket]!;
      const now = 31 - Math.clz32(this.length(row));
      if (now === bucket) return row;
      this.#move(group, row, now);
    }
    return NOBODY;
  }

  #move(group: number, row: number, bucket: number): void {
    const { ints } = this.#rows;
    const at = row * INTS + this.#at + BUCKET;
    const left = ints[at]! - 1;
    if (left >= 0) this.#unlink(group, row, left);
    ints[at] = bucket + 1;
    if (bucket < 0) return;
    const links = this.#links;
    const first = this.#firsts[group * BUCKETS + bucket]!;
    links[row * LINKS + NEXT] = first;
    links[row * LINKS + PREVIOUS] = NOBODY;
    if (first !== NOBODY) links[first * LINKS + PREVIOUS] = row;
    this.#firsts[group * BUCKETS + bucket] = row;
    this.#used[group]! |= 1 << bucket;
  }

  #unlink(group: number, row: number, bucket: number): void {
    const links = this.#links;
    const next = links[row * LINKS + NEXT]!;
    const previous = links[row * LINKS + PREVIOUS]!;
    if (next !== NOBODY) links[next * LINKS + PREVIOUS] = previous;
    if (previous !== NOBODY) {
      links[previous * LINKS + NEXT] = next;
      return;
    }
    this.#firsts[group * BUCKETS + bucket] = next;
    if (next === NOBODY) this.#used[group]! &= ~(1 << bucket);
  }
}

/** The list with room for `length` integers, new ones set to `value`. */
function grown(list: Int32Array<ArrayBuffer>, length: number, value: number): Int32Array<ArrayBuffer> {
  if (length <= list.length) return list;
  const longer = new Int32Array(length).fill(value, list.length);
  longer.set(list);
  return longer;
}
