/** Rules and tiers: that what they name exists, and that every rule can decide about some frame. */
import { didYouMean } from '../schemas/nearest-word.ts';
import { globCovers } from './glob.ts';
import type { PolicyDocument, RulePolicy } from './policy-schema.ts';
import type { Fault } from './schema-faults.ts';

/** The tier of tenants that no tier names. */
export const STANDARD_TIER = 'standard';

/** What is wrong with the rules and tiers of a policy. */
export function faultsOfRules(policy: PolicyDocument): Fault[] {
  return [...faultsOfTiers(policy), ...policy.rules.flatMap((rule, index) => faultsOfRule(policy, rule, index))];
}

function faultsOfTiers({ tiers }: PolicyDocument): Fault[] {
  const faults: Fault[] = [];
  const tierOf = new Map<string, string>();
  for (const [name, { tenants }] of Object.entries(tiers)) {
    tenants.forEach((tenant, index) => {
      const other = tierOf.get(tenant);
      if (other !== undefined) {
        const message = `${tenant} is in ${other} already, expected in one tier`;
        faults.push({ path: ['tiers', name, 'tenants', index], message });
      } else tierOf.set(tenant, name);
    });
  }
  return faults;
}

function faultsOfRule(policy: PolicyDocument, rule: RulePolicy, index: number): Fault[] {
  const faults: Fault[] = [];
  const at = (path: readonly PropertyKey[], message: string) =>
    faults.push({ path: ['rules', index, ...path], message });
  const { when } = rule;
  const conditions = Object.keys(when);
  if (conditions.length === 0)
    at(['when'], 'expected at least one condition: kind, type, label, principal, tenant or tier');
  for (const key of ['type', 'label'] as const) {
    if (when[key] === undefined || when.kind === undefined || when.kind === 'custom') continue;
    at(['when', key], `can never match: only custom frames have a ${key}, expected kind custom, found ${when.kind}`);
  }
  const tiers = [...new Set([STANDARD_TIER, ...Object.keys(policy.tiers)])];
  if (when.tier !== undefined && !tiers.includes(when.tier)) {
    const message = `there is no tier ${when.tier}${didYouMean(when.tier, tiers)}, expected ${tiers.join(' or ')}`;
    at(['when', 'tier'], message);
  }
  const target = policy.classes[rule.class];
  const names = Object.keys(policy.classes).filter((name) => policy.classes[name]!.plane === 'metadata');
  if (target === undefined) {
    at(['class'], `there is no class ${rule.class}${didYouMean(rule.class, names)}, expected ${names.join(', ')}`);
  } else if (target.plane !== 'metadata') {
    at(['class'], `expected a metadata class (${names.join(', ')}), found ${rule.class}, a control class`);
  }
  const earlier = policy.rules.findIndex((other, otherIndex) => otherIndex < index && covers(other, rule));
  if (conditions.length > 0 && earlier >= 0)
    at([], `can never match: rules.${earlier} matches first whatever this one does`);
  return faults;
}

/** Whether every frame that `narrow` matches is matched by `wide` too. May miss some, never claims too much. */
function covers(wide: RulePolicy, narrow: RulePolicy): boolean {
  const a = wide.when;
  const b = narrow.when;
  if (Object.keys(a).length === 0) return false;
  const custom = b.type !== undefined || b.label !== undefined;
  const same =
    (a.kind === undefined || a.kind === (b.kind ?? (custom ? 'custom' : undefined))) &&
    (a.principal === undefined || a.principal === b.principal) &&
    (a.tier === undefined || a.tier === b.tier);
  const onlyCustom = b.kind === 'custom' || custom;
  return (
    same &&
    covered(a.tenant, b.tenant) &&
    // A pattern of * still asks for a custom frame.
    (a.type === undefined || (onlyCustom && covered(a.type, b.type ?? '*'))) &&
    (a.label === undefined || (onlyCustom && covered(a.label, b.label ?? '*')))
  );
}

/** An absent pattern covers everything. */
function covered(wide: string | undefined, narrow: string | undefined): boolean {
  return wide === undefined || globCovers(wide, narrow ?? '*');
}
