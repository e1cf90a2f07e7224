/**
 * What a room holds: its streams with their open caption segments, its keyed values, and the log of everything that
 * must be delivered whole and in order.
 *
 * Each `admit…` either queues the frame (returns `QUEUED`) or says how it ended at once. A queued frame is settled
 * exactly once: delivered, merged into a newer one, evicted or undeliverable.
 */
import { captionOrder } from '../../backpressure/caption-order.ts';
import { RoomLog } from '../../backpressure/room-log.ts';
import type { Policy } from '../../classes/policy.ts';
import type { FrameWalk } from '../../schemas/frame-walk.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { CAPTION, type CaptionStream, CaptionStreams, openSegment } from './caption-streams.ts';
import type { Publisher } from './publisher.ts';
import { RoomFrame, Waiting } from './room-frame.ts';
import type { Subscriber } from './subscriber.ts';
import { SubscriberGroups } from './subscriber-groups.ts';

/** The frame waits; anything else an `admit…` returns is an index of `OUTCOMES`. */
export const QUEUED = -1;

/** Field numbers of frame.proto. */
const KEYED = { key: 1 } as const;

/** Kinds whose arrival makes the room write before its tick. */
const PROMPT_KINDS: readonly number[] = [Kind.moderation, Kind.toolCall, Kind.snapshotWanted];

/** When something arrived: monotonic ms for decisions, wall clock ms since the epoch for what is sent. */
export interface Moment {
  nowMs: number;
  ts: number;
}

/** What a room asks of the one who writes for it. */
export interface RoomClock {
  /** The room has something that should leave now. */
  prompt(room: Room): void;
  /** The room has something that leaves at its next tick. */
  tick(room: Room): void;
}

export class Room {
  readonly tenant: string;
  readonly name: string;
  readonly phase: number;
  readonly groups = new SubscriberGroups();
  /** Subscribers whose socket broke and who may come back for what they missed. */
  readonly detached = new Set<Subscriber>();
  readonly log = new RoomLog<RoomFrame>();
  /** Log position up to which frames have left. */
  emittedHead = 0;
  /** Counts flushes; a live frame bears the one in which it last left. */
  flushes = 0;
  readonly live: RoomFrame[] = [];
  dirty: RoomFrame[] = [];
  urgent: RoomFrame[] = [];
  /** Publishers now in the room. */
  publishers = 0;
  usedMs = 0;

  // The dispatcher's.
  waitsForTick = false;
  waitsForPrompt = false;
  flushing = false;
  /** Somebody has more to receive than one flush gave. */
  wantsTick = false;
  promptedMs = Number.NEGATIVE_INFINITY;

  readonly #streams: CaptionStreams;
  readonly #clock: RoomClock;
  readonly #policy: Policy;
  readonly #counters: PlaneCounters;
  readonly #mostKeys: number;

  constructor(options: {
    tenant: string;
    name: string;
    phase: number;
    clock: RoomClock;
    policy: Policy;
    counters: PlaneCounters;
    mostKeys: number;
  }) {
    this.tenant = options.tenant;
    this.name = options.name;
    this.phase = options.phase;
    this.#clock = options.clock;
    this.#policy = options.policy;
    this.#counters = options.counters;
    this.#mostKeys = options.mostKeys;
    this.#streams = new CaptionStreams(options.mostKeys);
  }

  /** A caption, as `walk` found it in `source`. */
  admitCaption(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): number {
    const classIndex = this.#policy.classByKind[Kind.caption]!;
    if (!walk.has(CAPTION.stream)) return Outcome.malformed;
    const stream = this.#streams.find(publisher, source, walk, moment.nowMs);
    if (stream === null) return Outcome.evicted_overflow;
    if (!this.#streams.mayWrite(stream, publisher, source, walk)) return Outcome.unauthorised;
    if ((walk.uint32(CAPTION.mode) === 1) !== stream.append) return Outcome.malformed;
    if (stream.append) return this.#append(Kind.caption, classIndex, publisher, source, walk, moment, walk.final);

    const segment = walk.uint32(CAPTION.segment);
    const epoch = walk.uint32(CAPTION.epoch);
    if (stream.finished.ended(segment, epoch)) return Outcome.merged;
    const open = openSegment(stream, segment);
    if (walk.final) {
      stream.finished.end(segment, epoch);
      if (open !== null && open.epoch <= epoch) this.#dropLive(open, Outcome.merged, stream);
      return this.#append(Kind.caption, classIndex, publisher, source, walk, moment, true);
    }
    const revision = walk.uint32(CAPTION.revision);
    if (open === null) {
      const frame = this.#newLive(Kind.caption, classIndex, publisher);
      if (frame === null) return Outcome.evicted_overflow;
      stream.open.push(frame);
      frame.segment = segment;
      frame.epoch = epoch;
      frame.revision = revision;
      this.#renew(frame, publisher, source, walk, moment);
      frame.waiting = Waiting.prompt;
      this.urgent.push(frame);
      this.#clock.prompt(this);
      return QUEUED;
    }
    const order = captionOrder(epoch, false, revision, open);
    if (order < 0 || (order === 0 && !payloadIsGreater(source, walk, open))) return Outcome.merged;
    open.epoch = epoch;
    open.revision = revision;
    this.#renew(open, publisher, source, walk, moment);
    this.#touch(open);
    return QUEUED;
  }

  /** A value that replaces the one of the same key: presence or gauge. */
  admitKeyed(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): number {
    if (!walk.has(KEYED.key)) return Outcome.malformed;
    const keys = publisher.keysOf(walk.kind);
    const [start, end] = [walk.start[KEYED.key]!, walk.end[KEYED.key]!];
    let frame = keys.find(source, start, end) ?? null;
    if (frame === null) {
      frame = this.#newLive(walk.kind, this.#policy.classByKind[walk.kind]!, publisher);
      if (frame === null) return Outcome.evicted_overflow;
      keys.insert(source, start, end, frame);
    }
    this.#renew(frame, publisher, source, walk, moment);
    this.#touch(frame);
    return QUEUED;
  }

  /** Anything that is delivered whole and in order. */
  admitEvent(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): number {
    const classIndex = this.#policy.classByKind[walk.kind]!;
    const prompt = PROMPT_KINDS.includes(walk.kind);
    return this.#append(walk.kind, classIndex, publisher, source, walk, moment, prompt);
  }

  /** The publisher has gone: its keyed values go with it, its segments stay until they end or time out. */
  forgetKeysOf(publisher: Publisher): void {
    for (const keys of publisher.keyTables()) {
      keys.forEach((frame) => {
        this.#dropLive(frame, Outcome.evicted_stale, null);
      });
    }
    publisher.clearKeys();
  }

  /** Ends open segments silent since `openBeforeMs` and forgets streams silent since `usedBeforeMs`. */
  expire(openBeforeMs: number, usedBeforeMs: number): void {
    this.#streams.expire(openBeforeMs, usedBeforeMs, (frame, stream) => {
      this.#dropLive(frame, Outcome.evicted_stale, stream);
    });
  }

  /** Takes a frame that cannot be delivered out of the room, settled as `outcome`. */
  evict(frame: RoomFrame, outcome: number): void {
    if (frame.position >= 0) {
      this.settle(frame, outcome);
      frame.gone = true;
      return;
    }
    this.#dropLive(frame, outcome, this.#streams.streamOf(frame));
    for (const keys of frame.publisher.keyTables()) {
      const emptied: Uint8Array[] = [];
      keys.forEach((kept, key) => {
        if (kept === frame) emptied.push(key);
      });
      for (const key of emptied) keys.delete(key, 0, key.length);
    }
  }

  /** Settles a waiting frame, once. */
  settle(frame: RoomFrame, outcome: number): void {
    if (!frame.unsettled) return;
    frame.unsettled = false;
    this.#counters.settleQueued(frame.classIndex, outcome);
  }

  get empty(): boolean {
    return this.publishers === 0 && this.groups.size === 0 && this.detached.size === 0;
  }

  #append(
    kind: number,
    classIndex: number,
    publisher: Publisher,
    source: Buffer,
    walk: FrameWalk,
    moment: Moment,
    prompt: boolean,
  ): number {
    const frame = new RoomFrame(kind, classIndex, publisher);
    frame.final = walk.final;
    frame.takeOnce(source, walk.payloadStart, walk.bodyEnd);
    frame.admittedMs = moment.nowMs;
    frame.ts = moment.ts;
    frame.expiresMs = walk.final ? Number.POSITIVE_INFINITY : moment.nowMs + this.#policy.ttlMsByKind[kind]!;
    frame.unsettled = true;
    frame.position = this.log.head;
    this.log.append(frame);
    if (prompt) this.#clock.prompt(this);
    else this.#clock.tick(this);
    return QUEUED;
  }

  #newLive(kind: number, classIndex: number, publisher: Publisher): RoomFrame | null {
    if (this.live.length >= this.#mostKeys) return null;
    const frame = new RoomFrame(kind, classIndex, publisher);
    frame.liveIndex = this.live.length;
    this.live.push(frame);
    return frame;
  }

  /** New content for a live frame; what it held, if nobody has received it, is merged into this. */
  #renew(frame: RoomFrame, publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): void {
    this.settle(frame, Outcome.merged);
    frame.publisher = publisher;
    frame.take(source, walk.payloadStart, walk.bodyEnd);
    frame.admittedMs = moment.nowMs;
    frame.ts = moment.ts;
    frame.unsettled = true;
  }

  #touch(frame: RoomFrame): void {
    if (frame.waiting !== Waiting.no) return;
    frame.waiting = Waiting.tick;
    this.dirty.push(frame);
    this.#clock.tick(this);
  }

  #dropLive(frame: RoomFrame, outcome: number, stream: CaptionStream | null): void {
    if (frame.gone) return;
    this.settle(frame, outcome);
    frame.gone = true;
    const last = this.live.pop()!;
    if (last !== frame) {
      this.live[frame.liveIndex] = last;
      last.liveIndex = frame.liveIndex;
    }
    if (stream !== null) stream.open.splice(stream.open.indexOf(frame), 1);
  }
}

/** Breaks a tie of versions by comparing bytes: any total order will do, as long as it is always the same. */
function payloadIsGreater(source: Buffer, walk: FrameWalk, frame: RoomFrame): boolean {
  return source.compare(frame.payload, 0, frame.length, walk.payloadStart, walk.bodyEnd) > 0;
}
