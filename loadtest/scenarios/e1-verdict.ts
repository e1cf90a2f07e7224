/**
 * Judges experiment e1 from its rounds. Pure: the same rounds give the same verdict.
 *
 *   all arms           ≥ 30 000 setups in all, ≤ 3 without an answer in time
 *   metadata side      p99 ≤ idle + 1.5 ms and p99.9 ≤ idle + 5 ms, medians over the rounds
 *   signalling side    p99 ≤ 3 × idle, medians over the rounds
 *   classless, rude    more than half of the setups fail
 *   conservation       residual 0
 *
 * The idle figure of an arm is that of the idle stretches directly before its floods, so that a machine that grows
 * slower over the run slows both.
 */
import { median } from '../report/median.ts';
import type { ArmSide } from './e1-arms.ts';

export const MOST_FAILURES = 3;
export const LEAST_SETUPS = 30_000;
export const P99_ALLOWANCE_MS = 1.5;
export const P999_ALLOWANCE_MS = 5;
export const SIGNAL_P99_FACTOR = 3;
export const CLASSLESS_FAILED_SHARE = 0.5;

/** One stretch of setups, idle or under a flood. Latencies of setups over open connections, ms. */
export interface Stretch {
  readonly setups: number;
  readonly failed: number;
  readonly p99: number;
  readonly p999: number;
}

/** One arm over all rounds. */
export interface ArmRounds {
  readonly name: string;
  readonly side: ArmSide;
  readonly idle: readonly Stretch[];
  readonly flooded: readonly Stretch[];
}

/** The control arm. */
export interface ClasslessRounds {
  readonly rude: readonly Stretch[];
}

/** What is to be asserted: CI asserts counts only. */
export interface VerdictScope {
  readonly latencies: boolean;
  readonly leastSetups: number;
}

/** An arm's figures next to its bounds. */
export interface ArmVerdict {
  readonly name: string;
  readonly setups: number;
  readonly failed: number;
  readonly idleP99: number;
  readonly p99: number;
  readonly p99Bound: number;
  readonly idleP999: number;
  readonly p999: number;
  /** Infinity where the side has no such bound. */
  readonly p999Bound: number;
}

/** What falls short, in words; empty when e1 passes. */
export interface Verdict {
  readonly arms: readonly ArmVerdict[];
  readonly classlessFailedShare: number | null;
  readonly shortfalls: readonly string[];
}

/** Judges the rounds. `classless` is null when the control arm was left out, which is a shortfall of its own. */
export function judge(
  arms: readonly ArmRounds[],
  classless: ClasslessRounds | null,
  residual: number,
  scope: VerdictScope,
): Verdict {
  const shortfalls: string[] = [];
  const verdicts = arms.map(armVerdict);
  const setups = sum(verdicts.map((arm) => arm.setups)) + sum(arms.flatMap(({ idle }) => idle.map((s) => s.setups)));
  const failed = sum(verdicts.map((arm) => arm.failed)) + sum(arms.flatMap(({ idle }) => idle.map((s) => s.failed)));
  if (setups < scope.leastSetups) shortfalls.push(`${setups} setups are fewer than ${scope.leastSetups}`);
  if (failed > MOST_FAILURES) {
    const where = verdicts.filter((arm) => arm.failed > 0).map((arm) => `${arm.name} ${arm.failed} of ${arm.setups}`);
    shortfalls.push(
      `${failed} of ${setups} setups failed (${where.join(', ') || 'idle'}), at most ${MOST_FAILURES} may`,
    );
  }
  if (scope.latencies) for (const arm of verdicts) shortfalls.push(...lateness(arm));
  if (residual !== 0) shortfalls.push(`${residual} frames are not accounted for`);
  const share = classless ? failedShare(classless.rude) : null;
  if (share === null) shortfalls.push('the control arm was not run');
  else if (share <= CLASSLESS_FAILED_SHARE) {
    shortfalls.push(`the classless gateway failed ${percent(share)} only: the flood proves nothing`);
  }
  return { arms: verdicts, classlessFailedShare: share, shortfalls };
}

function armVerdict({ name, side, idle, flooded }: ArmRounds): ArmVerdict {
  const idleP99 = median(idle.map(({ p99 }) => p99));
  const idleP999 = median(idle.map(({ p999 }) => p999));
  return {
    name,
    setups: sum(flooded.map(({ setups }) => setups)),
    failed: sum(flooded.map(({ failed }) => failed)),
    idleP99,
    p99: median(flooded.map(({ p99 }) => p99)),
    p99Bound: side === 'metadata' ? idleP99 + P99_ALLOWANCE_MS : idleP99 * SIGNAL_P99_FACTOR,
    idleP999,
    p999: median(flooded.map(({ p999 }) => p999)),
    p999Bound: side === 'metadata' ? idleP999 + P999_ALLOWANCE_MS : Number.POSITIVE_INFINITY,
  };
}

function lateness(arm: ArmVerdict): string[] {
  const over: string[] = [];
  if (arm.p99 > arm.p99Bound) over.push(`${arm.name} p99 ${ms(arm.p99)} > ${ms(arm.p99Bound)}`);
  if (arm.p999 > arm.p999Bound) over.push(`${arm.name} p99.9 ${ms(arm.p999)} > ${ms(arm.p999Bound)}`);
  return over;
}

function failedShare(stretches: readonly Stretch[]): number {
  return sum(stretches.map(({ failed }) => failed)) / Math.max(1, sum(stretches.map(({ setups }) => setups)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
