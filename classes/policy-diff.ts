/**
 * What changes between two policies, by meaning: order of keys, comments, and what was left out or written at its default
 * make no difference. One line each: `captions.limits.session.rate 30 → 20`.
 */
import { SESSION_FALLBACK } from './policy.ts';
import { DEFAULT_GUARD_SHARE } from './policy-checks.ts';
import { FOLLOWS_CAPTION } from './policy-kinds.ts';
import type { PolicyDocument, RulePolicy } from './policy-schema.ts';

/** The differences from `before` to `after`; empty when both mean the same. */
export function policyDifferences(before: PolicyDocument, after: PolicyDocument): string[] {
  const lines: string[] = [];
  compare('', meaningOf(before), meaningOf(after), lines);
  return [...lines, ...ruleDifferences(before.rules, after.rules)];
}

/** The policy without its rules, with what the compiler would fill in. */
function meaningOf(policy: PolicyDocument): object {
  const { classes, rules: _, ...rest } = policy;
  const matched = Object.values(classes).some(({ match }) => match.includes(FOLLOWS_CAPTION));
  const filled = Object.entries(classes).map(([name, each]) => {
    const fallback = SESSION_FALLBACK[each.plane];
    const session = each.limits?.session ?? { rate: fallback.ratePerSecond, burst: fallback.burst };
    const guardShare = each.plane === 'metadata' ? { guardShare: each.guardShare ?? DEFAULT_GUARD_SHARE } : {};
    const follows = !matched && each.match.includes('caption') ? [FOLLOWS_CAPTION] : [];
    const match = [...each.match, ...follows];
    return [name, { ...each, ...guardShare, match, limits: { ...each.limits, session } }] as const;
  });
  // A class is known by its name alone, unless a section has that name too.
  const clash = filled.some(([name]) => name in rest);
  return clash ? { ...rest, classes: Object.fromEntries(filled) } : { ...rest, ...Object.fromEntries(filled) };
}

function compare(path: string, before: unknown, after: unknown, lines: string[]): void {
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every((item) => !isGroup(item))) {
    const gone = before.filter((item) => !after.includes(item)).map((item) => `−${item}`);
    const come = after.filter((item) => !before.includes(item)).map((item) => `+${item}`);
    if (gone.length + come.length > 0) lines.push(`${path} ${[...gone, ...come].join(' ')}`);
    return;
  }
  if (isGroup(before) && isGroup(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(path === '' ? key : `${path}.${key}`, before[key], after[key], lines);
    }
    return;
  }
  // A group that comes or goes is told as a whole: its parts would say the same at length.
  if (before === after || (isEmpty(before) && isEmpty(after))) return;
  if (isEmpty(before)) lines.push(`${path} added: ${shown(after)}`);
  else if (isEmpty(after)) lines.push(`${path} removed, was ${shown(before)}`);
  else lines.push(`${path} ${shown(before)} → ${shown(after)}`);
}

/** Rules have no names: they are told by what they say; those that only changed places are said to. */
function ruleDifferences(before: readonly RulePolicy[], after: readonly RulePolicy[]): string[] {
  const [old, present] = [before.map(ruleText), after.map(ruleText)];
  const gone = old.filter((text) => !present.includes(text)).map((text) => `rules removed: ${text}`);
  const come = present.flatMap((text, index) => (old.includes(text) ? [] : [`rules.${index} added: ${text}`]));
  const kept = (texts: readonly string[], others: readonly string[]) => texts.filter((text) => others.includes(text));
  const moved = kept(old, present).join('\n') !== kept(present, old).join('\n');
  return [...gone, ...come, ...(moved ? ['rules in another order: the first that holds decides'] : [])];
}

/** A rule in one line: `kind custom, type alert.* → premium`. */
export function ruleText(rule: RulePolicy): string {
  const conditions = ['kind', 'type', 'label', 'principal', 'tenant', 'tier'] as const;
  const when = conditions.flatMap((key) => (rule.when[key] === undefined ? [] : [`${key} ${rule.when[key]}`]));
  return `${when.join(', ')} → ${rule.class}`;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (isGroup(value) && Object.keys(value).length === 0);
}

function shown(value: unknown): string {
  if (!isGroup(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${key}: ${shown(member)}`).join(', ')}}`;
}
