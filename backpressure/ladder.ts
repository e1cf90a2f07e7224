/**
 * The ladder of overload (brownout): from load to a level, and from the level to what is given up.
 *
 *              breach for stepUpAfterMs                     breach: any trigger above its value
 *     level n ◄────────────────────────► level n + 1        calm:   all below calmShare of their values
 *              calm for stepDownAfterMs                     between them the level holds, and both waits begin anew
 *
 * Each further step waits as long again. Up is quick and down is slow, with a gap between them, so that a load which does
 * not change moves the level in one direction only. What a metric does not say counts as calm.
 *
 * Invariants: 0 ≤ level ≤ levels of the policy; one step per look at most; between two steps up lie at least stepUpAfterMs,
 * before a step down at least stepDownAfterMs of calm; while pinned, only `pin`, `unpin` and `adopt` move it.
 */
import { effectsByLevel, type LadderEffects, type LadderLevel } from './ladder-levels.ts';

/** What may be measured. Durations in ms, utilisation from 0 to 1. */
export const LADDER_TRIGGERS = [
  'controlP999Ms',
  'schedulerDelayMs',
  'loopDelayP99Ms',
  'loopUtilisation',
  'nodeQueueDepth',
  'inferenceP99Ms',
  'spendPerSecond',
] as const;
export type LadderTrigger = (typeof LADDER_TRIGGERS)[number];

/** Measurements, as far as there are any. */
export type LadderLoad = Readonly<Partial<Record<LadderTrigger, number | undefined>>>;

/** The section `ladder` of a policy. */
export interface LadderPolicy {
  /** The value above which each metric is in breach; those left out trigger nothing. */
  readonly triggers: LadderLoad;
  readonly stepUpAfterMs: number;
  readonly stepDownAfterMs: number;
  /** From 0 to 1. */
  readonly calmShare: number;
  readonly levels: readonly LadderLevel[];
}

export class Ladder {
  /** Why it went up last; null where it is at level 0 or was pinned there. */
  cause: LadderTrigger | null = null;
  #policy: LadderPolicy;
  #effects: readonly LadderEffects[];
  #level = 0;
  #pinned = false;
  /** Since when there has been breach, or calm, without a break; Infinity where there is none. */
  #breachSinceMs = Number.POSITIVE_INFINITY;
  #calmSinceMs = Number.POSITIVE_INFINITY;

  constructor(policy: LadderPolicy) {
    this.#policy = policy;
    this.#effects = effectsByLevel(policy.levels);
  }

  get level(): number {
    return this.#level;
  }

  get pinned(): boolean {
    return this.#pinned;
  }

  /** What is given up at present. */
  get effects(): LadderEffects {
    return this.#effects[this.#level]!;
  }

  /** Looks at the load, some ten times a second; returns whether the level changed. */
  observe(load: LadderLoad, nowMs: number): boolean {
    const breached = this.#breached(load);
    this.#breachSinceMs = breached === null ? Number.POSITIVE_INFINITY : Math.min(this.#breachSinceMs, nowMs);
    const calm = breached === null && this.#isCalm(load);
    this.#calmSinceMs = calm ? Math.min(this.#calmSinceMs, nowMs) : Number.POSITIVE_INFINITY;
    if (this.#pinned) return false;
    if (nowMs - this.#breachSinceMs >= this.#policy.stepUpAfterMs && this.#level < this.#effects.length - 1) {
      this.#level++;
      this.cause = breached;
      this.#breachSinceMs = nowMs;
      return true;
    }
    if (nowMs - this.#calmSinceMs >= this.#policy.stepDownAfterMs && this.#level > 0) {
      this.#level--;
      if (this.#level === 0) this.cause = null;
      this.#calmSinceMs = nowMs;
      return true;
    }
    return false;
  }

  /** Holds a level whatever the load. Throws a RangeError where the policy has no such level. */
  pin(level: number): void {
    if (!Number.isInteger(level) || level < 0 || level >= this.#effects.length) {
      throw new RangeError(`expected a level from 0 to ${this.#effects.length - 1}, found ${level}`);
    }
    this.#level = level;
    this.#pinned = true;
    this.cause = null;
  }

  /** Lets the load decide again, from the level that was pinned; every wait begins anew. */
  unpin(): void {
    this.#pinned = false;
    this.#beginWaits();
  }

  /** Takes another policy over at the same level, or its highest where it has fewer. */
  adopt(policy: LadderPolicy): void {
    this.#policy = policy;
    this.#effects = effectsByLevel(policy.levels);
    this.#level = Math.min(this.#level, policy.levels.length);
    this.#beginWaits();
  }

  #beginWaits(): void {
    this.#breachSinceMs = Number.POSITIVE_INFINITY;
    this.#calmSinceMs = Number.POSITIVE_INFINITY;
  }

  #breached(load: LadderLoad): LadderTrigger | null {
    for (const trigger of LADDER_TRIGGERS) {
      if ((load[trigger] ?? 0) > (this.#policy.triggers[trigger] ?? Number.POSITIVE_INFINITY)) return trigger;
    }
    return null;
  }

  #isCalm(load: LadderLoad): boolean {
    const { triggers, calmShare } = this.#policy;
    return LADDER_TRIGGERS.every(
      (trigger) => (load[trigger] ?? 0) < calmShare * (triggers[trigger] ?? Number.POSITIVE_INFINITY),
    );
  }
}
