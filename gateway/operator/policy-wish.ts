/** What can be asked of the policy desk, and how it may end. */
import type { PolicyProblem } from '../../classes/policy-text.ts';
import type { PolicySource } from '../config/policy-source.ts';
import type { PlaneAdoption } from './gateway-view.ts';
import type { Acceptance, PolicyEntry } from './policy-archive.ts';

/** A wish to change the policy, and whose it is. */
export interface PolicyWish {
  readonly source: PolicySource;
  readonly who: string;
  readonly from: string;
  readonly how: Acceptance;
  /** The hash the policy in force must have; absent: any. */
  readonly ifMatch?: string | undefined;
  /** Whether to stop after the checks. */
  readonly dryRun?: boolean | undefined;
}

/** How a wish ended. */
export type PolicyVerdict =
  | {
      readonly ok: true;
      readonly entry: PolicyEntry;
      readonly changed: boolean;
      readonly diff: readonly string[];
      readonly planes: readonly PlaneAdoption[];
    }
  | {
      readonly ok: false;
      readonly why: 'stale' | 'invalid' | 'clash' | 'unkept';
      readonly problems: readonly PolicyProblem[];
      readonly lines: readonly string[];
    };

/** The last wish that was refused. */
export interface PolicyFailure {
  readonly at: string;
  readonly who: string;
  readonly how: Acceptance;
  readonly lines: readonly string[];
}
