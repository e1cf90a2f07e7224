/**
 * The large sections of a policy: the ladder of overload, prices, and those that nothing acts on yet in the shape in which
 * it will: breakers, residency, consent and rollouts. They are validated, so that a policy written today stays right.
 */
import { z } from 'zod';
import { ADVICE_ACTIONS } from '../schemas/advice-actions.ts';
import type { KindName } from '../schemas/kinds.ts';
import { METADATA_KINDS } from './policy-kinds.ts';
import { milliseconds, name, positive, shareOfOne } from './policy-values.ts';

const metadataKind = z.enum(METADATA_KINDS as readonly [KindName, ...KindName[]]);

const level = z.strictObject({
  interimTickMs: z.int().min(10).max(5000).optional().describe('how often interims are written'),
  interims: z.enum(['all', 'focused', 'none']).optional().describe('whose interims are delivered'),
  kindsOff: z.array(metadataKind).optional().describe('kinds refused meanwhile'),
  agentTurns: z.enum(['open', 'capped']).optional().describe('capped: each publisher may have one turn under way'),
  newAgentSessions: z.enum(['accept', 'refuse']).optional(),
  newCalls: z.enum(['accept', 'refuse']).optional().describe('calls that stand are never shed'),
  advice: z.array(z.enum(ADVICE_ACTIONS)).optional().describe('what agents and nodes are asked to do; levels add up'),
});

/** What is given up, step by step. What a level leaves out is as at the level before it. */
export const ladder = z.strictObject({
  triggers: z
    .strictObject({
      controlP999Ms: milliseconds().optional(),
      schedulerDelayMs: milliseconds().optional(),
      loopDelayP99Ms: milliseconds().optional(),
      loopUtilisation: shareOfOne().optional(),
      nodeQueueDepth: positive().optional(),
      inferenceP99Ms: milliseconds().optional(),
      spendPerSecond: positive().optional(),
    })
    .describe('any of them above its value is a breach'),
  stepUpAfterMs: milliseconds().default(500).describe('one level up per this long in breach'),
  stepDownAfterMs: milliseconds().default(10_000).describe('one level down after this long of calm'),
  calmShare: shareOfOne().default(0.7).describe('calm: every trigger below this share of its value'),
  levels: z.array(level).min(1).max(6).describe('level 1 first; each at least as strict as the one before'),
});

export type LadderLevel = z.output<typeof level>;
export type LadderSection = z.output<typeof ladder>;

const breaker = z.strictObject({
  errorShare: shareOfOne().default(0.5).describe('share of failed calls that opens it'),
  leastCalls: z.int().min(1).max(100_000).default(10).describe('calls before the share counts'),
  windowMs: milliseconds().default(10_000).describe('how far back calls count'),
  openMs: milliseconds().default(5000).describe('how long it stays open before one call may try'),
  slowMs: milliseconds().optional().describe('calls slower than this count as failed'),
});

/** When calls to a node stop for a while: for every class, and otherwise for some. */
export const breakers = z.strictObject({
  default: breaker.prefault({}),
  classes: z.record(name(), breaker).default({}).describe('by class'),
});

/** Regions by tenant. */
export const residency = z.record(
  z.string().min(1).max(128),
  z.strictObject({
    regions: z.array(name()).min(1).describe('where metadata may go'),
    kinds: z.array(metadataKind).min(1).optional().describe('left out: all metadata'),
  }),
);

/** Consent by feature. */
export const consent = z.record(
  name(),
  z.strictObject({
    kinds: z.array(metadataKind).min(1).describe('refused of participants who have not consented'),
    default: z.enum(['granted', 'withheld']).default('withheld').describe('before the participant said anything'),
  }),
);

/** Model versions on trial. */
export const rollouts = z.record(
  name(),
  z.strictObject({
    model: name(),
    version: z.string().min(1).max(64),
    share: shareOfOne().describe('share of rooms, 0.1 for a tenth'),
    tenants: z.array(name()).default([]).describe('whose rooms; empty: all'),
  }),
);

/** What model tokens cost. */
export const prices = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'expected three capital letters, like EUR'),
  models: z
    .record(name(), z.strictObject({ perMillionModelTokens: z.number().min(0).max(1e6) }))
    .describe('by model; * is no model: name each. A model that is not named costs as the dearest'),
});
