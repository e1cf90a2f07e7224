/** What a policy says about one frame: its class and why, its buckets, how long it is worth delivering. The part that needs no running gateway. */
import { Kind, type KindName } from '../schemas/kinds.ts';
import type { ParsedPolicy } from './parse-policy.ts';
import { compilePolicy, UNCLASSIFIED } from './policy.ts';
import { ruleText } from './policy-diff.ts';
import { descriptionAt } from './policy-issues.ts';
import type { PrincipalKind } from './policy-kinds.ts';
import type { PolicyDocument } from './policy-schema.ts';
import { NOT_ENFORCED } from './policy-values.ts';
import { matchingRule, Principal } from './rule-table.ts';

/** A frame and who sends it, as far as a policy looks at them. */
export interface ExplainedFrame {
  readonly kind: KindName;
  readonly final: boolean;
  readonly principal: PrincipalKind;
  readonly tenant: string;
  /** Null: the tier of the tenant. */
  readonly tier: string | null;
  readonly type: string;
  readonly label: string;
}

/** The answer, a line per subject. */
export interface Explanation {
  /** The class in force, by the frame's kind. */
  readonly class: string;
  /** The class that rules would give, once they are enforced. */
  readonly classByRules: string;
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
  const rule = matchingRule(policy.rules, kind, principal, frame.tenant, tier, frame.type, frame.label);
  const own = policy.classes[policy.classByKind[kind]!];
  if (own === undefined) return { class: UNCLASSIFIED, classByRules: UNCLASSIFIED, rule: -1, lines: [] };
  const place = own.match.indexOf(frame.kind);
  const { line } = text.positionOf(['classes', own.name, 'match', ...(place < 0 ? [] : [place])]);
  const lines: [string, string][] = [
    ['class', `${own.name}, because its match names ${place < 0 ? 'caption' : frame.kind} (line ${line})`],
  ];
  let classByRules = own.name;
  if (rule >= 0) {
    classByRules = document.rules[rule]!.class;
    const where = `rules.${rule} (line ${text.positionOf(['rules', rule]).line})`;
    lines.push(['rule', `${where} holds: ${ruleText(document.rules[rule]!)}; not enforced yet`]);
  } else
    lines.push(['rule', document.rules.length === 0 ? 'there are none' : `none of ${document.rules.length} holds`]);
  lines.push(['tier', `${policy.tiers[tier] ?? frame.tier}; not enforced yet`]);
  lines.push([
    'plane',
    own.band === null ? `${own.plane}, weight ${weightOf(document, own.name)}` : `control, band ${own.band}`,
  ]);
  const finals = frame.final && own.finals !== null;
  const bucket = finals ? own.finals! : own.session;
  lines.push([
    'bucket',
    `${finals ? 'finals of the session' : 'session'}: ${bucket.ratePerSecond}/s, burst ${bucket.burst}`,
  ]);
  for (const level of ['user', 'room', 'tenant', 'gateway'] as const) {
    const limit = document.classes[own.name]!.limits?.[level];
    if (limit !== undefined)
      lines.push(['bucket', `${level}: ${limit.rate}/s, burst ${limit.burst}; not enforced yet`]);
  }
  const livesMs = frame.final ? Number.POSITIVE_INFINITY : policy.ttlMsByKind[kind]!;
  const conflated = policy.conflateByKind[kind] === 1;
  // Of captions and conflated values only the newest waits: nothing looks at its age yet.
  const mark = conflated || frame.kind === 'caption' ? '; not enforced yet' : '';
  lines.push(['stale', Number.isFinite(livesMs) ? `after ${livesMs} ms${mark}` : 'never']);
  if (conflated) lines.push(['conflated', 'a newer value of its key takes its place']);
  return { class: own.name, classByRules, rule, lines };
}

function weightOf(document: PolicyDocument, name: string): string {
  return `${document.classes[name]!.weight} (not enforced yet)`;
}

/** The parts of a policy that say something nothing acts on yet, outermost only: `tiers`, `classes.premium.weight`. */
export function unenforcedParts(document: PolicyDocument): string[] {
  const parts: string[] = [];
  const visit = (value: unknown, path: readonly string[]) => {
    if (value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)) return;
    if (descriptionAt(path).startsWith(NOT_ENFORCED)) parts.push(path.join('.'));
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key]);
    }
  };
  visit(document, []);
  for (const [kind, each] of Object.entries(document.kinds)) {
    if (each?.conflate && each.ttlMs !== undefined) parts.push(`kinds.${kind}.ttlMs`);
  }
  return parts;
}
