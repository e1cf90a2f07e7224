/**
 * What a room holds: its streams with their open caption segments, its keyed values, and the log of everything that
 * must be delivered whole and in order.
 *
 * `admit` either queues the frame (returns `QUEUED`) or says how it ended at once. A queued frame is settled exactly
 * once: delivered, merged into a newer one, evicted or undeliverable.
 */
import { RoomLog } from '../../../backpressure/room-log.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import { ActiveLadder } from '../../ladder/active-ladder.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import { RoomCaptions } from '../captions/room-captions.ts';
import type { Subscriber } from '../delivery/subscriber.ts';
import { SubscriberGroups } from '../delivery/subscriber-groups.ts';
import { AgentTurns } from '../texts/agent-turns.ts';
import { AppendedTexts } from '../texts/appended-texts.ts';
import type { Arrival } from './arrival.ts';
import { KeyedValues } from './keyed-values.ts';
import { LiveFrames } from './live-frames.ts';
import { MODEL, ModelStates } from './model-states.ts';
import type { Publisher } from './publisher.ts';
import { RepeatedMessages } from './repeated-messages.ts';
import { RoomDue } from './room-due.ts';
import { beginFrame, type Moment, RoomFrame, settleFrame } from './room-frame.ts';
import { QUEUED, type RoomParts } from './room-parts.ts';

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
  #publishers = 0;
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
  readonly #values: KeyedValues;
  readonly #texts: AppendedTexts;
  readonly #captions: RoomCaptions;
  readonly #turns: AgentTurns;
  readonly #models = new ModelStates(this);
  readonly #repeated: RepeatedMessages;

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
    /** How long a publisher may take to come back and say again what it was not told had come. */
    resumeMs: number;
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
    this.#values = new KeyedValues(this, options.mostKeys);
    this.#repeated = new RepeatedMessages(options.policy, options.mostKeys, options.resumeMs);
    this.live = new LiveFrames(options.mostKeys, options.mostLiveBytes, options.counters, this.groups);
    this.#texts = new AppendedTexts(this);
    this.#captions = new RoomCaptions(this, this.#texts, options.mostKeys);
    this.#turns = new AgentTurns(this, this.#texts, options.mostKeys);
  }

  /** Puts a frame that has been charged where its kind belongs. Returns its outcome, or `QUEUED`. */
  admit(arrival: Arrival): number {
    const { walk } = arrival;
    if (walk.kind === Kind.caption) return this.#captions.admit(arrival);
    if (walk.kind === Kind.agentTurn) return this.#turns.admit(arrival);
    if (walk.kind === Kind.modelState) {
      // Where its publisher does not number them, a model's states are events.
      return walk.uint32(MODEL.version) > 0 ? this.#models.admit(arrival) : this.#admitEvent(arrival);
    }
    if (this.policy.conflateByKind[walk.kind] === 1) return this.#values.admit(arrival);
    return this.#admitEvent(arrival);
  }

  /** Whether a fragment is of a turn that is under way. */
  turnIsOpen(arrival: Arrival): boolean {
    return this.#turns.isOpen(arrival);
  }

  /** Ends the turn of a fragment that may not come; false when it is not open. */
  cutTurnOff(arrival: Arrival): boolean {
    return this.#turns.cutOff(arrival);
  }

  /** What somebody who has nothing needs of the models' states that stood in the log before `position`. */
  modelStatesBefore(position: number): RoomFrame[] {
    return this.#models.before(position);
  }

  /** Somebody who may publish has come. */
  enter(): void {
    this.#publishers++;
  }

  /** He has gone: his keyed values go with him, his segments stay until they end or time out. */
  leave(publisher: Publisher): void {
    this.#publishers--;
    this.#values.dropAllOf(publisher);
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
    for (const frame of stale) if (frame.appended === null) this.#values.drop(frame, Outcome.evicted_stale);
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
      this.#values.drop(frame, outcome);
    }
  }

  /** Settles a waiting frame, once. */
  settle(frame: RoomFrame, outcome: number): void {
    settleFrame(this.counters, frame, outcome);
  }

  get empty(): boolean {
    return this.#publishers === 0 && this.groups.size === 0 && this.detached.size === 0;
  }

  logWhole({ publisher, source, walk, classIndex, moment }: Arrival): RoomFrame {
    const frame = new RoomFrame(walk.kind, classIndex, publisher);
    frame.final = walk.final;
    frame.takeOnce(source, walk.payloadStart, walk.bodyEnd);
    frame.admittedMs = moment.nowMs;
    frame.ts = moment.ts;
    beginFrame(this.counters, frame, this.groups.size);
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

  lead(frame: RoomFrame): void {
    if (this.ladder.pressed) {
      if (this.live.touch(frame)) this.tick();
      return;
    }
    this.live.lead(frame);
    this.prompt();
  }

  tick(): void {
    this.#clock.tick(this);
  }

  /** Anything that is delivered whole and in order. */
  #admitEvent(arrival: Arrival): number {
    const { source, walk, moment } = arrival;
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    if (this.#repeated.cameBefore(arrival)) return Outcome.merged;
    const frame = this.logWhole(arrival);
    frame.expiresMs = moment.nowMs + this.policy.ttlMsByKind[walk.kind]!;
    if (PROMPT_KINDS.includes(walk.kind)) this.prompt();
    else this.tick();
    return QUEUED;
  }
}
