/**
 * When rooms write. One loop serves all rooms of a worker in slices of about a millisecond, longer where reading takes
 * longer, so that reading sockets and writing rooms take turns.
 *
 *     tick:   every room with something waiting, at its own phase of the tick
 *     prompt: rooms with something that may not wait, at the end of the event-loop turn, at most every PROMPT_GAP_MS
 *     turn:   which of the rooms that are due writes next, and how much, says the queue of writes (write-queue.ts)
 *
 * Invariants: a room that is due waits in every class of which it has something; its write takes everything that is due
 * when it begins; a room has one write at a time, and what falls due meanwhile follows it.
 */
import { TickWheel } from '../../../backpressure/tick-wheel.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { Room, RoomClock } from '../rooms/room.ts';
import { dueClasses } from '../rooms/room-due.ts';
import type { DeliveryContext } from './delivery.ts';
import { Flush } from './flush.ts';
import { type LoopCalls, NODE_LOOP } from './loop-calls.ts';
import { FairWriteQueue, type WriteQueue } from './write-queue.ts';
import { WriteWaits } from './write-waits.ts';

/** Least time between two prompt writes of one room. */
const PROMPT_GAP_MS = 20;
const SLICE_MS = 1;
const MOST_SLICE_MS = 10;
/** Phases per tick. */
const SLOTS = 20;

type DispatcherPolicy = Pick<Policy, 'tickMs' | 'shares' | 'tierByTenant' | 'classByKind'>;

export class Dispatcher implements RoomClock {
  #wheel: TickWheel<Room>;
  #tickMs: number;
  readonly #policy: DispatcherPolicy;
  readonly #context: DeliveryContext;
  readonly #clock: () => number;
  readonly #queue: WriteQueue;
  readonly #loop: LoopCalls;
  readonly #waits = new WriteWaits();
  readonly #due: Room[] = [];
  readonly #classes: number[] = [];
  #prompts: Room[] = [];
  /** The room whose turn is not over, and the class it has it in. */
  #current: Room | null = null;
  #currentClass = 0;
  /** When the last slice ended with more to write, by the clock, ms; Infinity: with nothing. */
  #leftMs = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | null = null;
  #cancelSoon: (() => void) | null = null;
  #stopped = false;

  /** `policy`: the one in force; `clock`: monotonic ms, read a few times per slice. */
  constructor(
    policy: DispatcherPolicy,
    context: DeliveryContext,
    clock: () => number,
    { queue = new FairWriteQueue(policy), loop = NODE_LOOP }: { queue?: WriteQueue; loop?: LoopCalls } = {},
  ) {
    this.#policy = policy;
    this.#tickMs = policy.tickMs;
    this.#wheel = new TickWheel(policy.tickMs, SLOTS, clock());
    this.#context = context;
    this.#clock = clock;
    this.#queue = queue;
    this.#loop = loop;
  }

  phaseOf(hash: number): number {
    return this.#wheel.phaseOf(hash);
  }

  prompt(room: Room): void {
    if (room.waitsForPrompt) return;
    room.waitsForPrompt = true;
    this.#prompts.push(room);
    this.#runSoon();
  }

  tick(room: Room): void {
    if (room.waitsForTick) return;
    room.waitsForTick = true;
    this.#wheel.wait(room, room.phase, this.#clock());
    this.#arm();
  }

  /** Gives up what is kept about a room that is no more. False, and nothing happens, while it still has to write. */
  forget(room: Room): boolean {
    if (room.flushing || room.waitsForTick || room.waitsForPrompt) return false;
    this.#queue.forget(room);
    return true;
  }

  /** Another policy is in force, or another tick: rooms that wait for one do so for their next boundary in it. */
  adopt(tickMs: number): void {
    this.#queue.adopt();
    if (tickMs === this.#tickMs) return;
    this.#tickMs = tickMs;
    const nowMs = this.#clock();
    const waiting = this.#wheel.leave();
    this.#wheel = new TickWheel(tickMs, SLOTS, nowMs);
    for (const room of waiting) this.#wheel.wait(room, room.phase, nowMs);
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#arm();
  }

  /** How long due rooms have waited since the last call, ms: the plane's queue delay, as `WriteWaits` has it. */
  takeWaits(): { longestMs: number; usualMs: number } {
    return this.#waits.take(this.#clock());
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#cancelSoon?.();
    this.#cancelTimer = null;
    this.#cancelSoon = null;
  }

  #run(): void {
    const nowMs = this.#clock();
    this.#takeDue(nowMs);
    this.#takePrompts(nowMs);
    // As long as sockets were read while writes waited: however much there is to read, half of the time is theirs.
    this.#serve(nowMs, nowMs + Math.max(SLICE_MS, Math.min(MOST_SLICE_MS, nowMs - this.#leftMs)));
    const more = this.#current !== null || this.#queue.size > 0;
    this.#leftMs = more ? this.#clock() : Number.POSITIVE_INFINITY;
    if (more) this.#runSoon();
    else this.#arm();
  }

  #takeDue(nowMs: number): void {
    const lateMs = this.#wheel.advance(nowMs, this.#due);
    for (const room of this.#due) {
      room.waitsForTick = false;
      room.due.boundaryMs = this.#wheel.boundaryMs(room.phase, nowMs);
      this.#fallDue(room, nowMs - lateMs, nowMs);
    }
    this.#due.length = 0;
  }

  #takePrompts(nowMs: number): void {
    let kept = 0;
    for (const room of this.#prompts) {
      if (nowMs - room.promptedMs < PROMPT_GAP_MS) {
        this.#prompts[kept++] = room;
        continue;
      }
      room.waitsForPrompt = false;
      room.promptedMs = nowMs;
      this.#fallDue(room, nowMs, nowMs);
    }
    this.#prompts.length = kept;
  }

  #fallDue(room: Room, sinceMs: number, nowMs: number): void {
    room.flushing = true;
    this.#waits.begin(room, sinceMs);
    this.#enqueue(room, nowMs);
  }

  /** Lets a due room wait in every class of which it has something, and if it has nothing, as it did before. */
  #enqueue(room: Room, nowMs: number): void {
    const { due } = room;
    dueClasses(room, due.boundaryMs !== null, this.#classes);
    if (this.#classes.length === 0) {
      this.#classes.push(due.classIndex < 0 ? this.#policy.classByKind[Kind.caption]! : due.classIndex);
    }
    due.classIndex = this.#classes[0]!;
    let waits = due.flush !== null;
    for (const classIndex of this.#classes) {
      if (this.#queue.offer(room, classIndex, due.flush?.left ?? room.groups.size, nowMs)) waits = true;
    }
    if (waits) return;
    // The queue is full: another tick will come.
    this.#waits.forget(room);
    due.boundaryMs = null;
    room.flushing = false;
    this.tick(room);
  }

  #serve(fromMs: number, untilMs: number): void {
    let nowMs = fromMs;
    while (nowMs < untilMs) {
      const room = this.#current ?? this.#begin(nowMs);
      if (room === null) return;
      const flush = room.due.flush!;
      const done = flush.serve(this.#clock, untilMs);
      // Else the slice is over before the turn is.
      this.#current = done || flush.allowance <= 0 ? null : room;
      nowMs = this.#clock();
      if (done) this.#end(room, flush.allowance, nowMs);
      else if (this.#current === null) this.#queue.goOn(room, this.#currentClass, flush.left, nowMs);
    }
  }

  /** The room whose turn is next, with a write that may go on for as long as the turn says; null: none is due. */
  #begin(nowMs: number): Room | null {
    const turn = this.#queue.take(nowMs);
    if (turn === null) return null;
    const { room, classIndex, deliveries } = turn;
    this.#currentClass = classIndex;
    const { due } = room;
    if (due.flush === null) {
      due.flush = new Flush(room, due.boundaryMs, this.#context, nowMs);
      due.boundaryMs = null;
      this.#waits.end(room, nowMs);
      // What was due in them leaves with this write.
      this.#queue.withdraw(room, classIndex);
    }
    due.flush.allowance = deliveries;
    return room;
  }

  #end(room: Room, unused: number, nowMs: number): void {
    const { due } = room;
    due.flush = null;
    if (unused > 0) this.#queue.refund(room, this.#currentClass, unused);
    this.#queue.withdraw(room);
    room.flushing = due.sinceMs >= 0;
    if (room.flushing) this.#enqueue(room, nowMs);
    if (!room.wantsTick) return;
    room.wantsTick = false;
    this.tick(room);
  }

  #runSoon(): void {
    if (this.#cancelSoon !== null || this.#stopped) return;
    this.#cancelSoon = this.#loop.soon(() => {
      this.#cancelSoon = null;
      this.#run();
    });
  }

  #arm(): void {
    if (this.#cancelTimer !== null || this.#stopped) return;
    if (this.#wheel.waiting === 0 && this.#prompts.length === 0) return;
    const nowMs = this.#clock();
    let inMs = this.#wheel.nextInMs(nowMs);
    if (this.#prompts.length > 0) inMs = Math.min(inMs, PROMPT_GAP_MS / 4);
    this.#cancelTimer = this.#loop.after(Math.ceil(inMs), () => {
      this.#cancelTimer = null;
      this.#run();
    });
  }
}
