/**
 * Watches the machine itself: one process per CPU, before all others there, that does nothing but look at the clock. When
 * it is late, no program could have run in time, whoever wrote it: the machine stood still.
 */
import { availableParallelism } from 'node:os';
import { monotonicMs } from '../clock.ts';
import { realTimeIsPermitted } from './load-priority.ts';
import { answerCalls, LoadProcess } from './load-process.ts';

/** How often a process looks, ms: rarely enough to cost next to nothing. */
const LOOK_MS = 2;
/** What timers are late by themselves, ms. */
const GRAIN_MS = 3;

/** What the machine kept from everybody since it was asked last. */
export interface MachineStalls {
  /** The longest, ms, on any CPU. */
  readonly longestMs: number;
  /** All that were longer than a timer's grain, ms, on the CPU that had most of them. */
  readonly sumMs: number;
}

type WatchCalls = { take(nothing: null): MachineStalls };

/** Watches every CPU until stopped. */
export class StallWatch {
  readonly #watches: readonly LoadProcess<WatchCalls>[];

  private constructor(watches: readonly LoadProcess<WatchCalls>[]) {
    this.#watches = watches;
  }

  /** Null where no process may go before all others: a late one would prove nothing. */
  static start(): StallWatch | null {
    if (!realTimeIsPermitted()) return null;
    const module = new URL(import.meta.url);
    const cpus = Array.from({ length: availableParallelism() }, (_, cpu) => cpu);
    return new StallWatch(cpus.map((cpu) => new LoadProcess<WatchCalls>(module, `watch of CPU ${cpu}`, 'watch', cpu)));
  }

  /** What was lost since the last call. */
  async take(): Promise<MachineStalls> {
    const seen = await Promise.all(this.#watches.map((watch) => watch.call('take', null)));
    return {
      longestMs: Math.max(...seen.map(({ longestMs }) => longestMs)),
      sumMs: Math.max(...seen.map(({ sumMs }) => sumMs)),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.stop()));
  }
}

/** What one process saw, by how much later than every `lookMs` it looked. Pure. */
export class StallCount {
  #longestMs = 0;
  #sumMs = 0;
  #dueMs: number;
  readonly #lookMs: number;

  constructor(lookMs: number, nowMs: number) {
    this.#lookMs = lookMs;
    this.#dueMs = nowMs + lookMs;
  }

  /** It looked. */
  look(nowMs: number): void {
    const lateMs = nowMs - this.#dueMs;
    this.#dueMs = nowMs + this.#lookMs;
    this.#longestMs = Math.max(this.#longestMs, lateMs);
    if (lateMs > GRAIN_MS) this.#sumMs += lateMs;
  }

  /** What was lost since the last call. */
  take(): MachineStalls {
    const seen = { longestMs: this.#longestMs, sumMs: this.#sumMs };
    this.#longestMs = 0;
    this.#sumMs = 0;
    return seen;
  }
}

if (process.argv[1] === import.meta.filename && process.send) {
  const count = new StallCount(LOOK_MS, monotonicMs());
  const look = () => {
    count.look(monotonicMs());
    setTimeout(look, LOOK_MS);
  };
  setTimeout(look, LOOK_MS);
  const calls: WatchCalls = { take: () => count.take() };
  answerCalls(calls);
}
