/**
 * Budgets of model tokens and of money, at the levels at which frames are charged too.
 *
 *     turn of an agent ─► in debt anywhere? ──yes──► refused
 *                              └──no──► taken, then charged what it says it cost ─► perhaps debt
 *
 * What a turn costs is known only when it has come: it is charged afterwards and may run into debt, of at most a burst.
 * Until the debt is earned back, nothing that costs passes. Invariant: a level spends at most rate·W + burst in any window
 * W, and what the frames that ran it into debt cost beyond that, at most another burst.
 */
import { Buckets } from './buckets.ts';
import { LEVELS, type LimitByLevel } from './class-limits.ts';
import type { Policy } from './policy.ts';

const WIDTH = LEVELS.length;

export class AmountBudgets {
  /** By level; rows are those of the hierarchy. */
  readonly modelTokens: readonly Buckets[];
  readonly money: readonly Buckets[];
  #limited: readonly boolean[] = [];

  constructor(policy: Pick<Policy, 'classes'>) {
    this.modelTokens = LEVELS.map((_, level) => new Buckets(limitsAt(policy, 'modelTokens', level)));
    this.money = LEVELS.map((_, level) => new Buckets(limitsAt(policy, 'spend', level)));
    this.#compile(policy);
  }

  /** Whether anything in the class costs: if not, there is nothing to ask. */
  limits(classIndex: number): boolean {
    return this.#limited[classIndex] === true;
  }

  /** The innermost level that is in debt, -1 where none is. `rows`: of all flows, as in `FlowRows`. */
  debtor(rows: Int32Array, flow: number, classIndex: number, nowMs: number): number {
    for (let level = 0; level < WIDTH; level++) {
      if (this.#debtMs(rows, flow, classIndex, level, nowMs) > 0) return level;
    }
    return -1;
  }

  /** Ms until no level is in debt any more; 0: none is. */
  retryAfterMs(rows: Int32Array, flow: number, classIndex: number, nowMs: number): number {
    let longestMs = 0;
    for (let level = 0; level < WIDTH; level++) {
      longestMs = Math.max(longestMs, this.#debtMs(rows, flow, classIndex, level, nowMs));
    }
    return longestMs;
  }

  /** Charges what something cost, in model tokens and in the policy's currency. */
  charge(rows: Int32Array, flow: number, classIndex: number, modelTokens: number, money: number, nowMs: number): void {
    for (let level = 0; level < WIDTH; level++) {
      const row = rows[flow * WIDTH + level]!;
      if (row < 0) continue;
      const tokens = this.modelTokens[level]!;
      if (modelTokens > 0 && tokens.limits(classIndex)) tokens.chargeAnyway(row, classIndex, modelTokens, nowMs);
      const purse = this.money[level]!;
      if (money > 0 && purse.limits(classIndex)) purse.chargeAnyway(row, classIndex, money, nowMs);
    }
  }

  /** Goes by another policy; what is left of a budget stays the same part of it. */
  adopt(policy: Pick<Policy, 'classes'>, nowMs: number): void {
    this.modelTokens.forEach((buckets, level) => {
      buckets.adopt(limitsAt(policy, 'modelTokens', level), nowMs);
    });
    this.money.forEach((buckets, level) => {
      buckets.adopt(limitsAt(policy, 'spend', level), nowMs);
    });
    this.#compile(policy);
  }

  #debtMs(rows: Int32Array, flow: number, classIndex: number, level: number, nowMs: number): number {
    const row = rows[flow * WIDTH + level]!;
    if (row < 0) return 0;
    const tokens = this.modelTokens[level]!;
    const purse = this.money[level]!;
    const tokensMs = tokens.limits(classIndex) ? tokens.waitMs(row, classIndex, 0, nowMs, 1) : 0;
    const moneyMs = purse.limits(classIndex) ? purse.waitMs(row, classIndex, 0, nowMs, 1) : 0;
    return Math.max(tokensMs, moneyMs);
  }

  #compile({ classes }: Pick<Policy, 'classes'>): void {
    this.#limited = classes.map(({ limits }) =>
      [...limits.modelTokens, ...limits.spend].some((limit) => limit !== null),
    );
  }
}

function limitsAt({ classes }: Pick<Policy, 'classes'>, of: 'modelTokens' | 'spend', level: number): LimitByLevel {
  return classes.map(({ plane, limits }) => (plane === 'metadata' ? limits[of][level]! : null));
}
