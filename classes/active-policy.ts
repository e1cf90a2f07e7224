/**
 * The policy a plane goes by, as one object for as long as the plane lives. Whoever holds it reads the tables of the
 * policy in force, at the cost of reading them from a policy that never changes: adopting another one replaces all
 * fields in one step between two frames.
 *
 * Invariants: no frame sees half of each; indexes of classes stay (`compilePolicy`). Whoever keeps something he made
 * from a policy, such as buckets or histograms, has to be told when another one is adopted.
 */
import type { Policy } from './policy.ts';

/** A policy whose fields are replaced together, by `adoptPolicy` alone. */
export type ActivePolicy = { -readonly [Field in keyof Policy]: Policy[Field] };

/** A policy to begin with, as an object of its own. */
export function activePolicy(policy: Policy): ActivePolicy {
  return { ...policy };
}

/** Puts another policy in force for everybody who holds `active`. It must have been compiled with `active` as the previous one. */
export function adoptPolicy(active: ActivePolicy, next: Policy): void {
  Object.assign(active, next);
}

/**
 * Names of the metadata classes that carried a kind before and carry it no more. Who publishes that kind still counts it
 * against the credit of the old class, and would run out of it.
 */
export function bereftClasses(before: Policy, after: Policy): string[] {
  const bereft = new Set<string>();
  before.classByKind.forEach((old, kind) => {
    const trafficClass = before.classes[old];
    if (trafficClass?.plane === 'metadata' && after.classByKind[kind] !== old) bereft.add(trafficClass.name);
  });
  return [...bereft];
}
