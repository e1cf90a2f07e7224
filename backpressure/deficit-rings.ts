/**
 * Deficit round robin as rings of rows: who is next, and how much it may still take in its turn.
 *
 *     ring:  head → row → row → … → head        add() joins behind everybody, endTurn() moves on to the next
 *
 *   begin a turn:  deficit ← deficit + quantum      serve while cost ≤ deficit:  deficit ← deficit − cost
 *   end a turn:    what is left is kept             leave the ring:              deficit ← 0
 *
 * Source: Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round Robin" (SIGCOMM '95). Whoever ends a turn
 * could not pay its next frame, so it has less than the largest cost; with quantum ≥ largest cost the next turn serves
 * at least one frame, and a frame is found in at most two looks at a ring, however many rows are in it.
 *
 * Members pay by themselves (the double at `deficitAt`), once their owner has seen that they can.
 *
 * Invariants: a row is in at most one ring; 0 ≤ deficit < largest cost + quantum; outside its turn deficit < largest cost.
 */
import { ROW_DOUBLES, ROW_INTS, type RowTable } from './row-table.ts';

/** Integers that a member's row gives to its ring: next and previous member. */
export const LINK_INTS = 2;
/** Integers of a ring: one more than its head (0: empty), its length, whether the head has begun its turn. */
export const RING_INTS = 3;

const NEXT = 0;
const PREVIOUS = 1;
const HEAD = 0;
const LENGTH = 1;
const BEGUN = 2;

/** Where rings and members keep their fields: integers from `linkAt` and `ringAt`, the double at `deficitAt`. */
export interface RingPlaces {
  readonly members: RowTable;
  readonly linkAt: number;
  readonly deficitAt: number;
  readonly rings: RowTable;
  readonly ringAt: number;
}

export class DeficitRings {
  readonly #members: RowTable;
  readonly #rings: RowTable;
  readonly #linkAt: number;
  readonly #deficitAt: number;
  readonly #ringAt: number;

  constructor({ members, linkAt, deficitAt, rings, ringAt }: RingPlaces) {
    this.#members = members;
    this.#rings = rings;
    this.#linkAt = linkAt;
    this.#deficitAt = deficitAt;
    this.#ringAt = ringAt;
  }

  /** The row whose turn it is or comes, or -1 in an empty ring. */
  head(ring: number): number {
    return this.#rings.ints[ring * ROW_INTS + this.#ringAt + HEAD]! - 1;
  }

  /** How many rows are in the ring. */
  length(ring: number): number {
    return this.#rings.ints[ring * ROW_INTS + this.#ringAt + LENGTH]!;
  }

  /** What the row has left, in units of cost. */
  deficit(row: number): number {
    return this.#members.doubles[row * ROW_DOUBLES + this.#deficitAt]!;
  }

  /** Puts a row, which must be in no ring, behind all others, with `deficit` to begin with. */
  add(ring: number, row: number, deficit = 0): void {
    const rings = this.#rings.ints;
    const at = ring * ROW_INTS + this.#ringAt;
    const head = rings[at + HEAD]! - 1;
    this.#members.doubles[row * ROW_DOUBLES + this.#deficitAt] = deficit;
    rings[at + LENGTH]!++;
    if (head < 0) {
      rings[at + HEAD] = row + 1;
      this.#link(row, row);
      return;
    }
    this.#link(this.#members.ints[head * ROW_INTS + this.#linkAt + PREVIOUS]!, row);
    this.#link(row, head);
  }

  /** Takes a row out of its ring; what it had left is gone. */
  remove(ring: number, row: number): void {
    const rings = this.#rings.ints;
    const at = ring * ROW_INTS + this.#ringAt;
    this.#members.doubles[row * ROW_DOUBLES + this.#deficitAt] = 0;
    const length = rings[at + LENGTH]! - 1;
    rings[at + LENGTH] = length;
    if (length === 0) {
      rings[at + HEAD] = 0;
      rings[at + BEGUN] = 0;
      return;
    }
    const link = row * ROW_INTS + this.#linkAt;
    const next = this.#members.ints[link + NEXT]!;
    this.#link(this.#members.ints[link + PREVIOUS]!, next);
    if (rings[at + HEAD] !== row + 1) return;
    rings[at + HEAD] = next + 1;
    rings[at + BEGUN] = 0;
  }

  /** Whether the head has begun its turn. */
  hasBegun(ring: number): boolean {
    return this.#rings.ints[ring * ROW_INTS + this.#ringAt + BEGUN] === 1;
  }

  /** Begins the head's turn, which has not begun, with `quantum` more to spend. */
  begin(ring: number, quantum: number): void {
    this.#rings.ints[ring * ROW_INTS + this.#ringAt + BEGUN] = 1;
    this.#members.doubles[this.head(ring) * ROW_DOUBLES + this.#deficitAt]! += quantum;
  }

  /** Ends the head's turn: it goes behind all others and keeps what it has left. */
  endTurn(ring: number): void {
    const rings = this.#rings.ints;
    const at = ring * ROW_INTS + this.#ringAt;
    rings[at + BEGUN] = 0;
    rings[at + HEAD] = this.#members.ints[(rings[at + HEAD]! - 1) * ROW_INTS + this.#linkAt + NEXT]! + 1;
  }

  /** Lets the head keep at most `most` of its turn, where quanta have become smaller. */
  cap(ring: number, most: number): void {
    const head = this.head(ring);
    if (head >= 0 && this.deficit(head) > most) this.#members.doubles[head * ROW_DOUBLES + this.#deficitAt] = most;
  }

  #link(row: number, next: number): void {
    const ints = this.#members.ints;
    ints[row * ROW_INTS + this.#linkAt + NEXT] = next;
    ints[next * ROW_INTS + this.#linkAt + PREVIOUS] = row;
  }
}
