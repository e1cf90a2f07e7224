/**
 * Rows of 64 bytes in one buffer, read as 32-bit integers or as doubles: what a frame needs of a flow in a line of cache.
 *
 *     row:  | 16 integers of 4 bytes |   the same bytes:  | 8 doubles of 8 bytes |
 *
 * With an array per field, a frame of one flow among 100 000 misses the cache once per field. Modules that keep something
 * about a row are given the place of their fields in it; whoever owns the table gives each place away once.
 *
 * Invariants: rows keep their values when the table grows; growth doubles, so it is rare; nothing else allocates.
 */
export const ROW_INTS = 16;
export const ROW_DOUBLES = 8;
const LEAST_ROWS = 64;

export class RowTable {
  ints = new Int32Array(0);
  doubles = new Float64Array(0);
  #rows = 0;

  constructor(rows = 0) {
    this.reserve(rows);
  }

  /** How many rows there is room for. */
  get rows(): number {
    return this.#rows;
  }

  /** Makes room for so many rows, new ones filled with 0. Returns whether the table grew. */
  reserve(rows: number): boolean {
    if (rows <= this.#rows) return false;
    this.#rows = Math.max(LEAST_ROWS, this.#rows * 2, rows);
    const ints = new Int32Array(this.#rows * ROW_INTS);
    ints.set(this.ints);
    this.ints = ints;
    this.doubles = new Float64Array(ints.buffer);
    return true;
  }

  /** Sets every byte of a row to 0. */
  clear(row: number): void {
    this.ints.fill(0, row * ROW_INTS, (row + 1) * ROW_INTS);
  }
}
