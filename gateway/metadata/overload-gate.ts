/**
 * Lets frames that have been charged pass, or refuses them when the worker has more to do than it can: the overload cursor
 * with what this worker knows of its frames and of its own lateness.
 *
 *     delay = max(usual wait of rooms for their turn, of the first one so far, usual lateness of the event loop),
 *             0 while the worker is not busy half of the time: then it waits for the machine
 *
 * Invariants: finals, moderation, feedback and signalling pass; what is refused here has been charged, for it was sent.
 */
import { CURSOR_WINDOW_MS, OverloadCursor } from '../../backpressure/overload-cursor.ts';
import type { Policy } from '../../classes/policy.ts';
import { NEVER_STALE } from '../../classes/policy-kinds.ts';
import { isMetadata, KIND_COUNT, Kind } from '../../schemas/kinds.ts';
import { ActiveLadder, type LadderTables } from '../ladder/active-ladder.ts';
import { BUSY_SHARE, LoopLateness } from '../telemetry/loop-lateness.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import type { Publisher } from './publisher.ts';

/** What a publisher that was refused is told to wait: by then other windows have passed. */
export const OVERLOAD_RETRY_MS = 4 * CURSOR_WINDOW_MS;
/** The same for a class that the ladder has turned off. */
export const SHED_RETRY_MS = 1000;
const HOUR_MS = 3_600_000;

/** 1 where frames of the kind are never refused. */
const EXEMPT = new Uint8Array(KIND_COUNT);
for (let kind = 0; kind < KIND_COUNT; kind++) if (!isMetadata(kind)) EXEMPT[kind] = 1;
for (const name of NEVER_STALE) EXEMPT[Kind[name]] = 1;

export class OverloadGate {
  /** The slower answer to overload, which refuses by kind and class. */
  readonly ladder: ActiveLadder;
  readonly #policy: Pick<Policy, 'importance'>;
  readonly #counters: Pick<PlaneCounters, 'queued'>;
  readonly #cursor: OverloadCursor;
  readonly #lateness = new LoopLateness();
  #queuedBefore = 0;
  #delaySumMs = 0;
  #windows = 0;

  /** `ts`: wall clock, ms. */
  constructor(
    policy: Pick<Policy, 'importance'> & LadderTables,
    counters: Pick<PlaneCounters, 'queued'>,
    ts: number,
    ladder = new ActiveLadder(policy),
  ) {
    this.ladder = ladder;
    this.#policy = policy;
    this.#counters = counters;
    this.#cursor = new OverloadCursor(Math.floor(ts / HOUR_MS));
  }

  /** Begins to watch the event loop. */
  start(): void {
    this.#lateness.start();
  }

  stop(): void {
    this.#lateness.stop();
  }

  /** Whether one frame of a publisher may pass. */
  admits(publisher: Publisher, kind: number, classIndex: number, final: boolean): boolean {
    if (!final && EXEMPT[kind] === 0) {
      const level = this.#policy.importance[classIndex] ?? 0;
      return this.#cursor.admits(level, publisher.tenantHash, publisher.sessionHash);
    }
    this.#cursor.exempt();
    return true;
  }

  /** Every `CURSOR_WINDOW_MS`: `waitMs` is the usual wait of rooms for their turn, `ts` the wall clock, ms. */
  endWindow(waitMs: number, ts: number): void {
    let queued = 0;
    for (const count of this.#counters.queued) queued += count;
    // What was let in and does not wait any more has been done.
    const served = Math.max(0, this.#cursor.admitted - (queued - this.#queuedBefore));
    this.#queuedBefore = queued;
    const latenessMs = this.#lateness.takeMs();
    const delayMs = this.#lateness.utilisation < BUSY_SHARE ? 0 : Math.max(waitMs, latenessMs);
    this.#delaySumMs += delayMs;
    this.#windows++;
    this.#cursor.endWindow(delayMs, served, Math.floor(ts / HOUR_MS));
  }

  /** The usual delay since this was asked last, ms. */
  takeDelayMs(): number {
    const delayMs = this.#windows === 0 ? 0 : this.#delaySumMs / this.#windows;
    this.#delaySumMs = 0;
    this.#windows = 0;
    return delayMs;
  }
}
