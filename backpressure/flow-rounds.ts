/**
 * Whose turn it is among the flows of a share: new ones first, then the old ones round robin.
 *
 *     new:  f7 → f9            a turn each, then they are old
 *     old:  f1 → f2 → … → f1   deficit round robin
 *
 * Source: FQ-CoDel (RFC 8290, section 4.2). There an emptied new flow is parked among the old ones; here it leaves at once
 * and remembers the turn from which it counts as new: when each flow that was old has ended a turn. That costs no look at
 * parked flows, and a flow that stays just empty gains nothing.
 *
 * Invariants: a flow is new at most once per round of the old ones; a flow is in a ring exactly while it has frames.
 */
import { DeficitRings } from './deficit-rings.ts';
import { ROW_DOUBLES, ROW_INTS, type RowTable } from './row-table.ts';
import { FlowField, ShareField } from './scheduler-layout.ts';

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
    const turns = this.#shares.doubles[share * ROW_DOUBLES + ShareField.oldTurns]!;
    const isOld = turns < this.#flows.doubles[flow * ROW_DOUBLES + FlowField.newFromTurn]!;
    this.#flows.ints[flow * ROW_INTS + FlowField.isOld] = isOld ? 1 : 0;
    if (isOld) this.#old.add(share, flow);
    else this.#new.add(share, flow);
  }

  /** The flow has no frames any more. */
  leave(share: number, flow: number): void {
    if (this.#isOld(flow)) {
      if (this.#old.head(share) === flow) this.#countOldTurn(share);
      this.#old.remove(share, flow);
    } else this.#new.remove(share, flow);
    const turns = this.#shares.doubles[share * ROW_DOUBLES + ShareField.oldTurns]!;
    this.#flows.doubles[flow * ROW_DOUBLES + FlowField.newFromTurn] = turns + this.#old.length(share);
  }

  /** The flow whose turn it is, begun if need be; the share must have flows with frames. */
  current(share: number): number {
    const rings = this.#new.length(share) > 0 ? this.#new : this.#old;
    if (!rings.hasBegun(share)) rings.begin(share, this.#quantum);
    return rings.head(share);
  }

  /** Whether no flow of the share has frames. */
  isEmpty(share: number): boolean {
    return this.#old.length(share) === 0 && this.#new.length(share) === 0;
  }

  /** What the flow may still take. */
  deficit(flow: number): number {
    return this.#old.deficit(flow);
  }

  /** Ends the turn of the current flow: it goes behind all old ones and keeps what it has left. */
  endTurn(share: number, flow: number): void {
    if (this.#isOld(flow)) {
      this.#countOldTurn(share);
      this.#old.endTurn(share);
      return;
    }
    const left = this.#new.deficit(flow);
    this.#new.remove(share, flow);
    this.#old.add(share, flow, left);
    this.#flows.ints[flow * ROW_INTS + FlowField.isOld] = 1;
  }

  #isOld(flow: number): boolean {
    return this.#flows.ints[flow * ROW_INTS + FlowField.isOld] === 1;
  }

  #countOldTurn(share: number): void {
    this.#shares.doubles[share * ROW_DOUBLES + ShareField.oldTurns]!++;
  }
}
