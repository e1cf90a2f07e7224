/**
 * What a node wants to publish over one stream, waiting for credit: a lane per class, and the frames that were sent
 * but not yet accepted.
 *
 *     offer ─► lane of its class ─(credit)─► take ─► sent
 *                    ▲                                 │ reliable frames
 *                    └──── stream lost ◄── unaccepted ◄┘─► accepted {upTo}
 *
 * Invariants: a class sends no more frames than it was granted on this stream, and nothing before the first grant;
 * lanes are FIFO, and a frame that replaces an older one of its key takes over its place; a reliable frame leaves only
 * by `accept`; `pub` numbers rise in sending order, so that one `upTo` speaks for all before it.
 */
import type { Frame } from '../../schemas/proto.ts';

/** What to do with a frame whose class has no credit for it. Reliable frames always queue. */
export type WhenBlocked = 'queue' | 'conflate' | 'drop';
/** `refused`: so much waits already that not even a reliable frame was taken. */
export type Offered = 'queued' | 'conflated' | 'dropped' | 'refused';

/** A frame with all that decides how it waits. */
export interface Waiting {
  frame: Frame;
  className: string;
  /** Frames of the same key replace each other; null: never. */
  readonly key: string | null;
  reliable: boolean;
  /** Whether it was sent on an earlier stream, which did not accept it. */
  sentBefore?: boolean;
}

interface Lane {
  credit: number;
  pausedUntilMs: number;
  queue: Waiting[];
  head: number;
  /** Unsent frames that a newer one of the key may replace. */
  readonly byKey: Map<string, Waiting>;
}

const MAX_WAITING_PER_CLASS = 4096;
const MAX_RELIABLE = 100_000;

export class FrameLanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #unaccepted = new Map<number, Waiting>();
  #lastPub = 0;
  #reliable = 0;
  #turn = 0;

  /** Reliable frames not accepted yet, sent or not. */
  get reliable(): number {
    return this.#reliable;
  }

  /** Frames that wait in lanes. */
  get waiting(): number {
    let waiting = 0;
    for (const lane of this.#lanes.values()) waiting += lane.queue.length - lane.head;
    return waiting;
  }

  /** Frames that could be sent now. */
  sendable(nowMs: number): number {
    let sendable = 0;
    for (const lane of this.#lanes.values()) sendable += sendableOf(lane, nowMs);
    return sendable;
  }

  /** Adds to what a class may send. */
  grant(className: string, frames: number): void {
    this.#lane(className).credit += frames;
  }

  /**
   * The gateway has said which class a frame is charged to: what waits moves to the lanes of those classes, in order, what
   * was sent before in front.
   */
  reclassify(classOf: (frame: Frame) => string): void {
    const waiting = [...this.#lanes.values()].flatMap(({ queue, head }) => queue.slice(head));
    for (const lane of this.#lanes.values()) {
      lane.queue = [];
      lane.head = 0;
      lane.byKey.clear();
    }
    const again = waiting.filter(({ sentBefore }) => sentBefore === true);
    const fresh = waiting.filter(({ sentBefore }) => sentBefore !== true);
    for (const one of [...again, ...fresh]) {
      const lane = this.#classify(one, classOf);
      lane.queue.push(one);
      if (!one.reliable && one.key !== null) lane.byKey.set(one.key, one);
    }
    for (const one of this.#unaccepted.values()) this.#classify(one, classOf);
  }

  /** Nothing of the class is sent before `untilMs`. */
  pause(className: string, untilMs: number): void {
    const lane = this.#lane(className);
    lane.pausedUntilMs = Math.max(lane.pausedUntilMs, untilMs);
  }

  /** When the next paused class with something to send may go on, ms; Infinity when none. */
  resumesAtMs(nowMs: number): number {
    let soonest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      if (lane.pausedUntilMs > nowMs && lane.credit > 0 && lane.head < lane.queue.length) {
        soonest = Math.min(soonest, lane.pausedUntilMs);
      }
    }
    return soonest;
  }

  /** Takes a frame over, or says why not. The frame must not be changed afterwards. */
  offer(waiting: Waiting, whenBlocked: WhenBlocked, nowMs: number): Offered {
    const lane = this.#lane(waiting.className);
    const length = lane.queue.length - lane.head;
    const blocked = lane.credit <= length || lane.pausedUntilMs > nowMs;
    if (blocked && waiting.key !== null && (waiting.reliable || whenBlocked === 'conflate')) {
      const older = lane.byKey.get(waiting.key);
      if (older) {
        older.frame = waiting.frame;
        if (waiting.reliable) this.#becameReliable(lane, older);
        return 'conflated';
      }
    }
    if (waiting.reliable) {
      if (this.#reliable >= MAX_RELIABLE) return 'refused';
      this.#reliable++;
    } else {
      if (blocked && whenBlocked === 'drop') return 'dropped';
      if (length >= MAX_WAITING_PER_CLASS) return whenBlocked === 'queue' ? 'refused' : 'dropped';
      if (waiting.key !== null) lane.byKey.set(waiting.key, waiting);
    }
    lane.queue.push(waiting);
    return 'queued';
  }

  /** Up to `max` frames that may be sent now, in order within their class; reliable ones bear their `pub` number. */
  take(max: number, nowMs: number): Frame[] {
    const frames: Frame[] = [];
    const lanes = [...this.#lanes.values()];
    for (let step = 0; step < lanes.length && frames.length < max; step++) {
      // Another class begins each time, so that none waits behind a busy one for ever.
      const lane = lanes[(this.#turn + step) % lanes.length]!;
      while (frames.length < max && sendableOf(lane, nowMs) > 0) frames.push(this.#send(lane));
    }
    this.#turn++;
    return frames;
  }

  /** The gateway has all frames up to and including this number. */
  accept(upTo: number): void {
    for (const pub of this.#unaccepted.keys()) {
      if (pub > upTo) break;
      this.#unaccepted.delete(pub);
      this.#reliable--;
    }
  }

  /** The stream is gone, and with it all credit: what was not accepted goes first on the next one. */
  reset(): void {
    const again = [...this.#unaccepted.values()];
    this.#unaccepted.clear();
    for (const lane of this.#lanes.values()) {
      lane.credit = 0;
      lane.pausedUntilMs = 0;
    }
    for (const [className, lane] of this.#lanes) {
      const ofClass = again.filter((waiting) => waiting.className === className);
      if (ofClass.length === 0) continue;
      lane.queue = [...ofClass, ...lane.queue.slice(lane.head)];
      lane.head = 0;
    }
  }

  /** Takes out what waits unsent for a room, to be offered to another stream. */
  withdraw(tenant: string, room: string): Waiting[] {
    const withdrawn: Waiting[] = [];
    for (const lane of this.#lanes.values()) {
      const kept: Waiting[] = [];
      for (const waiting of lane.queue.slice(lane.head)) {
        if (waiting.frame.tenant !== tenant || waiting.frame.room !== room) kept.push(waiting);
        else {
          withdrawn.push(waiting);
          if (waiting.reliable) this.#reliable--;
          if (waiting.key !== null && lane.byKey.get(waiting.key) === waiting) lane.byKey.delete(waiting.key);
        }
      }
      lane.queue = kept;
      lane.head = 0;
    }
    return withdrawn;
  }

  #send(lane: Lane): Frame {
    const waiting = lane.queue[lane.head++]!;
    lane.credit--;
    if (lane.head > 1024 || lane.head === lane.queue.length) {
      lane.queue.splice(0, lane.head);
      lane.head = 0;
    }
    if (waiting.key !== null && lane.byKey.get(waiting.key) === waiting) lane.byKey.delete(waiting.key);
    if (!waiting.reliable) return waiting.frame;
    this.#lastPub++;
    waiting.sentBefore = true;
    this.#unaccepted.set(this.#lastPub, waiting);
    return { ...waiting.frame, pub: this.#lastPub };
  }

  #classify(waiting: Waiting, classOf: (frame: Frame) => string): Lane {
    waiting.className = classOf(waiting.frame);
    return this.#lane(waiting.className);
  }

  #becameReliable(lane: Lane, waiting: Waiting): void {
    waiting.reliable = true;
    this.#reliable++;
    if (waiting.key !== null) lane.byKey.delete(waiting.key);
  }

  #lane(className: string): Lane {
    let lane = this.#lanes.get(className);
    if (!lane) {
      lane = { credit: 0, pausedUntilMs: 0, queue: [], head: 0, byKey: new Map() };
      this.#lanes.set(className, lane);
    }
    return lane;
  }
}

function sendableOf(lane: Lane, nowMs: number): number {
  return lane.pausedUntilMs > nowMs ? 0 : Math.min(lane.credit, lane.queue.length - lane.head);
}
