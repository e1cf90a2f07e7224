/**
 * The frames of flows, in lanes: what may be lost and what must be kept wait apart, but leave in the order they came.
 *
 *     flow ─┬─ loose: f1 → f4 → f5        front = the older of both heads
 *           └─ kept:  f2 → f3             overflow takes f1, however many kept ones are older
 *
 * Frames live in a pool that doubles up to a fixed size, 32 bytes each, linked by number. A frame is what its owner knows by
 * an integer. Invariants: frames of a flow leave in the order they were pushed, less those that were given up; kept frames are
 * never given up; at most `capacity` frames wait in all flows together; nothing allocates but growth, which is rare.
 */
import { ROW_INTS, type RowTable } from './row-table.ts';
import { FlowField } from './scheduler-layout.ts';

const NOTHING = -1;
/** As a constant of this module: read at every frame. */
const INTS = ROW_INTS;

/** Integers of a flow, from FlowField.lanes; a lane's tail stands behind its head. */
const LOOSE_HEAD = FlowField.lanes;
const KEPT_HEAD = FlowField.lanes + 2;
const TAIL = 1;
const COUNT = FlowField.count;

/** Fields of a slot: four integers, then two doubles. */
const SLOT_INTS = 8;
const SLOT_DOUBLES = 4;
const NEXT = 0;
const ITEM = 1;
const COST = 2;
const NUMBER = 3;
const SINCE_MS = 2;
const EXPIRES_MS = 3;
const FIRST_SLOTS = 1024;

export class FlowLanes {
  /** How many frames wait. */
  queued = 0;
  readonly #flows: RowTable;
  #ints = new Int32Array(0);
  #doubles = new Float64Array(0);
  readonly #capacity: number;
  #slots = 0;
  #free = 0;
  #lastNumber = 0;

  /** `capacity`: frames of all flows together. */
  constructor(flows: RowTable, capacity: number) {
    this.#flows = flows;
    this.#capacity = capacity;
    this.#grow(FIRST_SLOTS);
  }

  /** Begins an empty flow. */
  open(flow: number): void {
    const at = flow * INTS;
    this.#flows.ints.fill(NOTHING, at + LOOSE_HEAD, at + COUNT);
    this.#flows.ints[at + COUNT] = 0;
  }

  /** How many frames of the flow wait. */
  count(flow: number): number {
    return this.#flows.ints[flow * INTS + COUNT]!;
  }

  /** Adds a frame to the flow; there must be a free slot. A kept frame's `expiresMs` means nothing. */
  push(flow: number, cost: number, kept: boolean, expiresMs: number, item: number, nowMs: number): void {
    if (this.#free === this.#slots) this.#grow(2 * this.#slots);
    const ints = this.#ints;
    const slot = this.#free;
    const at = slot * SLOT_INTS;
    this.#free = ints[at + NEXT]!;
    ints[at + NEXT] = NOTHING;
    ints[at + ITEM] = item;
    ints[at + COST] = cost;
    this.#lastNumber = (this.#lastNumber + 1) | 0;
    ints[at + NUMBER] = this.#lastNumber;
    this.#doubles[slot * SLOT_DOUBLES + SINCE_MS] = nowMs;
    this.#doubles[slot * SLOT_DOUBLES + EXPIRES_MS] = kept ? Number.POSITIVE_INFINITY : expiresMs;
    const flows = this.#flows.ints;
    const lane = flow * INTS + (kept ? KEPT_HEAD : LOOSE_HEAD);
    const tail = flows[lane + TAIL]!;
    if (tail === NOTHING) flows[lane] = slot;
    else ints[tail * SLOT_INTS + NEXT] = slot;
    flows[lane + TAIL] = slot;
    flows[flow * INTS + COUNT]!++;
    this.queued++;
  }

  /** The slot of the frame that leaves next, or -1 in an empty flow. */
  front(flow: number): number {
    const flows = this.#flows.ints;
    const loose = flows[flow * INTS + LOOSE_HEAD]!;
    const kept = flows[flow * INTS + KEPT_HEAD]!;
    if (kept === NOTHING) return loose;
    if (loose === NOTHING) return kept;
    return this.#isOlder(loose, kept) ? loose : kept;
  }

  /** Whether the frame at the front, in `slot`, is one that may be given up. */
  isLoose(flow: number, slot: number): boolean {
    return this.#flows.ints[flow * INTS + LOOSE_HEAD] === slot;
  }

  cost(slot: number): number {
    return this.#ints[slot * SLOT_INTS + COST]!;
  }

  /** When the frame came, ms. */
  sinceMs(slot: number): number {
    return this.#doubles[slot * SLOT_DOUBLES + SINCE_MS]!;
  }

  /** When the frame is worthless, ms; Infinity: never. */
  expiresMs(slot: number): number {
    return this.#doubles[slot * SLOT_DOUBLES + EXPIRES_MS]!;
  }

  /** Takes the oldest frame that may be given up (`loose`) or that is kept out of its lane; returns its item. */
  take(flow: number, loose: boolean): number {
    const flows = this.#flows.ints;
    const lane = flow * INTS + (loose ? LOOSE_HEAD : KEPT_HEAD);
    const slot = flows[lane]!;
    const next = this.#ints[slot * SLOT_INTS + NEXT]!;
    flows[lane] = next;
    if (next === NOTHING) flows[lane + TAIL] = NOTHING;
    flows[flow * INTS + COUNT]!--;
    this.#ints[slot * SLOT_INTS + NEXT] = this.#free;
    this.#free = slot;
    this.queued--;
    return this.#ints[slot * SLOT_INTS + ITEM]!;
  }

  /** Of free slots the last one names the first that there is not. */
  #grow(slots: number): void {
    const ints = new Int32Array(Math.min(slots, this.#capacity) * SLOT_INTS);
    ints.set(this.#ints);
    this.#ints = ints;
    this.#doubles = new Float64Array(ints.buffer);
    const had = this.#slots;
    this.#slots = ints.length / SLOT_INTS;
    for (let slot = had; slot < this.#slots; slot++) ints[slot * SLOT_INTS + NEXT] = slot + 1;
  }

  /** Numbers wrap around, but never within one reading of the clock. */
  #isOlder(slot: number, other: number): boolean {
    const apartMs = this.sinceMs(slot) - this.sinceMs(other);
    if (apartMs !== 0) return apartMs < 0;
    return ((this.#ints[slot * SLOT_INTS + NUMBER]! - this.#ints[other * SLOT_INTS + NUMBER]!) | 0) < 0;
  }
}
