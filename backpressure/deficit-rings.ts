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
 * A ring is named by the place of its first integer among the rows of owners; deficit and link of a member are at the same
 * places in every kind of row. Members pay by themselves, once their owner has seen that they can.
 *
 * Invariants: a row is in at most one ring; 0 ≤ deficit < largest cost + quantum; outside its turn deficit < largest cost.
 */
import { ROW_DOUBLES, ROW_INTS, type RowTable } from './row-table.ts';
import { MemberField } from './scheduler-layout.ts';

/** Places in rows, as constants of this module: read at every frame. */
const INTS = ROW_INTS;
const DOUBLES = ROW_DOUBLES;
const DEFICIT = MemberField.deficit;
const NEXT = MemberField.link;
const PREVIOUS = NEXT + 1;

/** Integers of a ring: one more than its head (0: empty), its length, whether the head has begun its turn. */
const HEAD = 0;
const LENGTH = 1;
const BEGUN = 2;

export class DeficitRings {
  readonly #members: RowTable;
  readonly #owners: RowTable;

  constructor(members: RowTable, owners: RowTable) {
    this.#members = members;
    this.#owners = owners;
  }

  /** The row whose turn it is or comes, or -1 in an empty ring. */
  head(ring: number): number {
    return this.#owners.ints[ring + HEAD]! - 1;
  }

  /** How many rows are in the ring. */
  length(ring: number): number {
    return this.#owners.ints[ring + LENGTH]!;
  }

  /** What the row has left, in units of cost. */
  deficit(row: number): number {
    return this.#members.doubles[row * DOUBLES + DEFICIT]!;
  }

  /** The row pays what it takes; returns what it has left. */
  pay(row: number, cost: number): number {
    const at = row * DOUBLES + DEFICIT;
    const left = this.#members.doubles[at]! - cost;
    this.#members.doubles[at] = left;
    return left;
  }

  /** Puts a row, which must be in no ring, behind all others, with `deficit` to begin with. */
  add(ring: number, row: number, deficit: number): void {
    const owners = this.#owners.ints;
    const members = this.#members.ints;
    const at = row * INTS;
    this.#members.doubles[row * DOUBLES + DEFICIT] = deficit;
    owners[ring + LENGTH]!++;
    const head = owners[ring + HEAD]! - 1;
    if (head < 0) {
      owners[ring + HEAD] = row + 1;
      members[at + NEXT] = row;
      members[at + PREVIOUS] = row;
      return;
    }
    const last = members[head * INTS + PREVIOUS]!;
    members[last * INTS + NEXT] = row;
    members[at + PREVIOUS] = last;
    members[at + NEXT] = head;
    members[head * INTS + PREVIOUS] = row;
  }

  /** Takes a row out of its ring; what it had left is gone. */
  remove(ring: number, row: number): void {
    const owners = this.#owners.ints;
    this.#members.doubles[row * DOUBLES + DEFICIT] = 0;
    if (--owners[ring + LENGTH]! === 0) {
      owners[ring + HEAD] = 0;
      owners[ring + BEGUN] = 0;
      return;
    }
    const members = this.#members.ints;
    const next = members[row * INTS + NEXT]!;
    const previous = members[row * INTS + PREVIOUS]!;
    members[previous * INTS + NEXT] = next;
    members[next * INTS + PREVIOUS] = previous;
    if (owners[ring + HEAD] !== row + 1) return;
    owners[ring + HEAD] = next + 1;
    owners[ring + BEGUN] = 0;
  }

  /** Whether the head has begun its turn. */
  hasBegun(ring: number): boolean {
    return this.#owners.ints[ring + BEGUN] === 1;
  }

  /** Begins the head's turn, which has not begun, with `quantum` more to spend. */
  begin(ring: number, quantum: number): void {
    const owners = this.#owners.ints;
    owners[ring + BEGUN] = 1;
    this.#members.doubles[(owners[ring + HEAD]! - 1) * DOUBLES + DEFICIT]! += quantum;
  }

  /** Ends the head's turn: it goes behind all others and keeps what it has left. */
  endTurn(ring: number): void {
    const owners = this.#owners.ints;
    owners[ring + BEGUN] = 0;
    owners[ring + HEAD] = this.#members.ints[(owners[ring + HEAD]! - 1) * INTS + NEXT]! + 1;
  }

  /** Lets the head keep at most `most` of its turn, where quanta have become smaller. */
  cap(ring: number, most: number): void {
    const head = this.head(ring);
    if (head >= 0 && this.deficit(head) > most) this.#members.doubles[head * DOUBLES + DEFICIT] = most;
  }
}
