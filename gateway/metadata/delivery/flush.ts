/**
 * One write of a room to its subscribers: what leaves is fixed when the flush begins, then members are served a few
 * at a time, so that a large room does not hold the loop.
 *
 *     begin: log [emittedHead, head) and waiting live frames → messages per group
 *     serve: current members get the messages; those behind catch up (at a tick) or wait
 *     end:   the log lets go of what everybody has
 *
 * Invariant: only one flush of a room is under way at a time.
 */
import { CloseCode } from '../../../schemas/close-codes.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import { CaptionDifference } from '../captions/caption-difference.ts';
import type { Room } from '../rooms/room.ts';
import { leaveFrame, type RoomFrame } from '../rooms/room-frame.ts';
import {
  advance,
  block,
  catchUp,
  type Delivery,
  type DeliveryContext,
  deliver,
  isFit,
  isInterim,
  prepare,
  settleDelivered,
  wants,
} from './delivery.ts';
import type { Subscriber } from './subscriber.ts';
import type { SubscriberGroup } from './subscriber-groups.ts';

interface GroupWork {
  readonly group: SubscriberGroup;
  readonly delivery: Delivery;
  /** Frames of which who cannot take them now will only ever be given what they have become by then. */
  readonly live: number;
  /** Each frame's row of the counters. */
  readonly rows: readonly number[];
  /** Members who have not been served. */
  unserved: number;
}

/** Members served between two looks at the clock. */
const MEMBERS_PER_LOOK = 16;

export class Flush {
  readonly room: Room;
  readonly #context: DeliveryContext;
  readonly #tick: boolean;
  readonly #flush: number;
  readonly #fromPosition: number;
  readonly #work: GroupWork[] = [];
  #groupIndex = 0;
  #memberIndex = 0;
  /** Messages that `serve` may still send; whoever limits them sets it before each call. */
  allowance = Number.POSITIVE_INFINITY;

  /**
   * Fixes what leaves. `boundaryMs`: the tick's time, when everything that waits leaves; null: only the log and what
   * may not wait for the tick.
   */
  constructor(room: Room, boundaryMs: number | null, context: DeliveryContext, nowMs: number) {
    this.room = room;
    this.#context = context;
    this.#tick = boundaryMs !== null;
    this.#flush = ++room.flushes;
    this.#fromPosition = room.emittedHead;
    room.emittedHead = room.log.head;
    const frames = this.#takeFrames(boundaryMs ?? nowMs, nowMs);
    for (const frame of frames) leaveFrame(context.counters, frame);
    for (const group of room.groups.all()) this.#work.push(this.#prepareFor(group, frames, nowMs));
    if (room.groups.interims !== 'all' && room.groups.size > 0) this.#settleLimited(frames);
    if (room.groups.size + room.detached.size > 0) return;
    for (const frame of frames) room.settle(frame, Outcome.undeliverable);
  }

  /** What is left to send, at most, as far as it is known: who catches up, or has no room, counts as one. */
  get left(): number {
    let left = 0;
    for (let index = this.#groupIndex; index < this.#work.length; index++) {
      const { group, delivery } = this.#work[index]!;
      const served = index === this.#groupIndex ? this.#memberIndex : 0;
      left += (group.members.length - served) * Math.max(1, delivery.messages.length);
    }
    return left;
  }

  /** Serves members until `untilMs` by `clock`, the end of its allowance, or the end; true when all have been served. */
  serve(clock: () => number, untilMs: number): boolean {
    const { counters } = this.#context;
    let sinceLook = 0;
    for (; this.#groupIndex < this.#work.length; this.#groupIndex++) {
      const work = this.#work[this.#groupIndex]!;
      const { group } = work;
      while (this.#memberIndex < group.members.length) {
        if (this.allowance <= 0) return false;
        if (++sinceLook >= MEMBERS_PER_LOOK) {
          sinceLook = 0;
          if (clock() >= untilMs) return false;
        }
        const member = group.members[this.#memberIndex]!;
        const sent = counters.writes;
        this.#serveMember(member, work, clock);
        this.#await(work, -1);
        this.allowance -= counters.writes - sent;
        // A member let go has been replaced at its place by the last one.
        if (group.members[this.#memberIndex] === member) this.#memberIndex++;
      }
      this.#memberIndex = 0;
    }
    this.#finish();
    return true;
  }

  /** Interims that the level of overload keeps from everybody end here; newer ones may leave again. */
  #settleLimited(frames: readonly RoomFrame[]): void {
    const groups = [...this.room.groups.all()];
    for (const frame of frames) {
      if (!frame.unsettled || !isInterim(frame) || groups.some(({ filter }) => wants(filter, frame))) continue;
      this.room.settle(frame, Outcome.evicted_ladder);
    }
  }

  /** So many more members are to be served. */
  #await(work: GroupWork, members: number): void {
    const { pending } = this.#context.counters;
    work.unserved += members;
    for (const row of work.rows) pending[row]! += members;
  }

  #takeFrames(boundaryMs: number, nowMs: number): RoomFrame[] {
    const { room } = this;
    const frames: RoomFrame[] = [];
    for (let position = this.#fromPosition; position < room.emittedHead; position++) {
      const frame = room.log.at(position);
      if (isFit(room, frame, nowMs)) frames.push(frame);
    }
    for (const frame of room.live.take(this.#tick, boundaryMs)) {
      if (!isFit(room, frame, nowMs)) continue;
      frame.emittedAt = this.#flush;
      frame.appended?.leaves(this.#flush);
      if (frame.kind === Kind.caption && frame.appended === null) this.#noteVersion(frame, nowMs);
      frames.push(frame);
    }
    if (room.live.waitsForTick) room.wantsTick = true;
    return frames;
  }

  /** Remembers what leaves of an open segment, where somebody takes differences to it. */
  #noteVersion(frame: RoomFrame, nowMs: number): void {
    const { groups, policy } = this.room;
    if (groups.takingDifferences === 0) frame.difference = null;
    else {
      frame.difference ??= new CaptionDifference();
      frame.difference.leaves(frame, this.#flush, policy.keyframeMs, nowMs);
    }
  }

  #prepareFor(group: SubscriberGroup, all: readonly RoomFrame[], nowMs: number): GroupWork {
    const frames = all.filter((frame) => wants(group.filter, frame));
    const someoneReady = group.members.some(
      (member) => this.#isCurrent(member) && member.hasRoom(this.#context.unackedBytes),
    );
    if (someoneReady) settleDelivered(this.room, frames, this.#context, nowMs);
    const form = { json: group.json, differences: group.differences, since: this.#flush - 1 };
    const { counters } = this.#context;
    counters.spared += (all.length - frames.length) * group.members.length;
    const live = frames.reduce((count, { position }) => (position < 0 ? count + 1 : count), 0);
    const rows = frames.map(({ classIndex }) => counters.row(classIndex));
    const delivery = prepare(frames, form, this.#fromPosition, this.room.emittedHead);
    const work = { group, delivery, live, rows, unserved: 0 };
    this.#await(work, group.members.length);
    return work;
  }

  /** Whether the member has everything that left before this flush. */
  #isCurrent(member: Subscriber): boolean {
    return member.cursor === this.#fromPosition && member.seenFlush === this.#flush - 1;
  }

  #serveMember(member: Subscriber, { delivery, live }: GroupWork, clock: () => number): void {
    // One that joined or caught up while this flush was under way has it all.
    if (member.seenFlush >= this.#flush) return;
    const current = this.#isCurrent(member);
    if (current && delivery.messages.length === 0) advance(member, this.room);
    else if (current && member.hasRoom(this.#context.unackedBytes)) deliver(member, delivery, this.room, this.#context);
    else {
      this.#context.counters.spared += live;
      if (current) block(member, clock());
      else if (this.#tick) catchUp(member, this.room, this.#context, clock());
    }
  }

  /**
   * Lets go of log entries nobody can still ask for. When too much is left, no longer waits for acknowledgements, and
   * at last lets go of those who have not been sent it.
   */
  #finish(): void {
    // Who left meanwhile is not waited for.
    for (const work of this.#work) this.#await(work, -work.unserved);
    const { room } = this;
    const { roomLogBytes } = this.#context;
    const drop = (frame: RoomFrame): void => room.settle(frame, Outcome.undeliverable);
    room.log.trim(
      this.#slowest((member) => member.heldPosition),
      drop,
    );
    if (room.log.keptBytes > roomLogBytes)
      room.log.trim(
        this.#slowest((member) => member.cursor),
        drop,
      );
    while (room.log.keptBytes > roomLogBytes && room.log.base < room.emittedHead) {
      const { base } = room.log;
      const holders = [...room.detached].filter((member) => member.cursor <= base);
      for (const group of room.groups.all()) holders.push(...group.members.filter((member) => member.cursor <= base));
      for (const member of holders) this.#context.letGo(member, CloseCode.slowConsumer);
      room.log.trim(base + 1, drop);
    }
  }

  #slowest(positionOf: (member: Subscriber) => number): number {
    const { room } = this;
    let slowest = room.emittedHead;
    for (const group of room.groups.all()) {
      for (const member of group.members) {
        slowest = Math.min(slowest, positionOf(member));
        // A member that changed places while others were served may have been passed over.
        if (member.seenFlush < this.#flush && !member.behind) {
          member.behind = true;
          room.wantsTick = true;
        }
      }
    }
    for (const member of room.detached) slowest = Math.min(slowest, positionOf(member));
    return slowest;
  }
}
