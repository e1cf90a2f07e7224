/**
 * Keeps one process alive: starts it, and when it dies starts another after a backoff, until told to stop.
 *
 *   idle ──start──► running ──dies──► waiting ──backoff──► running …
 *                      └──stop (order, then SIGKILL)──► stopped
 *
 * Invariants: at most one process at a time; none is started after `stop`.
 */
import type { ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { Backoff, type BackoffTimes } from './backoff.ts';

/** Why a process ended, in words, and when the next one starts; null: none will. */
export interface Death {
  readonly reason: string;
  readonly restartMs: number | null;
}

/** What to keep alive and whom to tell. `died` runs before the backoff begins. */
export interface KeptProcessOptions {
  readonly spawn: () => ChildProcess;
  readonly times: BackoffTimes;
  readonly died: (death: Death) => void;
}

export class KeptProcess {
  readonly #options: KeptProcessOptions;
  readonly #backoff: Backoff;
  #child: ChildProcess | null = null;
  #timer: NodeJS.Timeout | undefined;
  #servingSinceMs: number | null = null;
  #stopping = false;
  #restarts = 0;
  #whenGone: (() => void)[] = [];

  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.times);
  }

  /** The process that runs now. */
  get child(): ChildProcess | null {
    return this.#child;
  }

  /** How often another one was started. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Starts the first process. */
  start(): void {
    const child = this.#options.spawn();
    this.#child = child;
    this.#servingSinceMs = null;
    child.once('error', (error) => {
      // A process that could not be started at all has no exit; one that could not be signalled still has.
      if (child.pid === undefined) this.#ended(child, error.message);
    });
    child.once('exit', (code, signal) => this.#ended(child, signal === null ? `exit code ${code}` : signal));
  }

  /** From now on the present process is of service: its stable life is counted from here. */
  serving(): void {
    this.#servingSinceMs ??= performance.now();
  }

  /** No restart from now on. The present process goes on until `stop` or its own end. */
  retire(): void {
    this.#stopping = true;
    clearTimeout(this.#timer);
  }

  /** Calls `order` to ask the process to end, kills it after `patienceMs`, and resolves when it is gone. */
  async stop(order: (child: ChildProcess) => void, patienceMs: number): Promise<void> {
    this.retire();
    const child = this.#child;
    if (child === null) return;
    order(child);
    const killer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await new Promise<void>((resolve) => this.#whenGone.push(resolve));
    clearTimeout(killer);
  }

  /** Kills the process at once. */
  kill(): void {
    this.retire();
    this.#child?.kill('SIGKILL');
  }

  #ended(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    const livedMs = this.#servingSinceMs === null ? 0 : performance.now() - this.#servingSinceMs;
    const restartMs = this.#stopping ? null : this.#backoff.died(livedMs);
    this.#options.died({ reason, restartMs });
    // Whoever was told may have retired this meanwhile.
    if (restartMs !== null && !this.#stopping) this.#timer = setTimeout(() => this.#restart(), restartMs);
    for (const resolve of this.#whenGone.splice(0)) resolve();
  }

  #restart(): void {
    this.#restarts++;
    this.start();
  }
}
