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
import { LiveFrames } from './live-frames.ts';
import type { Publisher } from './publisher.ts';
import { type Moment, RoomFrame, settleFrame } from './room-frame.ts';
import type { Subscriber } from './subscriber.ts';
import { SubscriberGroups } from './subscriber-groups.ts';

/** The frame waits; anything else an `admit…` returns is an index of `OUTCOMES`. */
export const QUEUED = -1;

/** Field numbers of frame.proto. */
const KEYED = { key: 1 } as const;

/** One publisher may keep this part of a room's live frames as keyed values, by kind. */
const KEYS_SHARE = 1 / 8;
/** A stream has one or two segments open at a time; a publisher that leaves more behind loses the oldest. */
const MOST_OPEN_SEGMENTS = 32;

/** Kinds whose arrival makes the room write before its tick. */
const PROMPT_KINDS: readonly number[] = [Kind.moderation, Kind.toolCall, Kind.snapshotWanted];

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
  readonly live: LiveFrames;
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
  readonly #mostKeysEach: number;

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
    this.#mostKeysEach = Math.ceil(options.mostKeys * KEYS_SHARE);
    this.live = new LiveFrames(options.mostKeys, options.counters);
    this.#streams = new CaptionStreams(options.mostKeys);
  }

  /** A caption, as `walk` found it in `source`. */
  admitCaption(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): number {
    if (!walk.has(CAPTION.stream)) return Outcome.malformed;
    const stream = this.#streams.find(publisher, source, walk, moment.nowMs);
    if (stream === null) return Outcome.evicted_overflow;
    if (!this.#streams.mayWrite(stream, publisher, source, walk, moment.nowMs)) return Outcome.unauthorised;
    if ((walk.uint32(CAPTION.mode) === 1) !== stream.append) return Outcome.malformed;

    const segment = walk.uint32(CAPTION.segment);
    const epoch = walk.uint32(CAPTION.epoch);
    if (stream.finished.ended(segment, epoch)) return Outcome.merged;
    if (!walk.final && !stream.append)
      return this.#admitInterim(stream, segment, epoch, publisher, source, walk, moment);
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    if (walk.final) {
      stream.finished.end(segment, epoch);
      const open = openSegment(stream, segment);
      if (open !== null && open.epoch <= epoch) this.#endSegment(stream, open, Outcome.merged);
    }
    // What is appended never expires: dropping it would leave a gap in the text.
    this.#append(Kind.caption, publisher, source, walk, moment, Number.POSITIVE_INFINITY);
    if (walk.final) this.#clock.prompt(this);
    else this.#clock.tick(this);
    return QUEUED;
  }

  /** A value that replaces the one of the same key: presence or gauge. */
  admitKeyed(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): number {
    if (!walk.has(KEYED.key)) return Outcome.malformed;
    const keys = publisher.keysOf(walk.kind);
    const start = walk.start[KEYED.key]!;
    const end = walk.end[KEYED.key]!;
    let frame = keys.find(source, start, end) ?? null;
    if (frame === null) {
      if (keys.size >= this.#mostKeysEach) return Outcome.evicted_overflow;
      frame = this.live.create(walk.kind, this.#policy.classByKind[walk.kind]!, publisher, moment.nowMs);
      if (frame === null) return Outcome.evicted_overflow;
      keys.insert(source, start, end, frame);
    }
    this.live.renew(frame, this.#policy.classByKind[walk.kind]!, publisher, source, walk, moment);
    if (this.live.touch(frame)) this.#clock.tick(this);
    return QUEUED;
  }

  /** Anything that is delivered whole and in order. */
  admitEvent(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): number {
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    const { kind } = walk;
    this.#append(kind, publisher, source, walk, moment, moment.nowMs + this.#policy.ttlMsByKind[kind]!);
    if (PROMPT_KINDS.includes(kind)) this.#clock.prompt(this);
    else this.#clock.tick(this);
    return QUEUED;
  }

  /** The publisher has gone: its keyed values go with it, its segments stay until they end or time out. */
  forgetKeysOf(publisher: Publisher): void {
    for (const keys of publisher.keyTables()) {
      keys.forEach((frame) => {
        this.live.drop(frame, Outcome.evicted_stale);
      });
    }
    publisher.clearKeys();
  }

  /** Ends open segments silent since `openBeforeMs` and forgets streams silent since `usedBeforeMs`. */
  expire(openBeforeMs: number, usedBeforeMs: number): void {
    this.#streams.expire(openBeforeMs, usedBeforeMs, (frame, stream) => {
      this.#endSegment(stream, frame, Outcome.evicted_stale);
    });
  }

  /** Takes a frame that cannot be delivered out of the room, settled as `outcome`. */
  evict(frame: RoomFrame, outcome: number): void {
    if (frame.position >= 0) {
      this.settle(frame, outcome);
      frame.gone = true;
      return;
    }
    const stream = this.#streams.streamOf(frame);
    if (stream !== null) return this.#endSegment(stream, frame, outcome);
    this.live.drop(frame, outcome);
    frame.publisher.forgetKeyOf(frame);
  }

  /** Settles a waiting frame, once. */
  settle(frame: RoomFrame, outcome: number): void {
    settleFrame(this.#counters, frame, outcome);
  }

  get empty(): boolean {
    return this.publishers === 0 && this.groups.size === 0 && this.detached.size === 0;
  }

  /** An interim in replace mode, of an epoch that has not ended. */
  #admitInterim(
    stream: CaptionStream,
    segment: number,
    epoch: number,
    publisher: Publisher,
    source: Buffer,
    walk: FrameWalk,
    moment: Moment,
  ): number {
    const revision = walk.uint32(CAPTION.revision);
    let frame = openSegment(stream, segment);
    if (frame === null) {
      frame = this.live.create(Kind.caption, this.#policy.classByKind[Kind.caption]!, publisher, moment.nowMs);
      if (frame === null) return Outcome.evicted_overflow;
      if (stream.open.length >= MOST_OPEN_SEGMENTS) this.#endSegment(stream, stream.open[0]!, Outcome.evicted_overflow);
      stream.open.push(frame);
      frame.segment = segment;
      this.live.lead(frame);
      this.#clock.prompt(this);
    } else {
      const order = captionOrder(epoch, false, revision, frame);
      if (order < 0 || (order === 0 && !frame.isLessThan(source, walk.payloadStart, walk.bodyEnd)))
        return Outcome.merged;
      if (this.live.touch(frame)) this.#clock.tick(this);
    }
    frame.epoch = epoch;
    frame.revision = revision;
    this.live.renew(frame, this.#policy.classByKind[Kind.caption]!, publisher, source, walk, moment);
    return QUEUED;
  }

  #append(
    kind: number,
    publisher: Publisher,
    source: Buffer,
    walk: FrameWalk,
    moment: Moment,
    expiresMs: number,
  ): void {
    const frame = new RoomFrame(kind, this.#policy.classByKind[kind]!, publisher);
    frame.final = walk.final;
    frame.takeOnce(source, walk.payloadStart, walk.bodyEnd);
    frame.admittedMs = moment.nowMs;
    frame.ts = moment.ts;
    frame.expiresMs = expiresMs;
    frame.unsettled = true;
    frame.position = this.log.head;
    this.log.append(frame);
  }

  #endSegment(stream: CaptionStream, frame: RoomFrame, outcome: number): void {
    this.live.drop(frame, outcome);
    stream.open.splice(stream.open.indexOf(frame), 1);
  }
}
