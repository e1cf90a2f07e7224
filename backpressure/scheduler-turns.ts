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
import { ClassField, FlowField, ShareField } from './scheduler-layout.ts';
import type { SchedulerQuanta } from './scheduler-quanta.ts';
import type { SchedulerRows } from './scheduler-rows.ts';

/** The ring of classes is the only one of its kind. */
const CLASS_RING = 0;

/** Places in rows, as constants of this module: read at every frame. */
const SHARE_OF_FLOW = FlowField.share;
const CLASS_OF_SHARE = ShareField.classIndex;
const DEFICIT_OF_FLOW = FlowField.deficit;
const DEFICIT_OF_SHARE = ShareField.deficit;
const DEFICIT_OF_CLASS = ClassField.deficit;

export class SchedulerTurns {
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
    this.#classRing = new DeficitRings({
      members: classes,
      linkAt: ClassField.link,
      deficitAt: ClassField.deficit,
      rings: new RowTable(1),
      ringAt: 0,
    });
    this.#shareRings = new DeficitRings({
      members: shares,
      linkAt: ShareField.link,
      deficitAt: ShareField.deficit,
      rings: classes,
      ringAt: ClassField.shareRing,
    });
  }

  /** The flow whose turn it is, begun if need be; some flow must have frames. */
  current(): number {
    const classIndex = this.#classRing.head(CLASS_RING);
    if (!this.#classRing.hasBegun(CLASS_RING)) this.#classRing.begin(CLASS_RING, this.#quanta.ofClass[classIndex]!);
    const share = this.#shareRings.head(classIndex);
    if (!this.#shareRings.hasBegun(classIndex)) this.#shareRings.begin(classIndex, this.#quantumOf(share));
    return this.#rounds.current(share);
  }

  /** Whether the current flow may take a frame of that cost; if not, a turn has ended, and another flow may be current. */
  mayTake(flow: number, cost: number): boolean {
    const share = this.#flows.ints[flow * ROW_INTS + SHARE_OF_FLOW]!;
    const classIndex = this.#shares.ints[share * ROW_INTS + CLASS_OF_SHARE]!;
    if (this.#flows.doubles[flow * ROW_DOUBLES + DEFICIT_OF_FLOW]! < cost) this.#rounds.endTurn(share, flow);
    else if (this.#shares.doubles[share * ROW_DOUBLES + DEFICIT_OF_SHARE]! < cost) this.#shareRings.endTurn(classIndex);
    else if (this.#classes.doubles[classIndex * ROW_DOUBLES + DEFICIT_OF_CLASS]! < cost) {
      this.#classRing.endTurn(CLASS_RING);
    } else return true;
    return false;
  }

  /**
   * Charges a frame that left, at every level; `emptied`: it was the flow's last. Where nothing is left to spend, the turn is
   * over, and nobody need look again to find that out.
   */
  charge(classIndex: number, share: number, flow: number, cost: number, emptied: boolean): void {
    const flows = this.#flows.doubles;
    const shares = this.#shares.doubles;
    const classes = this.#classes.doubles;
    const leftToFlow = flows[flow * ROW_DOUBLES + DEFICIT_OF_FLOW]! - cost;
    const leftToShare = shares[share * ROW_DOUBLES + DEFICIT_OF_SHARE]! - cost;
    const leftToClass = classes[classIndex * ROW_DOUBLES + DEFICIT_OF_CLASS]! - cost;
    flows[flow * ROW_DOUBLES + DEFICIT_OF_FLOW] = leftToFlow;
    shares[share * ROW_DOUBLES + DEFICIT_OF_SHARE] = leftToShare;
    classes[classIndex * ROW_DOUBLES + DEFICIT_OF_CLASS] = leftToClass;
    if (emptied) this.leave(classIndex, share, flow);
    else if (leftToFlow === 0) this.#rounds.endTurn(share, flow);
    // Who has just left its ring is not its head any more.
    if (leftToShare === 0 && this.#shareRings.head(classIndex) === share) this.#shareRings.endTurn(classIndex);
    if (leftToClass === 0 && this.#classRing.head(CLASS_RING) === classIndex) this.#classRing.endTurn(CLASS_RING);
  }

  /**
   * Gives a part of a charge back, at every level that is still in its ring; `waiting`: the flow has frames. A turn that the
   * charge ended stays ended, so that what is left outside a turn may be up to twice the largest cost.
   */
  refund(classIndex: number, share: number, flow: number, cost: number, waiting: boolean): void {
    if (waiting) this.#flows.doubles[flow * ROW_DOUBLES + DEFICIT_OF_FLOW]! += cost;
    if (!this.#rounds.isEmpty(share)) this.#shares.doubles[share * ROW_DOUBLES + DEFICIT_OF_SHARE]! += cost;
    if (this.#shareRings.length(classIndex) > 0) {
      this.#classes.doubles[classIndex * ROW_DOUBLES + DEFICIT_OF_CLASS]! += cost;
    }
  }

  /** The flow, which had no frames, gets one. */
  join(classIndex: number, share: number, flow: number): void {
    if (this.#rounds.isEmpty(share)) {
      if (this.#shareRings.length(classIndex) === 0) this.#classRing.add(CLASS_RING, classIndex);
      this.#shareRings.add(classIndex, share);
    }
    this.#rounds.join(share, flow);
  }

  /** The flow has lost its last frame. */
  leave(classIndex: number, share: number, flow: number): void {
    this.#rounds.leave(share, flow);
    if (!this.#rounds.isEmpty(share)) return;
    this.#shareRings.remove(classIndex, share);
    if (this.#shareRings.length(classIndex) === 0) this.#classRing.remove(CLASS_RING, classIndex);
  }

  /** Quanta may have become smaller than what is left of the turns that have begun. */
  cap(): void {
    const classIndex = this.#classRing.head(CLASS_RING);
    if (classIndex >= 0) this.#classRing.cap(CLASS_RING, this.#quanta.ofClass[classIndex]!);
    for (let ring = 0; ring < this.#quanta.ofClass.length; ring++) {
      const share = this.#shareRings.head(ring);
      if (share >= 0) this.#shareRings.cap(ring, this.#quantumOf(share));
    }
  }

  /** What is left to a flow, its share and its class, beside what each gets per turn: for tests and operators. */
  standing(flow: number): Readonly<Record<'flow' | 'share' | 'class', { deficit: number; quantum: number }>> {
    const share = this.#flows.ints[flow * ROW_INTS + FlowField.share]!;
    const classIndex = this.#shares.ints[share * ROW_INTS + ShareField.classIndex]!;
    return {
      flow: { deficit: this.#rounds.deficit(flow), quantum: this.#quanta.maxCost },
      share: { deficit: this.#shareRings.deficit(share), quantum: this.#quantumOf(share) },
      class: { deficit: this.#classRing.deficit(classIndex), quantum: this.#quanta.ofClass[classIndex]! },
    };
  }

  #quantumOf(share: number): number {
    // A tier that the present policy does not have any more is one that gets least.
    return this.#quanta.ofTier[this.#shares.ints[share * ROW_INTS + ShareField.tier]!] ?? this.#quanta.maxCost;
  }
}
