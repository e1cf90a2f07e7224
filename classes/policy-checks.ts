/** What must hold between the parts of a policy, each of which is valid by itself: classes, their limits, kinds and ladder. */
import type { KindName } from '../schemas/kinds.ts';
import { didYouMean } from '../schemas/nearest-word.ts';
import { CLASSED_KINDS, CONTROL_KINDS, FOLLOWS_CAPTION, KEYED_KINDS, NEVER_STALE } from './policy-kinds.ts';
import { faultsOfLimits } from './policy-limit-checks.ts';
import { faultsOfRules } from './policy-rule-checks.ts';
import type { ClassPolicy, PolicyDocument } from './policy-schema.ts';
import type { LadderLevel } from './policy-sections.ts';
import type { Fault } from './schema-faults.ts';

/** The share of the plane a metadata class has at least, when it does not say. */
export const DEFAULT_GUARD_SHARE = 0.05;
/** More classes than this would make their guard shares meaningless. */
const MAX_CLASSES = 32;

/** Everything that is wrong with the policy as a whole; empty when nothing is. */
export function checkPolicy(policy: PolicyDocument): readonly Fault[] {
  const carriers = carriersOf(policy);
  return [
    ...Object.entries(policy.classes).flatMap(([name, each]) => [
      ...faultsOfPlane(name, each, carriers),
      ...faultsOfLimits(name, each, policy),
    ]),
    ...faultsOfClasses(policy, carriers),
    ...faultsOfKinds(policy, carriers),
    ...faultsOfLadder(policy),
    ...faultsOfRules(policy),
    ...faultsOfBreakers(policy),
  ];
}

/** Which class carries a kind: the first that matches it. */
function carriersOf({ classes }: PolicyDocument): ReadonlyMap<KindName, string> {
  const carriers = new Map<KindName, string>();
  for (const [name, { match }] of Object.entries(classes)) {
    for (const kind of match) if (!carriers.has(kind)) carriers.set(kind, name);
  }
  return carriers;
}

function faultsOfClasses({ classes }: PolicyDocument, carriers: ReadonlyMap<KindName, string>): Fault[] {
  const faults: Fault[] = [];
  const names = Object.keys(classes);
  if (names.length > MAX_CLASSES) {
    faults.push({ path: ['classes'], message: `expected at most ${MAX_CLASSES} classes, found ${names.length}` });
  }
  const missing = CLASSED_KINDS.filter((kind) => !carriers.has(kind) && kind !== FOLLOWS_CAPTION);
  if (missing.length > 0) {
    const message = `expected every kind in the match of a class; in none: ${missing.join(', ')}`;
    faults.push({ path: ['classes'], message });
  }
  for (const band of [0, 1]) {
    const having = names.filter((name) => classes[name]!.plane === 'control' && classes[name]!.band === band);
    if (having.length === 0) {
      faults.push({ path: ['classes'], message: `expected a control class with band ${band}, found none` });
    }
    for (const name of having.slice(1)) {
      const message = `expected one class per band; band ${band} is that of ${having[0]}`;
      faults.push({ path: ['classes', name, 'band'], message });
    }
  }
  const shares = names.flatMap((name) => {
    const { plane, guardShare } = classes[name]!;
    return plane === 'metadata' ? [guardShare ?? DEFAULT_GUARD_SHARE] : [];
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  if (sum > 1 + 1e-9) {
    const heaviest = names.filter((name) => classes[name]!.guardShare !== undefined).at(-1);
    const path = heaviest === undefined ? ['classes'] : ['classes', heaviest, 'guardShare'];
    faults.push({ path, message: `expected guard shares of at most 1 in sum, found ${Number(sum.toFixed(4))}` });
  }
  return faults;
}

/** A class and what only classes of its plane have; and that it carries kinds of its plane, which nobody else carries. */
function faultsOfPlane(name: string, each: ClassPolicy, carriers: ReadonlyMap<KindName, string>): Fault[] {
  const faults: Fault[] = [];
  const at = (key: PropertyKey, message: string) => faults.push({ path: ['classes', name, key], message });
  const control = each.plane === 'control';
  const [needed, other] = control ? (['band', 'weight'] as const) : (['weight', 'band'] as const);
  if (each[needed] === undefined) {
    const expected = control
      ? 'expected 0 or 1: the band of a control class'
      : 'expected the weight of a metadata class';
    at(needed, `${expected}, found nothing`);
  }
  if (each[other] !== undefined) at(other, `a ${each.plane} class has none, expected ${needed} instead`);
  for (const key of ['guardShare', 'shedAtLevel'] as const) {
    if (control && each[key] !== undefined) at(key, 'a control class has none: control is never shed');
  }
  const carriesCaptions = carriers.get('caption') === name;
  if (each.coalesce !== undefined && !carriesCaptions) at('coalesce', 'expected only at the class of captions');
  if (each.coalesce === undefined && carriesCaptions) at('coalesce', 'expected, because this is the class of captions');
  const { tickMs = 0, keyframeMs = Number.POSITIVE_INFINITY } = each.coalesce ?? {};
  if (keyframeMs < tickMs) {
    const message = `expected at least tickMs (${tickMs}), found ${keyframeMs}`;
    faults.push({ path: ['classes', name, 'coalesce', 'keyframeMs'], message });
  }
  each.match.forEach((kind, index) => {
    const path = ['classes', name, 'match', index];
    if (CONTROL_KINDS.includes(kind) !== control) {
      const message = `${kind} is ${control ? 'metadata' : 'signalling'}, expected in a ${control ? 'metadata' : 'control'} class`;
      faults.push({ path, message });
    } else if (carriers.get(kind) !== name) {
      faults.push({ path, message: `${kind} is in ${carriers.get(kind)} already, expected in one class` });
    } else if (each.match.indexOf(kind) !== index) {
      faults.push({ path, message: `${kind} stands here a second time, expected once` });
    }
  });
  return faults;
}

function faultsOfKinds(policy: PolicyDocument, carriers: ReadonlyMap<KindName, string>): Fault[] {
  const faults: Fault[] = [];
  const tickMs = policy.classes[carriers.get('caption') ?? '']?.coalesce?.tickMs ?? 0;
  for (const kind of CLASSED_KINDS) {
    const { ttlMs, interimTtlMs, conflate, delivery } = policy.kinds[kind] ?? {};
    const at = (key: string, message: string) => faults.push({ path: ['kinds', kind, key], message });
    if (interimTtlMs !== undefined && kind !== 'caption')
      at('interimTtlMs', 'only captions have interims, expected ttlMs');
    if (ttlMs !== undefined) {
      if (kind === 'caption') at('ttlMs', 'finals never go stale, expected interimTtlMs');
      else if (CONTROL_KINDS.includes(kind) || NEVER_STALE.includes(kind)) at('ttlMs', `${kind} never goes stale`);
      else if (delivery === 'at-least-once') at('ttlMs', 'what is delivered at-least-once never goes stale');
    }
    const [key, livesMs] = kind === 'caption' ? ['interimTtlMs', interimTtlMs] : ['ttlMs', ttlMs];
    if (livesMs !== undefined && livesMs < tickMs) {
      at(String(key), `expected at least tickMs (${tickMs}), or it is stale before it is written; found ${livesMs}`);
    }
    const keyed = KEYED_KINDS.includes(kind);
    if (conflate === true && !keyed)
      at('conflate', `expected only at ${KEYED_KINDS.join(' and ')}: ${kind} has no key`);
    if (conflate === true && delivery === 'at-least-once') at('delivery', 'what is conflated is expected to be latest');
    if (delivery === 'latest' && !keyed && kind !== 'caption') {
      at('delivery', `expected best-effort or at-least-once, because ${kind} has no key`);
    }
  }
  return faults;
}

const STRICTNESS: Readonly<Partial<Record<keyof LadderLevel, readonly string[]>>> = {
  interims: ['all', 'focused', 'none'],
  agentTurns: ['open', 'capped'],
  newAgentSessions: ['accept', 'refuse'],
  newCalls: ['accept', 'refuse'],
};

/** Levels may only become stricter, and what a class or a tick waits for must exist. */
function faultsOfLadder(policy: PolicyDocument): Fault[] {
  const faults: Fault[] = [];
  const levels = policy.ladder?.levels ?? [];
  const interimTtlMs = policy.kinds.caption?.interimTtlMs ?? Number.POSITIVE_INFINITY;
  const seen: Record<string, { value: unknown; level: number }> = {};
  const caption = Object.values(policy.classes).find(({ match }) => match.includes('caption'));
  if (caption?.coalesce !== undefined) seen.interimTickMs = { value: caption.coalesce.tickMs, level: 0 };
  levels.forEach((level, index) => {
    const at = (key: string, message: string) => faults.push({ path: ['ladder', 'levels', index, key], message });
    for (const [key, value] of Object.entries(level)) {
      const before = seen[key];
      const order = STRICTNESS[key as keyof LadderLevel];
      if (before !== undefined && key !== 'advice' && isLaxer(value, before.value, order)) {
        const had = Array.isArray(before.value) ? before.value.join(', ') : String(before.value);
        at(key, `expected at least as strict as level ${before.level} (${had}): a ladder only gets stricter`);
      }
      seen[key] = { value, level: index + 1 };
    }
    if ((level.interimTickMs ?? 0) > interimTtlMs) {
      at(
        'interimTickMs',
        `expected at most the interimTtlMs of captions (${interimTtlMs}), found ${level.interimTickMs}`,
      );
    }
  });
  for (const [name, { shedAtLevel }] of Object.entries(policy.classes)) {
    if (shedAtLevel === undefined || policy.ladder === undefined || shedAtLevel <= levels.length) continue;
    const message = `the ladder has ${levels.length} levels, expected one of them; found ${shedAtLevel}`;
    faults.push({ path: ['classes', name, 'shedAtLevel'], message });
  }
  return faults;
}

function isLaxer(value: unknown, before: unknown, order: readonly string[] | undefined): boolean {
  if (order !== undefined) return order.indexOf(String(value)) < order.indexOf(String(before));
  if (Array.isArray(value) && Array.isArray(before)) return before.some((each) => !value.includes(each));
  return Number(value) < Number(before);
}

function faultsOfBreakers({ breakers, classes }: PolicyDocument): Fault[] {
  return Object.keys(breakers?.classes ?? {})
    .filter((name) => classes[name] === undefined)
    .map((name) => ({
      path: ['breakers', 'classes', name],
      message: `there is no class ${name}${didYouMean(name, Object.keys(classes))}`,
    }));
}
