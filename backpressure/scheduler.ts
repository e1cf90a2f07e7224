/**
 * Which frame of AI metadata is next: deficit round robin over classes, in a class over tenants, in a tenant over rooms,
 * where a room that was quiet goes first; what is stale is dropped on the way out.
 *
 *     classes ──► tenants of the class ──► rooms of the tenant, new ones before old ones ──► oldest frame
 *
 * Sources: see deficit-rings.ts, flow-rounds.ts and codel.ts.
 *
 * Invariants: a frame leaves whenever one waits (work conserving); frames of a flow leave in order; every backlogged class
 * gets its share; a tenant's share does not grow with its rooms; kept frames are never evicted; frames in = out + evicted +
 * queued; a call looks at a bounded number of rows however many there are, but for the frames it drops; nothing allocates
 * but opening rows.
 */
import { CodelRows } from './codel.ts';
import { Enqueued, NOTHING_QUEUED, SETTLE_FIRST } from './enqueued.ts';
import { Evicted, EvictedList } from './evicted-list.ts';
import { FlowLanes } from './flow-lanes.ts';
import { OverflowVictims } from './overflow-victims.ts';
import { ROW_INTS, RowTable } from './row-table.ts';
import { ClassField, FlowField } from './scheduler-layout.ts';
import { SchedulerQuanta, type SchedulerShares } from './scheduler-quanta.ts';
import { SchedulerRows } from './scheduler-rows.ts';
import { SchedulerTurns } from './scheduler-turns.ts';

/** Most frames that may wait in one flow, one class, and altogether. */
export interface SchedulerLimits {
  readonly flowFrames: number;
  readonly classFrames: number;
  readonly totalFrames: number;
}

const MOST_EVICTED = 256;
/** As constants of this module: read at every frame (scheduler-layout.ts). */
const INTS = ROW_INTS;
const COUNT = ClassField.count;
const QUEUED = Enqueued.queued;

export class MetadataScheduler {
  /** What was given up since its owner last emptied it. */
  readonly evicted = new EvictedList(MOST_EVICTED);
  /** How long the frame that left last had waited, ms. */
  sojournMs = 0;
  /** Rows looked at so far for something to dequeue. */
  looks = 0;
  readonly #maxCost: number;
  readonly #limits: SchedulerLimits;
  readonly #quanta: SchedulerQuanta;
  readonly #classes: RowTable;
  readonly #rows: SchedulerRows;
  readonly #lanes: FlowLanes;
  readonly #victims: OverflowVictims;
  readonly #codel: CodelRows;
  readonly #turns: SchedulerTurns;

  /** `maxCost`: the largest cost of a frame; `mostClasses`: how many classes there may ever be. */
  constructor(maxCost: number, limits: SchedulerLimits, shares: SchedulerShares, mostClasses = 128) {
    this.#maxCost = maxCost;
    this.#limits = limits;
    this.#quanta = new SchedulerQuanta(maxCost, mostClasses, shares);
    this.#rows = new SchedulerRows(mostClasses);
    this.#classes = new RowTable(mostClasses);
    const classes = this.#classes;
    const rows = this.#rows;
    this.#lanes = new FlowLanes(rows.flows, limits.totalFrames);
    this.#victims = new OverflowVictims(classes, rows.shares, rows.flows);
    this.#codel = new CodelRows(rows.flows, FlowField.isSlow);
    this.#turns = new SchedulerTurns(this.#quanta, classes, rows);
  }

  /** Frames waiting. */
  get queued(): number {
    return this.#lanes.queued;
  }

  queuedInClass(classIndex: number): number {
    return this.#classes.ints[classIndex * INTS + COUNT]!;
  }

  queuedInFlow(flow: number): number {
    return this.#lanes.count(flow);
  }

  /** What is left to a flow, its tenant in its class and its class, beside what each gets per turn. */
  standing(flow: number): ReturnType<SchedulerTurns['standing']> {
    return this.#turns.standing(flow);
  }

  /** Takes other shares over, keeping what waits. Throws where they make no sense, and then nothing changes. */
  adopt(shares: SchedulerShares): void {
    this.#quanta.adopt(shares);
    this.#turns.cap();
  }

  /** A tenant of the tier; returns its row. */
  openTenant(tier: number): number {
    this.#quanta.expectTier(tier);
    return this.#rows.openTenant(tier);
  }

  /** The tenant opens no more flows; what it has goes on. */
  closeTenant(tenant: number): void {
    this.#rows.closeTenant(tenant);
  }

  moveTenant(tenant: number, tier: number): void {
    this.#quanta.expectTier(tier);
    this.#rows.moveTenant(tenant, tier);
    this.#turns.cap();
  }

  /** One room of a tenant in a class; returns its row. */
  openFlow(classIndex: number, tenant: number): number {
    this.#quanta.expectClass(classIndex);
    const flow = this.#rows.openFlow(classIndex, tenant);
    this.#victims.reserve();
    this.#lanes.open(flow);
    this.#codel.open(flow);
    this.#turns.open(this.#rows.shareOf(flow), flow);
    return flow;
  }

  /** The flow takes no more frames; its row is used again once what waits in it has left. */
  closeFlow(flow: number): void {
    this.#rows.closeFlow(flow);
    if (this.#lanes.count(flow) === 0) this.#releaseClosed(flow);
  }

  /**
   * Offers a frame. `cost`: a whole number above 0, in the unit of `maxCost`; `kept`: it is never evicted; `expiresMs`: from
   * when it is worthless, Infinity where never; `item`: what `dequeue` returns, from 0; `nowMs` never goes back.
   */
  enqueue(flow: number, cost: number, kept: boolean, expiresMs: number, item: number, nowMs: number): Enqueued {
    if (!(cost > 0 && cost <= this.#maxCost)) {
      throw new RangeError(`expected a cost above 0 and at most ${this.#maxCost}, found ${cost}`);
    }
    this.#rows.expectOpenFlow(flow);
    const share = this.#rows.shareOf(flow);
    const classIndex = this.#rows.classOf(share);
    const waiting = this.#lanes.count(flow);
    const { flowFrames, classFrames, totalFrames } = this.#limits;
    const classes = this.#classes.ints;
    const inClass = classes[classIndex * INTS + COUNT]!;
    if (waiting >= flowFrames || inClass >= classFrames || this.#lanes.queued >= totalFrames) {
      return this.#enqueueFull(flow, cost, kept, expiresMs, item, nowMs);
    }
    if (waiting === 0) this.#turns.join(classIndex, share, flow);
    classes[classIndex * INTS + COUNT] = inClass + 1;
    if (!kept) this.#victims.grow(classIndex, share, flow);
    this.#lanes.push(flow, cost, kept, expiresMs, item, nowMs);
    return QUEUED;
  }

  /** There is room once another frame has given way, if there is one that can. */
  #enqueueFull(flow: number, cost: number, kept: boolean, expiresMs: number, item: number, nowMs: number): Enqueued {
    const share = this.#rows.shareOf(flow);
    const classIndex = this.#rows.classOf(share);
    const victim = this.#victim(flow, classIndex, kept);
    if (victim < 0) return kept ? Enqueued.full : Enqueued.overflow;
    this.#evict(victim, Evicted.overflow);
    this.enqueue(flow, cost, kept, expiresMs, item, nowMs);
    return Enqueued.evicting;
  }

  /** Gives back what a frame of the flow that has left was charged too much, as far as something still waits beside it. */
  refund(flow: number, cost: number): void {
    const share = this.#rows.shareOf(flow);
    this.#turns.refund(this.#rows.classOf(share), share, flow, cost, this.#lanes.count(flow) > 0);
  }

  /** Takes whatever waits in a flow out of it; it is neither charged nor listed as evicted. */
  withdraw(flow: number): void {
    if (this.#lanes.count(flow) === 0) return;
    const share = this.#rows.shareOf(flow);
    const classIndex = this.#rows.classOf(share);
    do this.#take(flow, share, classIndex, this.#lanes.isLoose(flow, this.#lanes.front(flow)));
    while (this.#lanes.count(flow) > 0);
    this.#turns.leave(classIndex, share, flow);
    this.#releaseClosed(flow);
  }

  /** Takes the next frame out and returns its item, or NOTHING_QUEUED, or SETTLE_FIRST. */
  dequeue(nowMs: number): number {
    const lanes = this.#lanes;
    const turns = this.#turns;
    while (lanes.queued > 0) {
      if (this.evicted.full) return SETTLE_FIRST;
      this.looks++;
      const flow = turns.current();
      const slot = lanes.front(flow);
      if (lanes.expiresMs(slot) <= nowMs) {
        this.#evict(flow, Evicted.stale);
        continue;
      }
      if (!turns.mayTake(flow, lanes.cost(slot))) continue;
      const sojournMs = nowMs - lanes.sinceMs(slot);
      const loose = lanes.isLoose(flow, slot);
      if (loose && this.#codel.drops(flow, sojournMs, lanes.count(flow), nowMs)) {
        this.#evict(flow, Evicted.stale);
        continue;
      }
      this.sojournMs = sojournMs;
      return this.#serve(flow, lanes.cost(slot), loose);
    }
    return NOTHING_QUEUED;
  }

  /** Lets the frame at the front of the current flow leave, which is charged for it. */
  #serve(flow: number, cost: number, loose: boolean): number {
    const { share, classIndex } = this.#turns;
    const item = this.#take(flow, share, classIndex, loose);
    const emptied = this.#lanes.count(flow) === 0;
    this.#turns.charge(flow, cost, emptied);
    if (emptied) this.#releaseClosed(flow);
    return item;
  }

  /** Where a frame of the flow may find room: the flow that gives one up, or -1. */
  #victim(flow: number, classIndex: number, kept: boolean): number {
    if (this.#lanes.count(flow) >= this.#limits.flowFrames) return this.#victims.mayGive(flow) ? flow : -1;
    if (this.queuedInClass(classIndex) >= this.#limits.classFrames) return this.#victims.victimIn(classIndex);
    return this.#victims.victimAnywhere(this.#quanta.ofClass, classIndex, !kept);
  }

  #evict(flow: number, reason: Evicted): void {
    const share = this.#rows.shareOf(flow);
    const classIndex = this.#rows.classOf(share);
    this.evicted.push(this.#take(flow, share, classIndex, true), reason);
    if (this.#lanes.count(flow) > 0) return;
    this.#turns.leave(classIndex, share, flow);
    this.#releaseClosed(flow);
  }

  #take(flow: number, share: number, classIndex: number, loose: boolean): number {
    this.#classes.ints[classIndex * INTS + COUNT]!--;
    if (loose) this.#victims.shrink(share, flow);
    return this.#lanes.take(flow, loose);
  }

  /** Gives an emptied flow's row back if it was closed. */
  #releaseClosed(flow: number): void {
    if (this.#rows.isOpen(flow)) return;
    const share = this.#rows.shareOf(flow);
    const classIndex = this.#rows.classOf(share);
    this.#victims.forgetFlow(share, flow);
    if (this.#rows.release(flow)) this.#victims.forgetShare(classIndex, share);
  }
}
