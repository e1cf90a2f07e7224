/**
 * Whose turn it is: a ring of classes, in every class a ring of its tenants' shares, in every share the rounds of its flows.
 *
 *     class ring ──► share ring of that class ──► rounds of that share ──► flow
 *
 * Who takes a frame pays at all three levels; who cannot pay at one ends its turn there. Invariants: a class, share or flow
 * is in its ring exactly while frames wait below it; `mayTake` is true after at most two ended turns per level, however many
 * rows there are.
 */
import { DeficitRings } from './deficit-rings.ts';
import { FlowRounds } from './flow-rounds.ts';
import { ROW_DOUBLES, ROW_INTS, RowTable } from './row-table.ts';
import { ClassField, FlowField, MemberField, ShareField } from './scheduler-layout.ts';
import type { SchedulerQuanta } from './scheduler-quanta.ts';
import type { SchedulerRows } from './scheduler-rows.ts';

/** The ring of classes is the only one of its kind. */
const CLASS_RING = 0;

/** Places in rows, as constants of this module: read at every frame. */
const INTS = ROW_INTS;
const DOUBLES = ROW_DOUBLES;
const SHARE_OF_FLOW = FlowField.share;
const CLASS_OF_SHARE = ShareField.classIndex;
const TIER_OF_SHARE = ShareField.tier;
const SHARE_RING = ClassField.ring;
const DEFICIT = MemberField.deficit;

export class SchedulerTurns {
  /** Share and class of the flow that `current` found last. */
  share = 0;
  classIndex = 0;
  readonly #quanta: SchedulerQuanta;
  readonly #classes: RowTable;
  readonly #shares: RowTable;
  readonly #flows: RowTable;
  readonly #classRing: DeficitRings;
  readonly #shareRings: DeficitRings;
  readonly #rounds: FlowRounds;

  constructor(quanta: SchedulerQuanta, classes: RowTable, { shares, flows }: SchedulerRows) {
    this.#quanta = quanta;
    this.#classes = classes;
    this.#shares = shares;
    this.#flows = flows;
    this.#rounds = new FlowRounds(quanta.maxCost, shares, flows);
    this.#classRing = new DeficitRings(classes, new RowTable(1));
    this.#shareRings = new DeficitRings(shares, classes);
  }

  /** Begins a flow. */
  open(share: number, flow: number): void {
    this.#rounds.open(share, flow);
  }

  /** The flow whose turn it is, begun if need be, with its share and class; some flow must have frames. */
  current(): number {
    const classIndex = this.#classRing.head(CLASS_RING);
    if (!this.#classRing.hasBegun(CLASS_RING)) this.#classRing.begin(CLASS_RING, this.#quanta.ofClass[classIndex]!);
    const ring = classIndex * INTS + SHARE_RING;
    const share = this.#shareRings.head(ring);
    if (!this.#shareRings.hasBegun(ring)) this.#shareRings.begin(ring, this.#quantumOf(share));
    this.classIndex = classIndex;
    this.share = share;
    return this.#rounds.current(share);
  }

  /** Whether the current flow may take a frame of that cost; if not, a turn has ended, and another flow may be current. */
  mayTake(flow: number, cost: number): boolean {
    const { share, classIndex } = this;
    if (this.#flows.doubles[flow * DOUBLES + DEFICIT]! < cost) this.#rounds.endTurn(share, flow);
    else if (this.#shares.doubles[share * DOUBLES + DEFICIT]! < cost) {
      this.#shareRings.endTurn(classIndex * INTS + SHARE_RING);
    } else if (this.#classes.doubles[classIndex * DOUBLES + DEFICIT]! < cost) this.#classRing.endTurn(CLASS_RING);
    else return true;
    return false;
  }

  /**
   * Charges a frame that left the current flow, at every level; `emptied`: it was the flow's last. Where nothing is left to
   * spend, the turn is over, and nobody need look again to find that out.
   */
  charge(flow: number, cost: number, emptied: boolean): void {
    const { share, classIndex } = this;
    const ring = classIndex * INTS + SHARE_RING;
    if (emptied) this.leave(classIndex, share, flow);
    else if (this.#rounds.pay(flow, cost) === 0) this.#rounds.endTurn(share, flow);
    // Who has left its ring is not its head any more, and owes nothing.
    if (this.#rounds.active(share) > 0 && this.#shareRings.pay(share, cost) === 0) this.#shareRings.endTurn(ring);
    if (this.#shareRings.length(ring) > 0 && this.#classRing.pay(classIndex, cost) === 0) {
      this.#classRing.endTurn(CLASS_RING);
    }
  }

  /**
   * Gives a part of a charge back, at every level that is still in its ring; `waiting`: the flow has frames. A turn that the
   * charge ended stays ended, so that what is left outside a turn may be up to twice the largest cost.
   */
  refund(classIndex: number, share: number, flow: number, cost: number, waiting: boolean): void {
    if (waiting) this.#flows.doubles[flow * DOUBLES + DEFICIT]! += cost;
    if (this.#rounds.active(share) > 0) this.#shares.doubles[share * DOUBLES + DEFICIT]! += cost;
    if (this.#shareRings.length(classIndex * INTS + SHARE_RING) > 0) {
      this.#classes.doubles[classIndex * DOUBLES + DEFICIT]! += cost;
    }
  }

  /** The flow, which had no frames, gets one. */
  join(classIndex: number, share: number, flow: number): void {
    if (this.#rounds.active(share) === 0) this.#joinShare(classIndex, share);
    this.#rounds.join(share, flow);
  }

  /** The flow has lost its last frame. */
  leave(classIndex: number, share: number, flow: number): void {
    this.#rounds.leave(share, flow);
    if (this.#rounds.active(share) === 0) this.#leaveShare(classIndex, share);
  }

  /** Quanta may have become smaller than what is left of the turns that have begun. */
  cap(): void {
    const classIndex = this.#classRing.head(CLASS_RING);
    if (classIndex >= 0) this.#classRing.cap(CLASS_RING, this.#quanta.ofClass[classIndex]!);
    for (let index = 0; index < this.#quanta.ofClass.length; index++) {
      const ring = index * INTS + SHARE_RING;
      const share = this.#shareRings.head(ring);
      if (share >= 0) this.#shareRings.cap(ring, this.#quantumOf(share));
    }
  }

  /** What is left to a flow, its share and its class, beside what each gets per turn: for tests and operators. */
  standing(flow: number): Readonly<Record<'flow' | 'share' | 'class', { deficit: number; quantum: number }>> {
    const share = this.#flows.ints[flow * INTS + SHARE_OF_FLOW]!;
    const classIndex = this.#shares.ints[share * INTS + CLASS_OF_SHARE]!;
    return {
      flow: { deficit: this.#rounds.deficit(flow), quantum: this.#quanta.maxCost },
      share: { deficit: this.#shareRings.deficit(share), quantum: this.#quantumOf(share) },
      class: { deficit: this.#classRing.deficit(classIndex), quantum: this.#quanta.ofClass[classIndex]! },
    };
  }

  #joinShare(classIndex: number, share: number): void {
    const ring = classIndex * INTS + SHARE_RING;
    if (this.#shareRings.length(ring) === 0) this.#classRing.add(CLASS_RING, classIndex, 0);
    this.#shareRings.add(ring, share, 0);
  }

  #leaveShare(classIndex: number, share: number): void {
    const ring = classIndex * INTS + SHARE_RING;
    this.#shareRings.remove(ring, share);
    if (this.#shareRings.length(ring) === 0) this.#classRing.remove(CLASS_RING, classIndex);
  }

  #quantumOf(share: number): number {
    // A tier that the present policy does not have any more is one that gets least.
    return this.#quanta.ofTier[this.#shares.ints[share * INTS + TIER_OF_SHARE]!] ?? this.#quanta.maxCost;
  }
}
