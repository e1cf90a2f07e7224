/**
 * A metadata frame inside a room, from admission until it has been delivered or replaced.
 *
 * It keeps the publisher's payload bytes as they came; kind, final mark and envelope are written around them when the
 * frame leaves. A frame in the log is written once; a live one (an open caption segment, a key's value) takes new
 * content in place, and its buffer grows only when it must. Where content is appended, the payload holds what stays the
 * same, and `appended` writes the text as far as whoever receives it has not got it.
 */
import type { CaptionVersion } from '../../../backpressure/caption-order.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { CaptionDifference } from '../captions/caption-difference.ts';
import type { Form } from '../delivery/form.ts';
import type { AppendedContent } from '../texts/appended-content.ts';
import type { Publisher } from './publisher.ts';
import { varintLength, writeVarint } from './wire-fields.ts';

/** When something arrived: monotonic ms for decisions, wall clock ms since the epoch for what is sent. */
export interface Moment {
  nowMs: number;
  ts: number;
}

/** Where a live frame waits. */
export const Waiting = { no: 0, tick: 1, prompt: 2 } as const;

/** Enough for most interims. */
const SPARE_BYTES = 256;
const MOST_SPARES = 1024;
/** Memory of dropped frames: allocating costs more than all else a new segment needs. */
const spares: Buffer[] = [];

export class RoomFrame implements CaptionVersion {
  readonly kind: number;
  /** Of the content. */
  classIndex: number;
  publisher: Publisher;
  final = false;
  /** Payload tag, length and body: `payload[0, length)`. */
  payload: Buffer;
  length = 0;
  /** The text of an appended caption or a turn; null: the payload is all there is. */
  appended: AppendedContent | null = null;
  /** Of an open segment in replace mode, where somebody takes differences; null: nobody does. */
  difference: CaptionDifference | null = null;
  /** When the content was admitted, monotonic ms. */
  admittedMs = 0;
  /** The same on the wall clock, ms since the epoch: `ts` on the wire. */
  ts = 0;
  /** Monotonic ms after which it is worthless; Infinity: never. */
  expiresMs = Number.POSITIVE_INFINITY;
  /** Whether the content's frame still has to be settled: nobody has received it. */
  unsettled = false;
  /** Deliveries that its content will take, of those that are pending: to who was in the room when it came. */
  pending = 0;

  // Live frames only.
  waiting: number = Waiting.no;
  /** Monotonic ms of its first content. */
  openedMs = 0;
  /** The room's flush in which it last left; -1 before the first. */
  emittedAt = -1;
  /** Whether it has been taken out of the room: lists that still hold it pass it over. */
  gone = false;
  epoch = 0;
  revision = 0;
  segment = 0;
  /** Place in the room's list of live frames. */
  liveIndex = -1;
  /** Place in the room's log; -1 for live frames. */
  position = -1;

  constructor(kind: number, classIndex: number, publisher: Publisher) {
    this.kind = kind;
    this.classIndex = classIndex;
    this.publisher = publisher;
    this.payload = NO_PAYLOAD;
  }

  /** What it takes in the room's log. */
  get bytes(): number {
    return this.length + (this.appended?.bytes ?? 0) + FRAME_OVERHEAD_BYTES;
  }

  /** Bytes of the payload as written in that form. */
  lengthIn(form: Form): number {
    if (this.appended === null) return this.differenceIn(form)?.length ?? this.length;
    const body = this.length - this.#bodyStart() + this.appended.lengthSince(form.since);
    return TAG_BYTES + varintLength(body) + body;
  }

  /** Writes the payload in that form; returns the end. */
  writeIn(form: Form, bytes: Buffer, at: number): number {
    if (this.appended === null) {
      const difference = this.differenceIn(form);
      if (difference !== null) return at + difference.copy(bytes, at);
      return at + this.payload.copy(bytes, at, 0, this.length);
    }
    const start = this.#bodyStart();
    const end = at + this.payload.copy(bytes, at, 0, TAG_BYTES);
    const body = writeVarint(bytes, end, this.length - start + this.appended.lengthSince(form.since));
    return this.appended.writeSince(form.since, bytes, body + this.payload.copy(bytes, body, start, this.length));
  }

  /** Breaks a tie of versions by comparing bytes: any total order will do, as long as it is always the same. */
  isLessThan(source: Buffer, start: number, end: number): boolean {
    return source.compare(this.payload, 0, this.length, start, end) > 0;
  }

  /** Copies the content in. `source` may be a view on memory that is gone after the call. */
  take(source: Buffer, start: number, end: number): void {
    const length = end - start;
    if (this.payload.length < length) {
      this.payload = length <= SPARE_BYTES ? (spares.pop() ?? Buffer.allocUnsafeSlow(SPARE_BYTES)) : roomFor(length);
    }
    source.copy(this.payload, 0, start, end);
    this.length = length;
  }

  /** The payload as a difference, where whoever takes that form has its base. */
  differenceIn(form: Form): Buffer | null {
    const { difference } = this;
    if (difference === null || !form.differences || form.since < difference.baseFlush) return null;
    return difference.payload;
  }

  /** Where the payload's body begins, behind its tag and length. */
  #bodyStart(): number {
    let at = TAG_BYTES;
    while (this.payload[at]! >= 0x80) at++;
    return at + 1;
  }

  /** Gives the memory of a dropped live frame to the next one: its payload is not looked at any more. */
  release(): void {
    if (this.payload.length === SPARE_BYTES && spares.length < MOST_SPARES) spares.push(this.payload);
    this.payload = NO_PAYLOAD;
  }

  /** Copies the content in, in exactly the room it takes, for frames that never change. */
  takeOnce(source: Buffer, start: number, end: number): void {
    this.payload = Buffer.allocUnsafe(end - start);
    source.copy(this.payload, 0, start, end);
    this.length = end - start;
  }
}

/** Fresh content waits for `listeners`. */
export function beginFrame(counters: PlaneCounters, frame: RoomFrame, listeners: number): void {
  frame.unsettled = true;
  frame.pending = listeners;
  counters.pending[counters.row(frame.classIndex)]! += listeners;
}

/** Settles a waiting frame, once. Where it is not delivered, nobody has to be written it. */
export function settleFrame(counters: PlaneCounters, frame: RoomFrame, outcome: number): void {
  if (!frame.unsettled) return;
  frame.unsettled = false;
  counters.settleQueued(frame.classIndex, outcome);
  const pending = leaveFrame(counters, frame);
  if (outcome !== Outcome.delivered) counters.spared += pending;
}

/** The frame's content waits no more, because it leaves or never will. Returns the deliveries it would have taken. */
export function leaveFrame(counters: PlaneCounters, frame: RoomFrame): number {
  const { pending } = frame;
  frame.pending = 0;
  counters.pending[counters.row(frame.classIndex)]! -= pending;
  return pending;
}

function roomFor(length: number): Buffer {
  let capacity = 2 * SPARE_BYTES;
  while (capacity < length) capacity *= 2;
  return Buffer.allocUnsafeSlow(capacity);
}

const NO_PAYLOAD = Buffer.alloc(0);
/** Payloads of metadata have field numbers from 80 to 143. */
const TAG_BYTES = 2;
/** Object and bookkeeping per frame, by measurement of the heap, rounded up. */
const FRAME_OVERHEAD_BYTES = 256;
