/**
 * Whose turn it is among the flows of a share: new ones first, then the old ones round robin.
 *
 *     new:  f7 → f9            a turn each, then they are old
 *     old:  f1 → f2 → … → f1   deficit round robin
 *
 * Source: FQ-CoDel (RFC 8290, section 4.2), in which an emptied new flow is parked among the old ones and is new again once
 * these have been round. Here it leaves at once and remembers the turn from which it is new: when as many turns have ended as
 * flows had frames then, that is, when a turn of its own would have come. That costs no look at parked flows; a flow that
 * stays just empty gains nothing; and one among many that send little need not wait for old ones whose turns hardly come.
 *
 * Invariants: of every so many turns as there are flows with frames, a flow is new in one at most, and an old flow has one at
 * least; a flow is in a ring exactly while it has frames.
 */
import { DeficitRings } from './deficit-rings.ts';
import { ROW_DOUBLES, ROW_INTS, type RowTable } from './row-table.ts';
import { FlowField, ShareField } from './scheduler-layout.ts';

/** Places in rows, as constants of this module: read at every frame. */
const TURNS = ShareField.turns;
const NEW_IN_ROW = ShareField.newInRow;
const NEW_FROM_TURN = FlowField.newFromTurn;
const IS_OLD = FlowField.isOld;

export class FlowRounds {
  readonly #quantum: number;
  readonly #shares: RowTable;
  readonly #flows: RowTable;
  readonly #new: DeficitRings;
  readonly #old: DeficitRings;

  /** `quantum`: what a flow may take in a turn, at least the largest cost. */
  constructor(quantum: number, shares: RowTable, flows: RowTable) {
    this.#quantum = quantum;
    this.#shares = shares;
    this.#flows = flows;
    const places = { members: flows, linkAt: FlowField.link, deficitAt: FlowField.deficit, rings: shares };
    this.#new = new DeficitRings({ ...places, ringAt: ShareField.newRing });
    this.#old = new DeficitRings({ ...places, ringAt: ShareField.oldRing });
  }

  /** The flow has frames from now on. */
  join(share: number, flow: number): void {
    const turns = this.#shares.doubles[share * ROW_DOUBLES + TURNS]!;
    const isOld = turns < this.#flows.doubles[flow * ROW_DOUBLES + NEW_FROM_TURN]!;
    this.#flows.ints[flow * ROW_INTS + IS_OLD] = isOld ? 1 : 0;
    if (isOld) this.#old.add(share, flow);
    else this.#new.add(share, flow);
  }

  /** The flow has no frames any more. */
  leave(share: number, flow: number): void {
    const isOld = this.#isOld(flow);
    const rings = isOld ? this.#old : this.#new;
    if (rings.head(share) === flow && rings.hasBegun(share)) this.#countTurn(share, isOld);
    rings.remove(share, flow);
    const turns = this.#shares.doubles[share * ROW_DOUBLES + TURNS]!;
    this.#flows.doubles[flow * ROW_DOUBLES + NEW_FROM_TURN] = turns + this.#active(share);
  }

  /** The flow whose turn it is, begun if need be; the share must have flows with frames. */
  current(share: number): number {
    const rings = this.#newIsNext(share) ? this.#new : this.#old;
    if (!rings.hasBegun(share)) rings.begin(share, this.#quantum);
    return rings.head(share);
  }

  /** Whether no flow of the share has frames. */
  isEmpty(share: number): boolean {
    return this.#active(share) === 0;
  }

  /** What the flow may still take. */
  deficit(flow: number): number {
    return this.#old.deficit(flow);
  }

  /** Ends the turn of the current flow: it goes behind all old ones and keeps what it has left. */
  endTurn(share: number, flow: number): void {
    const isOld = this.#isOld(flow);
    this.#countTurn(share, isOld);
    if (isOld) {
      this.#old.endTurn(share);
      return;
    }
    const left = this.#new.deficit(flow);
    this.#new.remove(share, flow);
    this.#old.add(share, flow, left);
    this.#flows.ints[flow * ROW_INTS + IS_OLD] = 1;
  }

  #newIsNext(share: number): boolean {
    if (this.#new.length(share) === 0) return false;
    if (this.#old.length(share) === 0) return true;
    return this.#shares.ints[share * ROW_INTS + NEW_IN_ROW]! < this.#active(share);
  }

  /** How many flows of the share have frames. */
  #active(share: number): number {
    return this.#old.length(share) + this.#new.length(share);
  }

  #isOld(flow: number): boolean {
    return this.#flows.ints[flow * ROW_INTS + IS_OLD] === 1;
  }

  #countTurn(share: number, ofOld: boolean): void {
    this.#shares.doubles[share * ROW_DOUBLES + TURNS]!++;
    const at = share * ROW_INTS + NEW_IN_ROW;
    this.#shares.ints[at] = ofOld ? 0 : this.#shares.ints[at]! + 1;
  }
}
