/**
 * The one source of what a policy file may say: shape, ranges and what everything is for. The type `PolicyDocument`, the
 * validation and the JSON Schema for editors come from it; `policy-checks.ts` has what must hold between its parts.
 *
 * Invariant: whatever is described as "Not enforced yet" is validated and changes nothing.
 */
import { z } from 'zod';
import type { KindName } from '../schemas/kinds.ts';
import { CLASSED_KINDS, METADATA_KINDS, PRINCIPAL_KINDS } from './policy-kinds.ts';
import { breakers, consent, ladder, prices, residency, rollouts } from './policy-sections.ts';
import { later, milliseconds, name, pattern, positive, shareOfOne } from './policy-values.ts';

const kindWord = z.enum(CLASSED_KINDS as readonly [KindName, ...KindName[]]);

const rate = () => z.number().min(0.001).max(1e6);

// A session's burst is also its credit, which is told to nodes two hundredfold, in 32 bits.
const plainLimit = z
  .strictObject({
    rate: rate().describe('frames per second'),
    burst: z.int().min(1).max(1e6).describe('frames that may come at once'),
  })
  .describe('a token bucket');

const limit = plainLimit
  .extend({
    ceil: rate()
      .optional()
      .describe('frames per second with what is borrowed while the next level around has half of its burst left'),
  })
  .describe('a token bucket');

const amount = z
  .strictObject({
    rate: rate().describe('model tokens or money per second'),
    burst: z.number().positive().max(1e12).describe('what may be spent at once; debt is at most as much again'),
  })
  .describe('a token bucket');

const levels = (about: string) =>
  z
    .strictObject({
      session: amount.optional(),
      user: amount.optional(),
      room: amount.optional(),
      tenant: amount.optional(),
      gateway: amount.optional(),
    })
    .optional()
    .describe(about);

const limits = z
  .strictObject({
    session: limit.optional().describe('one session; left out: 50/s burst 200 in control, 20/s burst 40 in metadata'),
    user: limit.optional().describe('all sessions of one user together, in whichever rooms'),
    room: limit.optional().describe('all sessions of one room together; metadata classes only'),
    tenant: limit.optional().describe('all rooms of one tenant together; multiplied by the rateFactor of its tier'),
    gateway: limit.optional().describe('everybody together, on all metadata workers of the gateway'),
    finals: z
      .strictObject({ session: plainLimit })
      .optional()
      .describe('captions only: finals of one session, apart from the interims. Left out: finals are ordinary frames'),
    modelTokens: levels('the class of agentTurn only: model tokens of turns, charged as they stream'),
    spend: levels('the class of agentTurn only: what those cost, in the currency of prices'),
  })
  .describe('what the class may have; an outer level may not be tighter than an inner one');

const slo = z.strictObject({
  p50: milliseconds().optional(),
  p99: milliseconds().optional(),
  p999: milliseconds().optional(),
});

const trafficClass = z.strictObject({
  plane: z.enum(['control', 'metadata']).describe('which process carries the class'),
  band: z
    .int()
    .min(0)
    .max(1)
    .optional()
    .describe('control classes, and they only: 0 is served before 1; one class each'),
  weight: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe(
      'metadata classes, and they only, must have one: share of what is written when there is more than can be written',
    ),
  guardShare: shareOfOne()
    .optional()
    .describe(
      'metadata classes only: least share of what is written, whatever the weights; 0.05 when left out; at most 1 in sum',
    ),
  match: z.array(kindWord).min(1).describe('kinds of the class; every kind is in exactly one class'),
  sloMs: slo.optional().describe('what the class promises, ms; told beside what was measured, and enforced by nothing'),
  limits: limits.optional(),
  coalesce: z
    .strictObject({
      tickMs: z.int().min(10).max(5000).describe('how often a room writes what changed'),
      keyframeMs: milliseconds()
        .optional()
        .describe('how often a caption is sent in full to those who take differences; 2000 when left out'),
    })
    .optional()
    .describe('the class of captions only, which must have it'),
  shedAtLevel: z
    .int()
    .min(1)
    .max(6)
    .optional()
    .describe('metadata classes only: level of the ladder that turns it off'),
});

const kindPolicy = z.strictObject({
  ttlMs: milliseconds()
    .optional()
    .describe(
      'how long a frame is worth delivering; left out: for ever. An agentTurn is not begun when its text is older',
    ),
  interimTtlMs: milliseconds().optional().describe('captions only: likewise, for interims; finals never go stale'),
  conflate: z.boolean().optional().describe('presence and gauge only: a newer value replaces an older one of its key'),
  delivery: z
    .enum(['best-effort', 'latest', 'at-least-once'])
    .optional()
    .describe(
      'at-least-once: no number beyond a refused frame is confirmed, so that publishers send it again; latest: as ' +
        'conflate; left out: at-least-once for moderation, toolCall and feedback, best-effort for others',
    ),
});

const tier = z.strictObject({
  weightFactor: positive().default(1).describe('multiplies the share of its tenants in what is written'),
  rateFactor: positive().default(1).describe('multiplies their tenant limits'),
  sloMs: slo.optional().describe('what its tenants are promised in each plane, likewise'),
  tenants: z.array(name()).default([]).describe('who is in the tier; everybody else is in the one named standard'),
});

const rule = z.strictObject({
  when: z
    .strictObject({
      kind: z
        .enum(METADATA_KINDS as readonly [KindName, ...KindName[]])
        .optional()
        .describe('a metadata kind'),
      type: pattern().optional().describe('type of a custom frame; * stands for any text of at most 256 bytes'),
      label: pattern().optional().describe('label of a custom frame, likewise'),
      principal: z.enum(PRINCIPAL_KINDS).optional().describe('who sends it'),
      tenant: pattern().optional().describe('whose it is, likewise'),
      tier: name().optional().describe('a tier of this policy'),
    })
    .describe('holds when everything in it does; at least one condition'),
  class: name().describe('a metadata class of this policy'),
});

const kindPolicies = Object.fromEntries(CLASSED_KINDS.map((kind) => [kind, kindPolicy.optional()])) as Record<
  KindName,
  z.ZodOptional<typeof kindPolicy>
>;

/** Validates what a policy file says. Sections that are left out are empty. */
export const policySchema = z
  .strictObject({
    version: z
      .int()
      .min(1)
      .max(4_294_967_295)
      .describe('number of this policy, told to clients; raise it with changes'),
    name: z.string().max(64).default('').describe('what operators call this policy'),
    classes: z.record(name(), trafficClass).describe('what kinds of traffic there are and what each may have'),
    kinds: z.strictObject(kindPolicies).prefault({}).describe('what holds for single kinds, whatever their class'),
    tiers: z.record(name(), tier).default({}).describe('kinds of tenants, by name'),
    rules: z
      .array(rule)
      .max(1000)
      .default([])
      .describe('other classes for some metadata frames than their kind has; the first that holds decides'),
    ladder: ladder.optional().describe('what is given up, step by step, under overload'),
    breakers: later(breakers.optional(), 'when calls to a node stop for a while'),
    residency: later(residency.default({}), 'regions that may see metadata of a tenant, by tenant; * for all others'),
    consent: later(consent.default({}), 'features that need a participant’s consent, by name'),
    rollouts: later(rollouts.default({}), 'model versions that only a share of rooms gets, by name'),
    prices: prices.optional().describe('what model tokens cost, for limits.spend'),
  })
  .describe('A policy of Sluice: what each class of traffic may have.');

/** A policy as validated, defaults filled in. */
export type PolicyDocument = z.output<typeof policySchema>;
/** A limit as a policy says it. */
export type LimitPolicy = { readonly rate: number; readonly burst: number; readonly ceil?: number | undefined };
export type ClassPolicy = z.output<typeof trafficClass>;
/** Limits by level: of frames, or of what they cost. */
export type LevelLimits = Partial<Record<'session' | 'user' | 'room' | 'tenant' | 'gateway', LimitPolicy | undefined>>;
export type RulePolicy = z.output<typeof rule>;

/** The JSON Schema of a policy file, for editors and validators. */
export function policyJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(policySchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title: 'Sluice policy', ...schema };
}
