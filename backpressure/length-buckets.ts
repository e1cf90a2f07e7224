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

/** Integers that a row gives away: next and previous row of its bucket, 1 + its bucket (0: in none), its length. */
export const BUCKET_INTS = 4;

const NEXT = 0;
const PREVIOUS = 1;
const BUCKET = 2;
const LENGTH = 3;
const BUCKETS = 32;
const NOBODY = -1;

export class LengthBuckets {
  readonly #rows: RowTable;
  readonly #at: number;
  /** First row by group and bucket. */
  #firsts = new Int32Array(0);
  /** One bit per bucket in use, by group. */
  #used = new Int32Array(0);

  /** Keeps its integers in `rows`, from `at`. */
  constructor(rows: RowTable, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  /** Makes room for so many groups; never less than before. */
  reserve(groups: number): void {
    if (groups <= this.#used.length) return;
    const firsts = new Int32Array(groups * BUCKETS).fill(NOBODY, this.#firsts.length);
    firsts.set(this.#firsts);
    this.#firsts = firsts;
    const used = new Int32Array(groups);
    used.set(this.#used);
    this.#used = used;
  }

  length(row: number): number {
    return this.#rows.ints[row * ROW_INTS + this.#at + LENGTH]!;
  }

  /** The row of the group is one longer. */
  grow(group: number, row: number): void {
    const at = row * ROW_INTS + this.#at;
    const bucket = 31 - Math.clz32(++this.#rows.ints[at + LENGTH]!);
    if (bucket >= this.#rows.ints[at + BUCKET]!) this.#move(group, row, bucket);
  }

  /** The row is one shorter. */
  shrink(row: number): void {
    this.#rows.ints[row * ROW_INTS + this.#at + LENGTH]!--;
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
    const ints = this.#rows.ints;
    const at = row * ROW_INTS + this.#at;
    const left = ints[at + BUCKET]! - 1;
    if (left >= 0) this.#unlink(group, at, left);
    ints[at + BUCKET] = bucket + 1;
    if (bucket < 0) return;
    const first = this.#firsts[group * BUCKETS + bucket]!;
    ints[at + NEXT] = first;
    ints[at + PREVIOUS] = NOBODY;
    if (first !== NOBODY) ints[first * ROW_INTS + this.#at + PREVIOUS] = row;
    this.#firsts[group * BUCKETS + bucket] = row;
    this.#used[group]! |= 1 << bucket;
  }

  #unlink(group: number, at: number, bucket: number): void {
    const ints = this.#rows.ints;
    const next = ints[at + NEXT]!;
    const previous = ints[at + PREVIOUS]!;
    if (next !== NOBODY) ints[next * ROW_INTS + this.#at + PREVIOUS] = previous;
    if (previous !== NOBODY) {
      ints[previous * ROW_INTS + this.#at + NEXT] = next;
      return;
    }
    this.#firsts[group * BUCKETS + bucket] = next;
    if (next === NOBODY) this.#used[group]! &= ~(1 << bucket);
  }
}
