/** The default policy, compiled from the file that operators are shown: for tests, benchmarks and planes that are given none. */
import type { Policy } from '../../classes/policy.ts';
import { policyOf, readPolicySource } from './policy-source.ts';

/** The policy in force when operators have not brought one. */
export const DEFAULT_POLICY: Policy = policyOf(readPolicySource(null));
