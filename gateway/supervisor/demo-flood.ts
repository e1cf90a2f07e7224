/**
 * The demo's flood: real agents in a process of their own, started and stopped from the demo page.
 *
 * They run at the metadata plane's low priority: they stand for other machines, which would take none of this one's
 * CPU. Invariant: at most one flood at a time; a new one takes the old one's place.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FLOOD_MS, type FloodCount, type FloodOrder, type FloodTarget, type FloodWish } from '../agents/flood-wish.ts';
import { type PermittedSteps, withPriority } from './process-priority.ts';

const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const FLOOD_MAIN = fileURLToPath(new URL(`../agents/flood-main.${EXTENSION}`, import.meta.url));

/** What can be said of the flood; `wish` and `count` are null before the first. */
export interface FloodStatus {
  readonly running: boolean;
  readonly wish: FloodWish | null;
  readonly count: FloodCount | null;
  readonly remainingMs: number;
}

export class DemoFlood {
  readonly #target: FloodTarget;
  readonly #permitted: PermittedSteps;
  readonly #durationMs: number;
  #child: ChildProcess | null = null;
  #wish: FloodWish | null = null;
  #count: FloodCount | null = null;
  #endsMs = 0;

  /** A flood ends by itself after `durationMs`, which is at most `FLOOD_MS`. */
  constructor(target: FloodTarget, permitted: PermittedSteps, durationMs = FLOOD_MS) {
    this.#target = target;
    this.#permitted = permitted;
    this.#durationMs = durationMs;
  }

  status(): FloodStatus {
    const running = this.#child !== null;
    const remainingMs = running ? Math.max(0, Math.round(this.#endsMs - performance.now())) : 0;
    return { running, wish: this.#wish, count: this.#count, remainingMs };
  }

  /** Starts one, in place of the one that runs. */
  start(wish: FloodWish): FloodStatus {
    this.stop();
    const order: FloodOrder = { wish, target: this.#target, durationMs: this.#durationMs };
    const node = [process.execPath, FLOOD_MAIN];
    const [command = '', ...rest] = withPriority('metadata', this.#permitted, node);
    const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    // Not as an argument, which every user of the machine can read: it holds the API secret.
    child.send(order, () => undefined);
    this.#child = child;
    this.#wish = wish;
    this.#count = null;
    this.#endsMs = performance.now() + this.#durationMs;
    child.on('message', (count: FloodCount) => {
      if (this.#child === child) this.#count = count;
    });
    const ended = () => {
      if (this.#child === child) this.#child = null;
    };
    child.once('exit', ended);
    child.once('error', ended);
    return this.status();
  }

  /** Ends the one that runs, at once. */
  stop(): FloodStatus {
    this.#child?.kill('SIGKILL');
    this.#child = null;
    return this.status();
  }
}
