/**
 * When rooms write. One loop serves all rooms of a worker in slices of about a millisecond, so that reading sockets
 * and writing rooms take turns.
 *
 *     tick:   every room with something waiting, at its own phase of the tick
 *     prompt: rooms with something that may not wait, at the end of the event-loop turn, at most every PROMPT_GAP_MS
 *
 * Invariant: a room is in the queue at most once; a room being served is not begun again.
 */
import { TickWheel } from '../../backpressure/tick-wheel.ts';
import type { DeliveryContext } from './delivery.ts';
import { Flush } from './flush.ts';
import type { Room, RoomClock } from './room.ts';

/** Least time between two prompt writes of one room. */
const PROMPT_GAP_MS = 20;
const SLICE_MS = 1;
/** Phases per tick. */
const SLOTS = 20;

export class Dispatcher implements RoomClock {
  /** Waits of due rooms for their turn since `takeWaits`, ms. */
  #longestMs = 0;
  #sumMs = 0;
  #waits = 0;
  #wheel: TickWheel<Room>;
  #tickMs: number;
  readonly #context: DeliveryContext;
  readonly #clock: () => number;
  readonly #due: Room[] = [];
  /** `boundaryMs`: null where the room was prompted. */
  #queue: { room: Room; boundaryMs: number | null; sinceMs: number }[] = [];
  #queueAt = 0;
  #prompts: Room[] = [];
  #current: Flush | null = null;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #stopped = false;

  /** `clock`: monotonic ms, read a few times per slice. */
  constructor(tickMs: number, context: DeliveryContext, clock: () => number) {
    this.#tickMs = tickMs;
    this.#wheel = new TickWheel(tickMs, SLOTS, clock());
    this.#context = context;
    this.#clock = clock;
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

  /** Another tick holds from now on: rooms that wait do so for their next boundary in it. */
  adopt(tickMs: number): void {
    if (tickMs === this.#tickMs) return;
    this.#tickMs = tickMs;
    const nowMs = this.#clock();
    const waiting = this.#wheel.leave();
    this.#wheel = new TickWheel(tickMs, SLOTS, nowMs);
    for (const room of waiting) this.#wheel.wait(room, room.phase, nowMs);
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#arm();
  }

  /**
   * How long due rooms have waited for their turn since the last call, ms: the longest, and the average. The first room
   * that still waits counts in both, if that makes them more: the plane's queue delay.
   */
  takeWaits(): { longestMs: number; usualMs: number } {
    const oldest = this.#queue[this.#queueAt];
    const headMs = oldest ? this.#clock() - oldest.sinceMs : 0;
    const waits = {
      longestMs: Math.max(this.#longestMs, headMs),
      usualMs: Math.max(this.#waits === 0 ? 0 : this.#sumMs / this.#waits, headMs),
    };
    this.#longestMs = 0;
    this.#sumMs = 0;
    this.#waits = 0;
    return waits;
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
  }

  #run(): void {
    const nowMs = this.#clock();
    this.#takeDue(nowMs);
    this.#takePrompts(nowMs);
    this.#serve(nowMs + SLICE_MS);
    if (this.#current !== null || this.#queueAt < this.#queue.length) this.#runSoon();
    else this.#arm();
  }

  #takeDue(nowMs: number): void {
    const lateMs = this.#wheel.advance(nowMs, this.#due);
    for (const room of this.#due) {
      room.waitsForTick = false;
      if (room.flushing) this.tick(room);
      else this.#enqueue(room, this.#wheel.boundaryMs(room.phase, nowMs), nowMs - lateMs);
    }
    this.#due.length = 0;
  }

  #takePrompts(nowMs: number): void {
    let kept = 0;
    for (const room of this.#prompts) {
      if (room.flushing || nowMs - room.promptedMs < PROMPT_GAP_MS) {
        this.#prompts[kept++] = room;
        continue;
      }
      room.waitsForPrompt = false;
      room.promptedMs = nowMs;
      this.#enqueue(room, null, nowMs);
    }
    this.#prompts.length = kept;
  }

  #enqueue(room: Room, boundaryMs: number | null, sinceMs: number): void {
    room.flushing = true;
    this.#queue.push({ room, boundaryMs, sinceMs });
  }

  #serve(untilMs: number): void {
    for (;;) {
      if (this.#current === null) {
        const next = this.#queue[this.#queueAt];
        if (next === undefined) break;
        this.#queueAt++;
        const nowMs = this.#clock();
        const waitMs = nowMs - next.sinceMs;
        this.#longestMs = Math.max(this.#longestMs, waitMs);
        this.#sumMs += waitMs;
        this.#waits++;
        this.#current = new Flush(next.room, next.boundaryMs, this.#context, nowMs);
      }
      if (!this.#current.serve(this.#clock, untilMs)) return;
      const { room } = this.#current;
      this.#current = null;
      room.flushing = false;
      if (room.wantsTick) {
        room.wantsTick = false;
        this.tick(room);
      }
      if (this.#clock() >= untilMs) return;
    }
    this.#queue = [];
    this.#queueAt = 0;
  }

  #runSoon(): void {
    if (this.#immediate !== null || this.#stopped) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = null;
      this.#run();
    });
  }

  #arm(): void {
    if (this.#timer !== null || this.#stopped) return;
    if (this.#wheel.waiting === 0 && this.#prompts.length === 0) return;
    const nowMs = this.#clock();
    let inMs = this.#wheel.nextInMs(nowMs);
    if (this.#prompts.length > 0) inMs = Math.min(inMs, PROMPT_GAP_MS / 4);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, Math.ceil(inMs));
  }
}
