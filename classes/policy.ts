/**
 * What classes of traffic exist and what each may have, as the planes read it: compiled once from a policy file, then
 * only looked up.
 *
 * Invariants: every kind that clients, agents or nodes send has a class; class indexes are positions in `classes`, and a
 * class keeps its index from policy to policy for as long as the gateway lives (`compilePolicy`).
 */
import { KIND_COUNT, Kind, type KindName } from '../schemas/kinds.ts';
import { bucketLimit, type ClassLimits, limitsOf } from './class-limits.ts';
import { deliveryByKind } from './delivery.ts';
import type { BucketLimit } from './gcra.ts';
import { FOLLOWS_CAPTION } from './policy-kinds.ts';
import { STANDARD_TIER } from './policy-rule-checks.ts';
import type { ClassPolicy, PolicyDocument } from './policy-schema.ts';
import type { LadderSection } from './policy-sections.ts';
import { type PolicyShares, sharesOf } from './policy-shares.ts';
import { compileRules, matchingRule, type RuledFrame, type RuleTable } from './rule-table.ts';

/** One class of traffic. */
export interface TrafficClass {
  readonly name: string;
  readonly plane: 'control' | 'metadata';
  /** Control classes only: 0 is served before 1. */
  readonly band: 0 | 1 | null;
  readonly match: readonly KindName[];
  /** What one session may send. */
  readonly session: BucketLimit;
  /** What one session may send of finals, apart from the above; null where the class has none. */
  readonly finals: BucketLimit | null;
  /** What it may have around the session, and in model tokens and money. */
  readonly limits: ClassLimits;
  /** Whether an earlier policy had it and this one has not: its index stays, for frames that wait and for counters. */
  readonly retired: boolean;
}

/** A policy as the planes read it. Class indexes are positions in `classes`. */
export interface Policy {
  readonly version: number;
  /** What operators call it; may be empty. */
  readonly name: string;
  readonly classes: readonly TrafficClass[];
  /** Class index by kind number; -1 where no class carries the kind. */
  readonly classByKind: Int8Array;
  /** How long a frame of a kind may wait before it is worthless, ms; Infinity: it never is. Of captions: an interim. */
  readonly ttlMsByKind: Float64Array;
  /** 1 where a newer value of the same key replaces an older one. */
  readonly conflateByKind: Uint8Array;
  /** A `Delivery` by kind number. */
  readonly deliveryByKind: Uint8Array;
  /** Time between two looks at a caption segment, ms. */
  readonly tickMs: number;
  /** How often those who take captions as differences are sent a segment whole, ms. */
  readonly keyframeMs: number;
  /** Names of tiers; a tier's number is its place. */
  readonly tiers: readonly string[];
  /** Tier number by tenant; tenants that are not in it have the tier named standard. */
  readonly tierByTenant: ReadonlyMap<string, number>;
  readonly rules: RuleTable;
  /** By class index: who is refused last under overload, 0 to 7. By weight, the heaviest first; signalling is 0. */
  readonly importance: Uint8Array;
  /** By tier number: what the share of its tenants is multiplied by. */
  readonly weightFactors: Float64Array;
  /** What classes and tiers claim of the metadata plane. */
  readonly shares: PolicyShares;
  /** By tier number: what the limits of its tenants are multiplied by. */
  readonly rateFactors: Float64Array;
  /** What one model token costs, by model, in the policy's currency. */
  readonly prices: ReadonlyMap<string, number>;
  /** What is given up under overload, level by level; null: nothing. */
  readonly ladder: LadderSection | null;
  /** By class index: the level of the ladder from which the class is off; 0: it never is. */
  readonly shedAtLevel: Uint8Array;
}

/** The label of frames that could not be given a class. */
export const UNCLASSIFIED = 'unclassified';

/** As `keyframeMs` of a policy that does not say. */
const KEYFRAME_MS = 2000;

/** What one session may send in a class that does not say. */
export const SESSION_FALLBACK: Readonly<Record<TrafficClass['plane'], BucketLimit>> = {
  control: { ratePerSecond: 50, burst: 200 },
  metadata: { ratePerSecond: 20, burst: 40 },
};

/**
 * More classes than one process may have known since it started, retired ones included: rows of counters and buckets are
 * kept for each, and an index is a signed byte.
 */
export const MOST_CLASS_INDEXES = 120;

/**
 * Compiles a policy that was checked (`parsePolicy`) into the tables the planes index by kind. What was in force before
 * is `previous`: classes of its names keep their indexes, new ones come behind, and those that are gone stay as retired.
 * `names` are the names by index where another process has given them already. Throws a `RangeError` when there are more
 * than `MOST_CLASS_INDEXES`, or when `names` says something else than `previous`.
 */
export function compilePolicy(
  document: PolicyDocument,
  previous: Pick<Policy, 'classes'> | null = null,
  names: readonly string[] = [],
): Policy {
  const classes = classesOf(document, previous?.classes ?? [], names);
  const classByKind = new Int8Array(KIND_COUNT).fill(-1);
  classes.forEach(({ match }, index) => {
    for (const kind of match) classByKind[Kind[kind]] = index;
  });
  const captions = classByKind[Kind.caption]!;
  if (classByKind[Kind[FOLLOWS_CAPTION]] === -1) classByKind[Kind[FOLLOWS_CAPTION]] = captions;
  const ttlMsByKind = new Float64Array(KIND_COUNT).fill(Number.POSITIVE_INFINITY);
  const conflateByKind = new Uint8Array(KIND_COUNT);
  for (const [name, kind] of Object.entries(document.kinds)) {
    const livesMs = name === 'caption' ? kind?.interimTtlMs : kind?.ttlMs;
    if (livesMs !== undefined) ttlMsByKind[Kind[name as KindName]] = livesMs;
    const latest = kind?.delivery === 'latest' && name !== 'caption';
    if (kind?.conflate || latest) conflateByKind[Kind[name as KindName]] = 1;
  }
  const coalesce = document.classes[classes[captions]!.name]!.coalesce!;
  const tiers = [...new Set([STANDARD_TIER, ...Object.keys(document.tiers)])];
  const tierByTenant = new Map<string, number>();
  for (const [name, { tenants }] of Object.entries(document.tiers)) {
    for (const tenant of tenants) tierByTenant.set(tenant, tiers.indexOf(name));
  }
  const weightFactors = Float64Array.from(tiers, (name) => document.tiers[name]?.weightFactor ?? 1);
  return Object.freeze({
    version: document.version,
    name: document.name,
    classes,
    classByKind,
    ttlMsByKind,
    conflateByKind,
    deliveryByKind: deliveryByKind(document.kinds),
    tickMs: coalesce.tickMs,
    keyframeMs: coalesce.keyframeMs ?? KEYFRAME_MS,
    tiers,
    tierByTenant,
    rules: compileRules(
      document.rules,
      classes.map(({ name }) => name),
      tiers,
    ),
    importance: importanceOf(document, classes),
    weightFactors,
    shares: sharesOf(document, { classes, weightFactors }),
    rateFactors: Float64Array.from(tiers, (name) => document.tiers[name]?.rateFactor ?? 1),
    prices: new Map(
      Object.entries(document.prices?.models ?? {}).map(([model, price]) => [model, price.perMillionModelTokens / 1e6]),
    ),
    ladder: document.ladder ?? null,
    shedAtLevel: Uint8Array.from(classes, ({ name, retired }) =>
      retired ? 0 : (document.classes[name]?.shedAtLevel ?? 0),
    ),
  });
}

const LEAST_IMPORTANT = 7;

function importanceOf(document: PolicyDocument, classes: readonly TrafficClass[]): Uint8Array {
  const weightOf = (name: string) => document.classes[name]?.weight ?? 0;
  const weights = [...new Set(Object.keys(document.classes).map(weightOf))].filter((weight) => weight > 0);
  weights.sort((a, b) => b - a);
  return Uint8Array.from(classes, ({ name, plane, retired }) => {
    if (plane === 'control') return 0;
    return retired ? LEAST_IMPORTANT : Math.min(LEAST_IMPORTANT, weights.indexOf(weightOf(name)));
  });
}

function classesOf(
  document: PolicyDocument,
  before: readonly TrafficClass[],
  names: readonly string[],
): TrafficClass[] {
  const known = before.map(({ name }) => name);
  const strange = known.findIndex((name, index) => index < names.length && names[index] !== name);
  if (strange >= 0) {
    throw new RangeError(`expected class ${strange} to be ${known[strange]}, as before, found ${names[strange]}`);
  }
  const all = [...new Set([...known, ...names, ...Object.keys(document.classes)])];
  if (all.length > MOST_CLASS_INDEXES) {
    throw new RangeError(
      `expected at most ${MOST_CLASS_INDEXES} names of classes since the gateway was started, retired ones included; ` +
        `this policy makes it ${all.length}: keep names, or start the gateway anew`,
    );
  }
  return all.map((name, index): TrafficClass => {
    if (Object.hasOwn(document.classes, name)) return classOf(name, document.classes[name]!);
    return { ...(before[index] ?? classOf(name, UNKNOWN)), band: null, match: [], retired: true };
  });
}

/** A class that was retired before this process began. */
const UNKNOWN: ClassPolicy = { plane: 'metadata', match: [] };

function classOf(name: string, each: ClassPolicy): TrafficClass {
  const { session, finals } = each.limits ?? {};
  return {
    name,
    plane: each.plane,
    band: each.band === undefined ? null : each.band === 0 ? 0 : 1,
    match: each.match,
    session: session === undefined ? SESSION_FALLBACK[each.plane] : bucketLimit(session),
    finals: finals === undefined ? null : bucketLimit(finals.session),
    limits: limitsOf(each.limits),
    retired: false,
  };
}

/** The class index of a frame: that of the first rule that holds, else that of its kind, or -1. */
export function classify(policy: Policy, frame: RuledFrame): number {
  const rule = matchingRule(policy.rules, frame);
  return rule < 0 ? policy.classByKind[frame.kind]! : policy.rules.classes[rule]!;
}

/** The class of a kind by name, or `UNCLASSIFIED`. */
export function classNameOf(policy: Policy, kind: number): string {
  return policy.classes[policy.classByKind[kind] ?? -1]?.name ?? UNCLASSIFIED;
}
