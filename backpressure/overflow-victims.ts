/**
 * Who gives up a frame when there is no more room.
 *
 *   no room in a flow:       the flow's own oldest loose frame goes
 *   no room in a class:      of its longest tenant the longest room's oldest loose frame goes
 *   no room at all:          likewise, in the class that holds most for its share
 *
 * Longest tenant first, because a tenant with a thousand short rooms holds more than one with a single long one. Lengths
 * count what may be given up (*loose* frames). Cost: one look at each class when there is no room at all, else O(1)
 * amortised (length-buckets.ts).
 */
import { LengthBuckets } from './length-buckets.ts';
import { ROW_INTS, type RowTable } from './row-table.ts';
import { ClassField, FlowField, ShareField } from './scheduler-layout.ts';

const NOBODY = -1;
/** Places in rows, as constants of this module. */
const INTS = ROW_INTS;
const COUNT = ClassField.count;

export class OverflowVictims {
  readonly #classes: RowTable;
  readonly #shares: RowTable;
  readonly #sharesByLength: LengthBuckets;
  readonly #flowsByLength: LengthBuckets;

  constructor(classes: RowTable, shares: RowTable, flows: RowTable) {
    this.#classes = classes;
    this.#sharesByLength = new LengthBuckets(shares, ShareField.bucket);
    this.#flowsByLength = new LengthBuckets(flows, FlowField.bucket);
    this.#shares = shares;
    this.reserve();
  }

  /** Makes room for the shares and flows that there are. */
  reserve(): void {
    this.#sharesByLength.reserve(this.#classes.rows);
    this.#flowsByLength.reserve(this.#shares.rows);
  }

  /** A loose frame came to the flow. */
  grow(classIndex: number, share: number, flow: number): void {
    this.#sharesByLength.grow(classIndex, share);
    this.#flowsByLength.grow(share, flow);
  }

  /** A loose frame of the flow left. */
  shrink(share: number, flow: number): void {
    this.#sharesByLength.shrink(share);
    this.#flowsByLength.shrink(flow);
  }

  /** An empty flow is about to be given back. */
  forgetFlow(share: number, flow: number): void {
    this.#flowsByLength.leave(share, flow);
  }

  /** A share without flows is about to be given back. */
  forgetShare(classIndex: number, share: number): void {
    this.#sharesByLength.leave(classIndex, share);
  }

  /** Whether the flow itself has a frame to give up. */
  mayGive(flow: number): boolean {
    return this.#flowsByLength.length(flow) > 0;
  }

  /** The flow of the class that gives up a frame, or -1 where none has one to give. */
  victimIn(classIndex: number): number {
    const share = this.#sharesByLength.longest(classIndex);
    return share === NOBODY ? NOBODY : this.#flowsByLength.longest(share);
  }

  /**
   * The flow that gives up a frame when there is no room at all, or -1: then it is the arriving frame, of class `arriving`,
   * if that may be lost (`loose`). `quanta`: what each class may have in relation to the others.
   */
  victimAnywhere(quanta: Readonly<Float64Array>, arriving: number, loose: boolean): number {
    let victim = NOBODY;
    let most = 0;
    for (let index = 0; index < quanta.length; index++) {
      const frames = this.#classes.ints[index * INTS + COUNT]! + (index === arriving ? 1 : 0);
      const held = frames / quanta[index]!;
      if (held <= most) continue;
      const found = this.victimIn(index);
      if (found === NOBODY && !(loose && index === arriving)) continue;
      most = held;
      victim = found;
    }
    return victim;
  }
}
