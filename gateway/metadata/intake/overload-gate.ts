/**
 * Lets frames that have been charged pass, or refuses them when the worker has more to do than it can: the overload cursor
 * with what this worker knows of its frames and of its own lateness.
 *
 *     delay = max(usual wait of rooms for their turn, of the first one so far, usual lateness of the event loop),
 *             0 while the worker is not busy half of the time: then it waits for the machine
 *
 * Invariants: finals, moderation, feedback and signalling pass; what is refused here has been charged, for it was sent.
 */
import { classShares } from '../../../backpressure/class-shares.ts';
import { CURSOR_WINDOW_MS, OverloadCursor } from '../../../backpressure/overload-cursor.ts';
import type { FirstLevel, OverloadLaw } from '../../../backpressure/overload-law.ts';
import type { Policy } from '../../../classes/policy.ts';
import { NEVER_STALE } from '../../../classes/policy-kinds.ts';
import { isMetadata, KIND_COUNT, Kind } from '../../../schemas/kinds.ts';
import { ActiveLadder, type LadderTables } from '../../ladder/active-ladder.ts';
import { BUSY_SHARE, LoopLateness } from '../../telemetry/loop-lateness.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { Publisher } from '../rooms/publisher.ts';

/** What a publisher that was refused is told to wait: by then other windows have passed. */
export const OVERLOAD_RETRY_MS = 4 * CURSOR_WINDOW_MS;
/** The same for a class that the ladder has turned off. */
export const SHED_RETRY_MS = 1000;
/** A frame to so many listeners makes twice the work of one that nobody listens to. */
const LISTENERS_PER_COST = 20;

/** 1 where frames of the kind are never refused. */
const EXEMPT = new Uint8Array(KIND_COUNT);
for (let kind = 0; kind < KIND_COUNT; kind++) if (!isMetadata(kind)) EXEMPT[kind] = 1;
for (const name of NEVER_STALE) EXEMPT[Kind[name]] = 1;

export class OverloadGate {
  /** The slower answer to overload, which refuses by kind and class. */
  readonly ladder: ActiveLadder;
  readonly #policy: Pick<Policy, 'importance' | 'shares'>;
  readonly #counters: Pick<PlaneCounters, 'deliveries' | 'spared' | 'pending'>;
  readonly #law: OverloadLaw;
  readonly #lateness = new LoopLateness();
  /** The shares that `#firstShare` was found in: those of the policy in force, whatever it becomes. */
  #sharesOf: Policy['shares'] | null = null;
  #firstShare = 0;
  /** Deliveries that were made, or need not be made, until this window. */
  #settledBefore = 0;
  /** Frames that have passed in this window. */
  #passed = 0;
  #delaySumMs = 0;
  #windows = 0;

  constructor(
    policy: Pick<Policy, 'importance' | 'shares'> & LadderTables,
    counters: Pick<PlaneCounters, 'deliveries' | 'spared' | 'pending'>,
    ladder = new ActiveLadder(policy),
    law: OverloadLaw = new OverloadCursor(),
  ) {
    this.ladder = ladder;
    this.#policy = policy;
    this.#counters = counters;
    this.#law = law;
  }

  /** Begins to watch the event loop. */
  start(): void {
    this.#lateness.start();
  }

  stop(): void {
    this.#lateness.stop();
  }

  /** Whether one frame of a publisher may pass to `listeners`. */
  admits(publisher: Publisher, kind: number, classIndex: number, final: boolean, listeners: number): boolean {
    const cost = 1 + listeners / LISTENERS_PER_COST;
    if (final || EXEMPT[kind] !== 0) this.#law.exempt(cost);
    else {
      const level = this.#policy.importance[classIndex] ?? 0;
      if (!this.#law.admits(level, publisher.tenantHash, publisher.sessionHash, cost)) return false;
    }
    this.#passed++;
    return true;
  }

  /** Every `CURSOR_WINDOW_MS`. `waitMs`: how long rooms usually waited for their turn. */
  endWindow(waitMs: number): void {
    const { deliveries, spared, pending } = this.#counters;
    const settled = deliveries.reduce((sum, count) => sum + count, spared);
    // Each frame that passed has been read; it is written when everybody has it who wants it.
    const served = this.#passed + (settled - this.#settledBefore) / LISTENERS_PER_COST;
    this.#settledBefore = settled;
    this.#passed = 0;
    const latenessMs = this.#lateness.takeMs();
    const { utilisation } = this.#lateness;
    const delayMs = utilisation < BUSY_SHARE ? 0 : Math.max(waitMs, latenessMs);
    this.#delaySumMs += delayMs;
    this.#windows++;
    this.#law.endWindow({
      delayMs,
      served,
      backlog: pending.reduce((sum, count) => sum + count, 0) / LISTENERS_PER_COST,
      latenessMs,
      stalledMs: this.#lateness.longestMs,
      rhythmMs: this.ladder.tickMs / 2,
      utilisation,
      first: this.#first(),
    });
    this.ladder.pressed = this.#law.limits;
  }

  /** What the most important classes have of the plane by their weights, and what of theirs waits. */
  #first(): FirstLevel {
    const { shares, importance } = this.#policy;
    const ofFirst = (values: ArrayLike<number>) =>
      importance.reduce((sum, level, index) => (level === 0 ? sum + (values[index] ?? 0) : sum), 0);
    if (shares !== this.#sharesOf) {
      this.#sharesOf = shares;
      this.#firstShare = ofFirst(classShares(shares.classes));
    }
    return { share: this.#firstShare, backlog: ofFirst(this.#counters.pending) / LISTENERS_PER_COST };
  }

  /** The usual delay since this was asked last, ms. */
  takeDelayMs(): number {
    const delayMs = this.#windows === 0 ? 0 : this.#delaySumMs / this.#windows;
    this.#delaySumMs = 0;
    this.#windows = 0;
    return delayMs;
  }
}
