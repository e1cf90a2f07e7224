/**
 * The live frames of a room: open caption segments and keyed values, whose content is replaced in place and of which
 * only the newest matters.
 *
 *     create ─► renew ─► lead | touch ─► take (a flush) ─► renew … ─► drop
 *
 * Invariants: `all[frame.liveIndex] === frame` for every live frame; one that waits is in exactly one of the two
 * waiting lists, at its first place; a dropped frame may still stand in one of them and is passed over by its `gone`.
 */
import { Outcome } from '../../../schemas/metric-names.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { Arrival } from './arrival.ts';
import { beginFrame, RoomFrame, settleFrame, Waiting } from './room-frame.ts';

export class LiveFrames {
  readonly all: RoomFrame[] = [];
  /** Those that leave at the next tick, and those that leave at once. */
  #dirty: RoomFrame[] = [];
  #urgent: RoomFrame[] = [];
  /** Content of all of them; of texts that grow `AppendedTexts` says how much. */
  bytes = 0;
  readonly mostBytes: number;
  readonly #most: number;
  readonly #counters: PlaneCounters;
  readonly #listeners: { readonly size: number };

  /** `most`: frames at a time; `mostBytes`: their content; `listeners`: those of the room, however many they become. */
  constructor(most: number, mostBytes: number, counters: PlaneCounters, listeners: { readonly size: number }) {
    this.#most = most;
    this.mostBytes = mostBytes;
    this.#counters = counters;
    this.#listeners = listeners;
  }

  /** A new live frame for what arrived, still without content; null when there are too many. */
  create({ walk, classIndex, publisher, moment }: Arrival): RoomFrame | null {
    if (this.all.length >= this.#most) return null;
    const frame = new RoomFrame(walk.kind, classIndex, publisher);
    frame.openedMs = moment.nowMs;
    frame.liveIndex = this.all.length;
    this.all.push(frame);
    return frame;
  }

  /** Whether there is room for content of `length` bytes, in place of that of `frame`. */
  fits(frame: RoomFrame | null, length: number): boolean {
    return this.bytes - (frame?.length ?? 0) + length <= this.mostBytes;
  }

  /** Gives a frame the content that arrived, for which there is room; what it held, if nobody has received it, is merged into this. */
  renew(frame: RoomFrame, arrival: Arrival): void {
    const { source, walk } = arrival;
    this.extend(frame, arrival);
    this.bytes -= frame.length;
    frame.take(source, walk.payloadStart, walk.bodyEnd);
    this.bytes += frame.length;
  }

  /** The same for a frame whose content is not replaced but grows. */
  extend(frame: RoomFrame, { classIndex, publisher, moment }: Arrival): void {
    // What it held is settled in the class that counted it, which a newer policy may not give its kind any more.
    settleFrame(this.#counters, frame, Outcome.merged);
    frame.classIndex = classIndex;
    frame.publisher = publisher;
    frame.admittedMs = moment.nowMs;
    frame.ts = moment.ts;
    beginFrame(this.#counters, frame, this.#listeners.size);
  }

  /** Lets a new frame leave at once. */
  lead(frame: RoomFrame): void {
    frame.waiting = Waiting.prompt;
    this.#urgent.push(frame);
  }

  /** Lets a renewed frame leave at the tick; false when it waits already. */
  touch(frame: RoomFrame): boolean {
    if (frame.waiting !== Waiting.no) return false;
    frame.waiting = Waiting.tick;
    this.#dirty.push(frame);
    return true;
  }

  /**
   * Empties the waiting lists, or, without `tick`, that of the urgent ones, and returns who waited. A segment that has
   * left since `boundaryMs`, the tick's own time, keeps waiting: it has had its turn, however late this tick is.
   */
  take(tick: boolean, boundaryMs: number): RoomFrame[] {
    const taken: RoomFrame[] = [];
    for (const frame of this.#urgent) {
      if (!frame.gone) taken.push(frame);
    }
    this.#urgent = [];
    if (tick) {
      const dirty = this.#dirty;
      this.#dirty = [];
      for (const frame of dirty) {
        if (frame.gone) continue;
        if (frame.emittedAt >= 0 && frame.openedMs >= boundaryMs) this.#dirty.push(frame);
        else taken.push(frame);
      }
    }
    for (const frame of taken) frame.waiting = Waiting.no;
    return taken;
  }

  /** Those that leave at once, dropped ones among them. */
  get urgent(): readonly RoomFrame[] {
    return this.#urgent;
  }

  /** Those that leave at the next tick, dropped ones among them. */
  get dirty(): readonly RoomFrame[] {
    return this.#dirty;
  }

  /** Whether anything waits for the tick. */
  get waitsForTick(): boolean {
    return this.#dirty.length > 0;
  }

  /** Takes a frame out, settled as `outcome` if it still has to be. */
  drop(frame: RoomFrame, outcome: number): void {
    if (frame.gone) return;
    settleFrame(this.#counters, frame, outcome);
    frame.gone = true;
    if (frame.appended === null) this.bytes -= frame.length;
    frame.release();
    const last = this.all.pop()!;
    if (last === frame) return;
    this.all[frame.liveIndex] = last;
    last.liveIndex = frame.liveIndex;
  }
}
