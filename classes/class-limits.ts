/**
 * What a class may have at each level of the hierarchy, compiled from a policy.
 *
 *     session ⊂ user ⊂ tenant ⊂ gateway,   session ⊂ room ⊂ tenant
 *
 * Levels are numbered from the inside; an array of limits has one entry per level, null where the policy sets none.
 */
import type { BucketLimit } from './gcra.ts';
import type { ClassPolicy, LevelLimits } from './policy-schema.ts';

/** The levels at which frames are charged, from the inside. */
export const LEVELS = ['session', 'user', 'room', 'tenant', 'gateway'] as const;
export type LevelName = (typeof LEVELS)[number];

/** Numbers of the levels. */
export const Level = { session: 0, user: 1, room: 2, tenant: 3, gateway: 4 } as const satisfies Record<
  LevelName,
  number
>;

/** By level; null where there is no limit. */
export type LimitByLevel = readonly (BucketLimit | null)[];

/** What a class may have beside what one session may send of it. */
export interface ClassLimits {
  /** Frames. The entry of the session level is null: `TrafficClass.session` has it. */
  readonly frames: LimitByLevel;
  /** Model tokens, charged after decoding. */
  readonly modelTokens: LimitByLevel;
  /** Money in the currency of the policy's prices, likewise. */
  readonly spend: LimitByLevel;
}

export const NO_LIMITS: ClassLimits = {
  frames: [null, null, null, null, null],
  modelTokens: [null, null, null, null, null],
  spend: [null, null, null, null, null],
};

/** Compiles the limits of a class that was checked. */
export function limitsOf(limits: ClassPolicy['limits']): ClassLimits {
  if (limits === undefined) return NO_LIMITS;
  const { user, room, tenant, gateway, modelTokens, spend } = limits;
  return {
    frames: byLevel({ user, room, tenant, gateway }),
    modelTokens: byLevel(modelTokens ?? {}),
    spend: byLevel(spend ?? {}),
  };
}

/** A limit as buckets take it. */
export function bucketLimit(limit: NonNullable<LevelLimits[LevelName]>): BucketLimit {
  const { rate, burst, ceil } = limit;
  return { ratePerSecond: rate, burst, ...(ceil !== undefined && ceil > rate && { ceilPerSecond: ceil }) };
}

function byLevel(limits: LevelLimits): LimitByLevel {
  return LEVELS.map((level) => {
    const limit = limits[level];
    return limit === undefined ? null : bucketLimit(limit);
  });
}
