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
import { ROW_DOUBLES, type RowTable } from './row-table.ts';

export const CODEL_TARGET_MS = 5;
export const CODEL_INTERVAL_MS = 100;
/** Intervals after which a queue that dropped begins anew. */
const REMEMBERED_INTERVALS = 16;

/** Doubles that a queue's row gives away. */
export const CODEL_DOUBLES = 4;
/** When the queue will have been above the target for an interval; Infinity while it is not above. */
const ABOVE_AT = 0;
const DROP_NEXT = 1;
/** Drops of the present run; negative while not dropping: those of the last run. */
const COUNT = 2;
/** The count the present run began with. */
const BEGAN_WITH = 3;

export class CodelRows {
  readonly #rows: RowTable;
  readonly #at: number;

  /** Keeps its doubles in `rows`, from `at`. */
  constructor(rows: RowTable, at: number) {
    this.#rows = rows;
    this.#at = at;
  }

  /** Begins a row anew. */
  open(row: number): void {
    const at = row * ROW_DOUBLES + this.#at;
    this.#rows.doubles.fill(0, at, at + CODEL_DOUBLES);
    this.#rows.doubles[at + ABOVE_AT] = Number.POSITIVE_INFINITY;
  }

  /**
   * Whether the frame at the head of the row's queue is to be dropped. `sojournMs`: how long it has waited; `waiting`: how
   * many wait, itself included. Ask once per frame that would leave, and again for the next after a drop.
   */
  drops(row: number, sojournMs: number, waiting: number, nowMs: number): boolean {
    const at = row * ROW_DOUBLES + this.#at;
    if (sojournMs >= CODEL_TARGET_MS && waiting > 1) return this.#dropsAbove(at, nowMs);
    if (this.#rows.doubles[at + ABOVE_AT] !== Number.POSITIVE_INFINITY) this.#rest(at);
    return false;
  }

  #rest(at: number): void {
    const rows = this.#rows.doubles;
    rows[at + ABOVE_AT] = Number.POSITIVE_INFINITY;
    if (rows[at + COUNT]! > 0) rows[at + COUNT]! *= -1;
  }

  #dropsAbove(at: number, nowMs: number): boolean {
    const rows = this.#rows.doubles;
    if (rows[at + ABOVE_AT] === Number.POSITIVE_INFINITY) rows[at + ABOVE_AT] = nowMs + CODEL_INTERVAL_MS;
    if (nowMs < rows[at + ABOVE_AT]!) return false;
    if (rows[at + COUNT]! <= 0) return this.#beginDropping(at, nowMs);
    if (nowMs < rows[at + DROP_NEXT]!) return false;
    const count = ++rows[at + COUNT]!;
    rows[at + DROP_NEXT]! += CODEL_INTERVAL_MS / Math.sqrt(count);
    return true;
  }

  #beginDropping(at: number, nowMs: number): boolean {
    const rows = this.#rows.doubles;
    const since = -rows[at + COUNT]! - rows[at + BEGAN_WITH]!;
    const recent = nowMs - rows[at + DROP_NEXT]! < REMEMBERED_INTERVALS * CODEL_INTERVAL_MS;
    const count = since > 1 && recent ? since : 1;
    rows[at + COUNT] = count;
    rows[at + BEGAN_WITH] = count;
    rows[at + DROP_NEXT] = nowMs + CODEL_INTERVAL_MS / Math.sqrt(count);
    return true;
  }
}
