/** What a policy says about one frame: its class and why, its buckets, how long it is worth delivering. The part that needs no running gateway. */
import { Kind } from '../schemas/kinds.ts';
import { ClassTables } from './frame-classifier.ts';
import type { ParsedPolicy } from './parse-policy.ts';
import { compilePolicy, type Policy, UNCLASSIFIED } from './policy.ts';
import { ruleText } from './policy-diff.ts';
import type { DescribedFrame } from './policy-kinds.ts';
import { STANDARD_TIER } from './policy-rule-checks.ts';
import { type LimitPolicy, type PolicyDocument, policySchema } from './policy-schema.ts';
import { NOT_ENFORCED } from './policy-values.ts';
import { matchingRule, Principal } from './rule-table.ts';
import { descriptionAt } from './schema-faults.ts';

/** A frame to explain. */
export interface ExplainedFrame extends DescribedFrame {
  /** Null: the tier of the tenant. */
  readonly tier: string | null;
}

/** The answer, a line per subject. */
export interface Explanation {
  readonly class: string;
  /** The number of the rule that holds; -1: none. */
  readonly rule: number;
  readonly lines: readonly (readonly [subject: string, text: string])[];
}

/** Explains a frame. */
export function explainFrame(parsed: Extract<ParsedPolicy, { ok: true }>, frame: ExplainedFrame): Explanation {
  const { document, text } = parsed;
  const policy = compilePolicy(document);
  const kind = Kind[frame.kind];
  const tier = frame.tier === null ? (policy.tierByTenant.get(frame.tenant) ?? 0) : policy.tiers.indexOf(frame.tier);
  const principal = Principal[frame.principal];
  const rule = matchingRule(policy.rules, { ...frame, kind, principal, tier });
  const decided = decidedClass(policy, frame, tier);
  const own = policy.classes[decided];
  if (own === undefined) return { class: UNCLASSIFIED, rule: -1, lines: [] };
  const lines: [string, string][] = [];
  if (rule >= 0) {
    const where = `rules.${rule} (line ${text.positionOf(['rules', rule]).line})`;
    lines.push(['class', `${own.name}, because ${where} gives it`]);
    lines.push(['rule', `${where} holds: ${ruleText(document.rules[rule]!)}`]);
  } else {
    const place = own.match.indexOf(frame.kind);
    const { line } = text.positionOf(['classes', own.name, 'match', ...(place < 0 ? [] : [place])]);
    const word = place < 0 ? 'caption' : frame.kind;
    lines.push(['class', `${own.name}, because its match names ${word} (line ${line})`]);
    lines.push(['rule', document.rules.length === 0 ? 'there are none' : `none of ${document.rules.length} holds`]);
  }
  lines.push(['tier', policy.tiers[tier] ?? frame.tier ?? STANDARD_TIER]);
  lines.push([
    'plane',
    own.band === null ? `${own.plane}, weight ${document.classes[own.name]!.weight}` : `control, band ${own.band}`,
  ]);
  const finals = frame.final && own.finals !== null;
  const bucket = finals ? own.finals! : own.session;
  const { ratePerSecond, burst, ceilPerSecond } = bucket;
  const session = { rate: ratePerSecond, burst, ...(ceilPerSecond !== undefined && { ceil: ceilPerSecond }) };
  lines.push(['bucket', limitText(finals ? 'finals of the session' : 'session', session, 1)]);
  const factor = policy.rateFactors[tier] ?? 1;
  for (const level of ['user', 'room', 'tenant', 'gateway'] as const) {
    const limit = document.classes[own.name]!.limits?.[level];
    if (limit !== undefined) lines.push(['bucket', limitText(level, limit, level === 'tenant' ? factor : 1)]);
  }
  for (const budget of frame.kind === 'agentTurn' ? (['modelTokens', 'spend'] as const) : []) {
    for (const [level, limit] of Object.entries(document.classes[own.name]!.limits?.[budget] ?? {})) {
      const whose = `${budget === 'spend' ? 'money' : 'model tokens'} of the ${level}`;
      if (limit !== undefined) lines.push(['budget', limitText(whose, limit, level === 'tenant' ? factor : 1)]);
    }
  }
  const livesMs = frame.final ? Number.POSITIVE_INFINITY : policy.ttlMsByKind[kind]!;
  const conflated = policy.conflateByKind[kind] === 1;
  lines.push(['stale', Number.isFinite(livesMs) ? `after ${livesMs} ms` : 'never']);
  if (conflated) lines.push(['conflated', 'a newer value of its key takes its place']);
  return { class: own.name, rule, lines };
}

/** A limit in words: `tenant: 5000/s, burst 10000 (times 4: its tier)`. */
function limitText(who: string, { rate, burst, ceil }: LimitPolicy, factor: number): string {
  const borrowed = ceil === undefined ? '' : `, up to ${ceil}/s while the next level around has room`;
  return `${who}: ${rate}/s, burst ${burst}${borrowed}${factor === 1 ? '' : ` (times ${factor}: its tier)`}`;
}

/** The class as the path of a frame finds it, in its tables. */
function decidedClass(policy: Policy, frame: ExplainedFrame, tier: number): number {
  const asked = { ...policy, tierByTenant: new Map([[frame.tenant, tier]]) };
  const sender = new ClassTables(asked).sender(Principal[frame.principal], frame.tenant);
  return sender.classOfWords(Kind[frame.kind], frame.type, frame.label);
}

/** The parts of a policy that say something nothing acts on yet, outermost only: `tiers`, `classes.premium.weight`. */
export function unenforcedParts(document: PolicyDocument): string[] {
  const parts: string[] = [];
  const visit = (value: unknown, path: readonly string[]) => {
    if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)) return;
    if (descriptionAt(policySchema, path).startsWith(NOT_ENFORCED)) parts.push(path.join('.'));
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
    }
  };
  visit(document, []);
  return parts;
}
