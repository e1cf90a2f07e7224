/** What is asked of e1 and what it measured: the shape of results/e1.json. */
import type { CapacityStep } from './capacity.ts';
import type { Capacity } from './capacity-ramp.ts';
import type { Arm } from './e1-arms.ts';
import type { ClasslessReports } from './e1-classless.ts';
import type { FloodSeen, StretchPlan, StretchReport } from './e1-stretch.ts';
import type { Verdict } from './e1-verdict.ts';

export interface E1Options {
  /** For CI: under two minutes, counts and the control arm only. */
  readonly short: boolean;
  readonly rounds: number;
  /** Setups per stretch. */
  readonly setups: number;
  /** Names of arms; empty: all. */
  readonly arms: readonly string[];
  readonly mostAgents: number;
}

/** One arm's stretches, in the order of the rounds. */
export interface ArmReports {
  readonly arm: Pick<Arm, 'name' | 'about' | 'side' | 'multiple'>;
  readonly idle: StretchReport[];
  readonly flooded: StretchReport[];
  readonly seen: FloodSeen[];
}

/** Everything that was measured. */
export interface E1Results {
  readonly machine: string;
  /** A word of caution about the machine; null when it was idle at the start. */
  readonly busy: string | null;
  readonly options: E1Options;
  readonly plan: StretchPlan;
  readonly capacity: Capacity<CapacityStep>;
  readonly arms: readonly ArmReports[];
  readonly classless: ClasslessReports;
  readonly residual: number;
  readonly verdict: Verdict;
}
