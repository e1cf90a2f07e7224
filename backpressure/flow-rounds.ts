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
 * Turns are counted modulo 2³²; a flow that was quiet for 2³¹ of them may be taken for an old one.
 *
 * Invariants: of every so many turns as there are flows with frames, a flow is new in one at most, and an old flow has one at
 * least; a flow is in a ring exactly while it has frames.
 */
import { DeficitRings } from './deficit-rings.ts';
import { ROW_INTS, type RowTable } from './row-table.ts';
import { FlowField, ShareField } from './scheduler-layout.ts';

/** Places in rows, as constants of this module: read at every frame. */
const INTS = ROW_INTS;
const OLD = ShareField.ring;
const NEW = ShareField.newRing;
const TURNS = ShareField.turns;
const NEW_IN_ROW = ShareField.newInRow;
const NEW_FROM_TURN = FlowField.newFromTurn;
const IS_OLD = FlowField.isOld;

export class FlowRounds {
  readonly #quantum: number;
  readonly #shares: RowTable;
  readonly #flows: RowTable;
  /** Those of old flows and those of new ones. */
  readonly #rings: DeficitRings;

  /** `quantum`: what a flow may take in a turn, at least the largest cost. */
  constructor(quantum: number, shares: RowTable, flows: RowTable) {
    this.#quantum = quantum;
    this.#shares = shares;
    this.#flows = flows;
    this.#rings = new DeficitRings(flows, shares);
  }

  /** Begins a flow, which is new. */
  open(share: number, flow: number): void {
    this.#flows.ints[flow * INTS + NEW_FROM_TURN] = this.#shares.ints[share * INTS + TURNS]!;
  }

  /** The flow has frames from now on. */
  join(share: number, flow: number): void {
    const flows = this.#flows.ints;
    const newIn = (flows[flow * INTS + NEW_FROM_TURN]! - this.#shares.ints[share * INTS + TURNS]!) | 0;
    flows[flow * INTS + IS_OLD] = newIn > 0 ? 1 : 0;
    this.#rings.add(share * INTS + (newIn > 0 ? OLD : NEW), flow, 0);
  }

  /** The flow has no frames any more. */
  leave(share: number, flow: number): void {
    const isOld = this.#flows.ints[flow * INTS + IS_OLD]!;
    const ring = share * INTS + (isOld === 1 ? OLD : NEW);
    if (this.#rings.head(ring) === flow && this.#rings.hasBegun(ring)) this.#countTurn(share, isOld);
    this.#rings.remove(ring, flow);
    this.#flows.ints[flow * INTS + NEW_FROM_TURN] = this.#shares.ints[share * INTS + TURNS]! + this.active(share);
  }

  /** The flow whose turn it is, begun if need be; the share must have flows with frames. */
  current(share: number): number {
    const ring = share * INTS + (this.#newIsNext(share) ? NEW : OLD);
    if (!this.#rings.hasBegun(ring)) this.#rings.begin(ring, this.#quantum);
    return this.#rings.head(ring);
  }

  /** How many flows of the share have frames. */
  active(share: number): number {
    return this.#rings.length(share * INTS + OLD) + this.#rings.length(share * INTS + NEW);
  }

  /** The flow pays what it takes; returns what it has left. */
  pay(flow: number, cost: number): number {
    return this.#rings.pay(flow, cost);
  }

  /** What the flow may still take. */
  deficit(flow: number): number {
    return this.#rings.deficit(flow);
  }

  /** Ends the turn of the current flow: it goes behind all old ones and keeps what it has left. */
  endTurn(share: number, flow: number): void {
    const isOld = this.#flows.ints[flow * INTS + IS_OLD]!;
    this.#countTurn(share, isOld);
    if (isOld === 1) this.#rings.endTurn(share * INTS + OLD);
    else this.#growOld(share, flow);
  }

  #growOld(share: number, flow: number): void {
    const left = this.#rings.deficit(flow);
    this.#rings.remove(share * INTS + NEW, flow);
    this.#rings.add(share * INTS + OLD, flow, left);
    this.#flows.ints[flow * INTS + IS_OLD] = 1;
  }

  #newIsNext(share: number): boolean {
    if (this.#rings.length(share * INTS + NEW) === 0) return false;
    if (this.#rings.length(share * INTS + OLD) === 0) return true;
    return this.#shares.ints[share * INTS + NEW_IN_ROW]! < this.active(share);
  }

  #countTurn(share: number, isOld: number): void {
    const shares = this.#shares.ints;
    const at = share * INTS;
    shares[at + TURNS]!++;
    shares[at + NEW_IN_ROW] = isOld === 1 ? 0 : shares[at + NEW_IN_ROW]! + 1;
  }
}
