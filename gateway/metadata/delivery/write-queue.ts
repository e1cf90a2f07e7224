/**
 * Which room writes next. What costs is the write to a subscriber, not a frame's way into its room; so it is writes that
 * wait here, by class, tenant and room (backpressure/scheduler.ts), and their cost is how many deliveries they make.
 *
 *     room due in classes A and B ──► a turn of it waits in flow (A, tenant, room) and in flow (B, tenant, room)
 *     turn of A comes             ──► the room writes all that is due, of B too; its turn in B is withdrawn
 *     more subscribers than MOST_DELIVERIES ──► the rest of the write has further turns in A
 *
 * Invariants: a room waits at most once per class, but for the rest of a write that goes on, of which the next turn is
 * put behind the one that waits, so that its flow, tenant and class keep what they have left; no turn is ever given up.
 */
import { Enqueued } from '../../../backpressure/enqueued.ts';
import { MetadataScheduler } from '../../../backpressure/scheduler.ts';
import { MOST_CLASS_INDEXES, type Policy } from '../../../classes/policy.ts';
import type { Room } from '../rooms/room.ts';

/** Deliveries of one turn, at most: the unit in which classes, tenants and rooms take turns, about 0.2 ms. */
export const MOST_DELIVERIES = 16;
/** An item is flow · COST_UNIT + cost. */
const COST_UNIT = 32;
const MOST_TURNS = 1 << 20;
/** The tier of tenants that are in none. */
const STANDARD_TIER = 0;

/** Leave for a room to make so many deliveries. */
export interface WriteTurn {
  readonly room: Room;
  readonly classIndex: number;
  readonly deliveries: number;
}

/** What the dispatcher asks of a queue of writes. */
export interface WriteQueue {
  /** Turns that wait. */
  readonly size: number;
  /** The room has something of the class to write. False: there is no room for it in the queue. */
  offer(room: Room, classIndex: number, deliveries: number, nowMs: number): boolean;
  /** The next turn, or null. It is valid until the next call. */
  take(nowMs: number): WriteTurn | null;
  /** After a turn, `deliveries` of the room's write are left. */
  goOn(room: Room, classIndex: number, deliveries: number, nowMs: number): void;
  /** A turn of the room had no use for so many of its deliveries: nothing was left to write, or nobody had room. */
  refund(room: Room, classIndex: number, deliveries: number): void;
  /** Nothing of the room is due any more, or nothing but in class `but`. */
  withdraw(room: Room, but?: number): void;
  /** The room, of which nothing is due, is gone. */
  forget(room: Room): void;
  /** Another policy is in force. */
  adopt(): void;
}

interface Tenant {
  readonly row: number;
  rows: number;
}

export class FairWriteQueue implements WriteQueue {
  readonly #policy: Pick<Policy, 'shares' | 'tierByTenant'>;
  readonly #scheduler: MetadataScheduler;
  readonly #tenants = new Map<string, Tenant>();
  /** By flow. */
  readonly #rooms: Room[] = [];
  readonly #classes: number[] = [];
  readonly #turn: { -readonly [Field in keyof WriteTurn]: WriteTurn[Field] | null } = {
    room: null,
    classIndex: 0,
    deliveries: 0,
  };

  /** `policy`: the one in force, whatever it becomes; `adopt` says when it has become another. */
  constructor(policy: Pick<Policy, 'shares' | 'tierByTenant'>) {
    this.#policy = policy;
    const limits = { flowFrames: 2, classFrames: MOST_TURNS, totalFrames: MOST_TURNS };
    this.#scheduler = new MetadataScheduler(MOST_DELIVERIES, limits, policy.shares, MOST_CLASS_INDEXES);
  }

  get size(): number {
    return this.#scheduler.queued;
  }

  offer(room: Room, classIndex: number, deliveries: number, nowMs: number): boolean {
    const flow = this.#flowOf(room, classIndex);
    return this.#scheduler.queuedInFlow(flow) > 0 || this.#enqueue(flow, deliveries, nowMs);
  }

  take(nowMs: number): WriteTurn | null {
    const item = this.#scheduler.dequeue(nowMs);
    if (item < 0) return null;
    const flow = Math.trunc(item / COST_UNIT);
    this.#turn.room = this.#rooms[flow]!;
    this.#turn.classIndex = this.#classes[flow]!;
    this.#turn.deliveries = item % COST_UNIT;
    return this.#turn as WriteTurn;
  }

  goOn(room: Room, classIndex: number, deliveries: number, nowMs: number): void {
    const flow = this.#flowOf(room, classIndex);
    if (this.#scheduler.queuedInFlow(flow) === 0) this.#enqueue(flow, deliveries, nowMs);
    else if (deliveries > MOST_DELIVERIES) this.#push(flow, deliveries - MOST_DELIVERIES, nowMs);
  }

  refund(room: Room, classIndex: number, deliveries: number): void {
    this.#scheduler.refund(room.due.rows[classIndex]!, deliveries);
  }

  withdraw(room: Room, but = -1): void {
    const { rows } = room.due;
    for (let classIndex = 0; classIndex < rows.length; classIndex++) {
      if (classIndex !== but && rows[classIndex]! >= 0) this.#scheduler.withdraw(rows[classIndex]!);
    }
  }

  forget(room: Room): void {
    for (const flow of room.due.rows) if (flow >= 0) this.#close(flow, room.tenant);
    room.due.rows.length = 0;
  }

  adopt(): void {
    this.#scheduler.adopt(this.#policy.shares);
    for (const [name, { row }] of this.#tenants) this.#scheduler.moveTenant(row, this.#tierOf(name));
  }

  /** Two turns where there are more deliveries than one may make: who has a turn then still waits behind it. */
  #enqueue(flow: number, deliveries: number, nowMs: number): boolean {
    if (!this.#push(flow, deliveries, nowMs)) return false;
    if (deliveries > MOST_DELIVERIES) this.#push(flow, deliveries - MOST_DELIVERIES, nowMs);
    return true;
  }

  #push(flow: number, deliveries: number, nowMs: number): boolean {
    const cost = Math.max(1, Math.min(MOST_DELIVERIES, deliveries));
    const item = flow * COST_UNIT + cost;
    return this.#scheduler.enqueue(flow, cost, true, Number.POSITIVE_INFINITY, item, nowMs) === Enqueued.queued;
  }

  #flowOf(room: Room, classIndex: number): number {
    const { rows } = room.due;
    while (rows.length <= classIndex) rows.push(-1);
    if (rows[classIndex]! >= 0) return rows[classIndex]!;
    let tenant = this.#tenants.get(room.tenant);
    if (tenant === undefined) {
      tenant = { row: this.#scheduler.openTenant(this.#tierOf(room.tenant)), rows: 0 };
      this.#tenants.set(room.tenant, tenant);
    }
    tenant.rows++;
    const flow = this.#scheduler.openFlow(classIndex, tenant.row);
    rows[classIndex] = flow;
    this.#rooms[flow] = room;
    this.#classes[flow] = classIndex;
    return flow;
  }

  #close(flow: number, name: string): void {
    const tenant = this.#tenants.get(name)!;
    this.#scheduler.withdraw(flow);
    this.#scheduler.closeFlow(flow);
    if (--tenant.rows > 0) return;
    this.#scheduler.closeTenant(tenant.row);
    this.#tenants.delete(name);
  }

  #tierOf(tenant: string): number {
    return this.#policy.tierByTenant.get(tenant) ?? STANDARD_TIER;
  }
}
