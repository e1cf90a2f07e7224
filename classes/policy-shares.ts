/**
 * What a policy says of sharing the metadata plane, by class index and tier number: what its scheduler takes over.
 *
 * Invariant: classes of control, and classes that the policy does not have any more, claim nothing.
 */
import type { Policy } from './policy.ts';
import { DEFAULT_GUARD_SHARE } from './policy-checks.ts';
import type { PolicyDocument } from './policy-schema.ts';

/** Claims by class index, and factors of tenants by tier number. */
export interface PolicyShares {
  readonly classes: readonly { readonly weight: number; readonly guardShare: number }[];
  readonly tierFactors: readonly number[];
}

/** The shares of a policy that was checked; `compiled` says which class and tier has which number. */
export function sharesOf(document: PolicyDocument, compiled: Pick<Policy, 'classes' | 'weightFactors'>): PolicyShares {
  return {
    classes: compiled.classes.map(({ name }) => {
      const { plane, weight, guardShare } = document.classes[name] ?? {};
      if (plane !== 'metadata') return { weight: 0, guardShare: 0 };
      return { weight: weight!, guardShare: guardShare ?? DEFAULT_GUARD_SHARE };
    }),
    tierFactors: [...compiled.weightFactors],
  };
}
