/**
 * What a room holds: its streams with their open caption segments, its keyed values, and the log of everything that
 * must be delivered whole and in order.
 *
 * Each `admit…` either queues the frame (returns `QUEUED`) or says how it ended at once. A queued frame is settled
 * exactly once: delivered, merged into a newer one, evicted or undeliverable.
 */
import { RoomLog } from '../../backpressure/room-log.ts';
import type { Policy } from '../../classes/policy.ts';
import type { FrameWalk } from '../../schemas/frame-walk.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import { ActiveLadder } from '../ladder/active-ladder.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { AgentTurns } from './agent-turns.ts';
import { AppendedTexts } from './appended-texts.ts';
import { LiveFrames } from './live-frames.ts';
import { ModelStates } from './model-states.ts';
import type { Publisher } from './publisher.ts';
import { RoomCaptions } from './room-captions.ts';
import { RoomDue } from './room-due.ts';
import { type Moment, RoomFrame, settleFrame } from './room-frame.ts';
import { QUEUED, type RoomParts } from './room-parts.ts';
import type { Subscriber } from './subscriber.ts';
import { SubscriberGroups } from './subscriber-groups.ts';

/** Field numbers of frame.proto. */
const KEYED = { key: 1 } as const;
const MODEL_VERSION = 3;

/** One publisher may keep this part of a room's live frames as keyed values, by kind. */
const KEYS_SHARE = 1 / 8;

/** Kinds whose arrival makes the room write before its tick. */
const PROMPT_KINDS: readonly number[] = [Kind.moderation, Kind.toolCall];

/** What a room asks of the one who writes for it. */
export interface RoomClock {
  /** The room has something that should leave now. */
  prompt(room: Room): void;
  /** The room has something that leaves at its next tick. */
  tick(room: Room): void;
}

export class Room implements RoomParts {
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
  /** It is due, or being written. */
  flushing = false;
  readonly due = new RoomDue();
  /** Somebody has more to receive than one flush gave. */
  wantsTick = false;
  promptedMs = Number.NEGATIVE_INFINITY;

  readonly policy: Policy;
  readonly counters: PlaneCounters;
  readonly ladder: ActiveLadder;
  readonly #clock: RoomClock;
  readonly #mostKeysEach: number;
  readonly #texts: AppendedTexts;
  readonly #captions: RoomCaptions;
  readonly #turns: AgentTurns;
  readonly #models = new ModelStates(this);

  constructor(options: {
    tenant: string;
    name: string;
    phase: number;
    clock: RoomClock;
    policy: Policy;
    counters: PlaneCounters;
    /** Live frames, streams and turns, each. */
    mostKeys: number;
    /** What may still change takes at most this. */
    mostLiveBytes: number;
    /** Absent: one of its own, at level 0. */
    ladder?: ActiveLadder;
  }) {
    this.tenant = options.tenant;
    this.name = options.name;
    this.phase = options.phase;
    this.#clock = options.clock;
    this.policy = options.policy;
    this.counters = options.counters;
    this.ladder = options.ladder ?? new ActiveLadder(options.policy);
    this.groups.limit(this.ladder.effects.interims);
    this.#mostKeysEach = Math.ceil(options.mostKeys * KEYS_SHARE);
    this.live = new LiveFrames(options.mostKeys, options.mostLiveBytes, options.counters);
    this.#texts = new AppendedTexts(this);
    this.#captions = new RoomCaptions(this, this.#texts, options.mostKeys);
    this.#turns = new AgentTurns(this, this.#texts, options.mostKeys);
  }

  /** A caption, as `walk` found it in `source`. */
  admitCaption(publisher: Publisher, source: Buffer, walk: FrameWalk, classIndex: number, moment: Moment): number {
    return this.#captions.admit(publisher, source, walk, classIndex, moment);
  }

  /** A fragment of an agent's turn. */
  admitTurn(publisher: Publisher, source: Buffer, walk: FrameWalk, classIndex: number, moment: Moment): number {
    return this.#turns.admit(publisher, source, walk, classIndex, moment);
  }

  /** Whether a fragment is of a turn that is under way. */
  turnIsOpen(publisher: Publisher, source: Buffer, walk: FrameWalk): boolean {
    return this.#turns.isOpen(publisher, source, walk);
  }

  /** Ends the turn of a fragment that may not come; false when it is not open. */
  cutTurnOff(publisher: Publisher, source: Buffer, walk: FrameWalk, moment: Moment): boolean {
    return this.#turns.cutOff(publisher, source, walk, moment);
  }

  /** A value that replaces the one of the same key: presence or gauge. */
  admitKeyed(publisher: Publisher, source: Buffer, walk: FrameWalk, classIndex: number, moment: Moment): number {
    if (!walk.has(KEYED.key)) return Outcome.malformed;
    const keys = publisher.keysOf(walk.kind);
    const start = walk.start[KEYED.key]!;
    const end = walk.end[KEYED.key]!;
    let frame = keys.find(source, start, end) ?? null;
    if (!this.live.fits(frame, walk.bodyEnd - walk.payloadStart)) return Outcome.evicted_overflow;
    if (frame === null) {
      if (keys.size >= this.#mostKeysEach) return Outcome.evicted_overflow;
      frame = this.live.create(walk.kind, classIndex, publisher, moment.nowMs);
      if (frame === null) return Outcome.evicted_overflow;
      keys.insert(source, start, end, frame);
    }
    this.live.renew(frame, classIndex, publisher, source, walk, moment);
    frame.expiresMs = moment.nowMs + this.policy.ttlMsByKind[walk.kind]!;
    if (this.live.touch(frame)) this.tick();
    return QUEUED;
  }

  /** Anything that is delivered whole and in order. */
  admitEvent(publisher: Publisher, source: Buffer, walk: FrameWalk, classIndex: number, moment: Moment): number {
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    const frame = this.logWhole(publisher, source, walk, classIndex, moment);
    frame.expiresMs = moment.nowMs + this.policy.ttlMsByKind[walk.kind]!;
    if (PROMPT_KINDS.includes(walk.kind)) this.prompt();
    else this.tick();
    return QUEUED;
  }

  /** An update of a model's state; where its publisher does not number them, an event. */
  admitModelState(publisher: Publisher, source: Buffer, walk: FrameWalk, classIndex: number, moment: Moment): number {
    if (walk.uint32(MODEL_VERSION) === 0) return this.admitEvent(publisher, source, walk, classIndex, moment);
    return this.#models.admit(publisher, source, walk, classIndex, moment);
  }

  /** What somebody who has nothing needs of the models' states that stood in the log before `position`. */
  modelStatesBefore(position: number): RoomFrame[] {
    return this.#models.before(position);
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

  /**
   * Ends segments and turns silent since `openBeforeMs`, forgets streams silent since `usedBeforeMs`, lets go of values
   * that nobody will be given any more, and asks again for what is missing of a text.
   */
  expire(openBeforeMs: number, usedBeforeMs: number, moment: Moment): void {
    this.#captions.expire(openBeforeMs, usedBeforeMs, moment);
    this.#turns.expire(openBeforeMs, usedBeforeMs, moment);
    this.#models.expire(moment.nowMs);
    this.#texts.askAgain(moment.nowMs);
    const stale = this.live.all.filter(({ kind, expiresMs }) => kind !== Kind.caption && expiresMs < moment.nowMs);
    for (const frame of stale) if (frame.appended === null) this.#dropValue(frame, Outcome.evicted_stale);
  }

  /** Another level of overload says whose interims leave. */
  limitInterims(): void {
    if (!this.groups.limit(this.ladder.effects.interims)) return;
    // Who was left out has not got what others were sent last.
    for (const frame of this.live.all) frame.difference?.forget();
  }

  /** Takes a frame that cannot be delivered out of the room, settled as `outcome`. */
  evict(frame: RoomFrame, outcome: number): void {
    if (frame.position >= 0) {
      this.settle(frame, outcome);
      frame.gone = true;
    } else if (!this.#captions.evict(frame, outcome, { nowMs: frame.admittedMs, ts: frame.ts })) {
      this.#dropValue(frame, outcome);
    }
  }

  /** Settles a waiting frame, once. */
  settle(frame: RoomFrame, outcome: number): void {
    settleFrame(this.counters, frame, outcome);
  }

  get empty(): boolean {
    return this.publishers === 0 && this.groups.size === 0 && this.detached.size === 0;
  }

  logWhole(publisher: Publisher, source: Buffer, walk: FrameWalk, classIndex: number, moment: Moment): RoomFrame {
    const frame = new RoomFrame(walk.kind, classIndex, publisher);
    frame.final = walk.final;
    frame.takeOnce(source, walk.payloadStart, walk.bodyEnd);
    frame.admittedMs = moment.nowMs;
    frame.ts = moment.ts;
    frame.unsettled = true;
    this.addToLog(frame);
    return frame;
  }

  addToLog(frame: RoomFrame): void {
    frame.position = this.log.head;
    this.log.append(frame);
  }

  prompt(): void {
    this.#clock.prompt(this);
  }

  tick(): void {
    this.#clock.tick(this);
  }

  #dropValue(frame: RoomFrame, outcome: number): void {
    this.live.drop(frame, outcome);
    frame.publisher.forgetKeyOf(frame);
  }
}
