/**
 * CoDel: drops a little, and then more often, while a queue never gets short.
 *
 *   above:     sojourn ≥ 5 ms at every look for 100 ms, with more than one frame waiting
 *   dropping:  one frame at once, then the next after 100 ms / √count, count = drops in a row
 *
 * Source: RFC 8289, with its pseudo-code's re-entry: a queue that was dropping a short while ago goes on where it stopped. The
 * time of the next drop advances with every drop.
 * Rows are queues. Invariants: a queue that has been short once within 100 ms loses nothing; the last frame of a queue is
 * never dropped.
 */
import { ROW_INTS, type RowTable } from './row-table.ts';

export const CODEL_TARGET_MS = 5;
export const CODEL_INTERVAL_MS = 100;
/** Intervals after which a queue that dropped begins anew. */
const REMEMBERED_INTERVALS = 16;

/** As constants of this module: read at every frame. */
const INTS = ROW_INTS;
const TARGET_MS = CODEL_TARGET_MS;

/** Doubles of a queue, looked at only while it is above the target, and once after. */
const RUN_DOUBLES = 4;
/** When the queue will have been above the target for an interval. */
const ABOVE_AT = 0;
const DROP_NEXT = 1;
/** Drops of the present run; negative while not dropping: those of the last run. */
const COUNT = 2;
/** The count the present run began with. */
const BEGAN_WITH = 3;

export class CodelRows {
  readonly #rows: RowTable;
  readonly #at: number;
  #runs = new Float64Array(0);

  /** Keeps in `rows`, in the integer at `at`, whether the queue is above the target. */
  constructor(rows: RowTable, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  /** Begins a row anew. */
  open(row: number): void {
    if (row * RUN_DOUBLES >= this.#runs.length) {
      const runs = new Float64Array(this.#rows.rows * RUN_DOUBLES);
      runs.set(this.#runs);
      this.#runs = runs;
    }
    this.#runs.fill(0, row * RUN_DOUBLES, (row + 1) * RUN_DOUBLES);
    this.#rows.ints[row * INTS + this.#at] = 0;
  }

  /**
   * Whether the frame at the head of the row's queue is to be dropped. `sojournMs`: how long it has waited; `waiting`: how
   * many wait, itself included. Ask once per frame that would leave, and again for the next after a drop.
   */
  drops(row: number, sojournMs: number, waiting: number, nowMs: number): boolean {
    if (sojournMs >= TARGET_MS && waiting > 1) return this.#dropsAbove(row, nowMs);
    if (this.#rows.ints[row * INTS + this.#at] === 1) this.#rest(row);
    return false;
  }

  #rest(row: number): void {
    this.#rows.ints[row * INTS + this.#at] = 0;
    const count = row * RUN_DOUBLES + COUNT;
    if (this.#runs[count]! > 0) this.#runs[count]! *= -1;
  }

  #dropsAbove(row: number, nowMs: number): boolean {
    const runs = this.#runs;
    const at = row * RUN_DOUBLES;
    const { ints } = this.#rows;
    if (ints[row * INTS + this.#at] === 0) {
      ints[row * INTS + this.#at] = 1;
      runs[at + ABOVE_AT] = nowMs + CODEL_INTERVAL_MS;
    }
    if (nowMs < runs[at + ABOVE_AT]!) return false;
    if (runs[at + COUNT]! <= 0) return this.#beginDropping(at, nowMs);
    if (nowMs < runs[at + DROP_NEXT]!) return false;
    const count = ++runs[at + COUNT]!;
    runs[at + DROP_NEXT]! += CODEL_INTERVAL_MS / Math.sqrt(count);
    return true;
  }

  #beginDropping(at: number, nowMs: number): boolean {
    const runs = this.#runs;
    const since = -runs[at + COUNT]! - runs[at + BEGAN_WITH]!;
    const recent = nowMs - runs[at + DROP_NEXT]! < REMEMBERED_INTERVALS * CODEL_INTERVAL_MS;
    const count = since > 1 && recent ? since : 1;
    runs[at + COUNT] = count;
    runs[at + BEGAN_WITH] = count;
    runs[at + DROP_NEXT] = nowMs + CODEL_INTERVAL_MS / Math.sqrt(count);
    return true;
  }
}
