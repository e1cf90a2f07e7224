/**
 * The rules of a policy as flat arrays: which class a frame has when its kind alone does not say.
 *
 *   kind ─► starts[kind] … starts[kind + 1] ─► rules that may hold, in the policy's order ─► the first that holds
 *
 * Invariants: nothing is allocated per frame; a kind that no rule names costs two reads.
 */
import { KIND_COUNT, Kind } from '../schemas/kinds.ts';
import { globMatches } from './glob.ts';
import { METADATA_KINDS, type PRINCIPAL_KINDS } from './policy-kinds.ts';
import type { RulePolicy } from './policy-schema.ts';

/** Principal kinds by number. */
export const Principal = { standard: 0, agent: 1, node: 2 } as const satisfies Record<
  (typeof PRINCIPAL_KINDS)[number],
  number
>;
export type Principal = (typeof Principal)[keyof typeof Principal];

type Matcher = (text: string) => boolean;

/**
 * A type or label above this many bytes of UTF-8 meets no condition, not even `*`: what comparing costs is bounded whatever
 * is sent.
 */
export const MOST_TEXT_BYTES = 256;

export interface RuleTable {
  /** By kind: where its rules begin in `candidates`; one more at the end. */
  readonly starts: Int32Array;
  /** Rule numbers, kind after kind. */
  readonly candidates: Int32Array;
  /** By rule: the class it gives. */
  readonly classes: Int8Array;
  /** By rule: the principal it asks for, or -1. */
  readonly principals: Int8Array;
  /** By rule: the tier it asks for, or -1. */
  readonly tiers: Int16Array;
  /** By rule: its conditions as they were written. */
  readonly conditions: readonly RulePolicy['when'][];
  /** By rule: what it asks of texts; null where nothing. */
  readonly tenants: readonly (Matcher | null)[];
  readonly types: readonly (Matcher | null)[];
  readonly labels: readonly (Matcher | null)[];
}

/** What rules ask of a frame and of who sends it. */
export interface RuledFrame {
  readonly kind: number;
  readonly principal: Principal;
  readonly tenant: string;
  /** A number of the compiled policy. */
  readonly tier: number;
  /** Of a custom frame; empty where there are none. */
  readonly type: string;
  readonly label: string;
}

/** Compiles rules. Classes and tiers are numbered by their place in the lists; the names must be in them. */
export function compileRules(
  rules: readonly RulePolicy[],
  classNames: readonly string[],
  tierNames: readonly string[],
): RuleTable {
  const starts = new Int32Array(KIND_COUNT + 1);
  const candidates: number[] = [];
  for (let kind = 0; kind < KIND_COUNT; kind++) {
    starts[kind] = candidates.length;
    rules.forEach((rule, index) => {
      if (kindsOf(rule).some((name) => Kind[name] === kind)) candidates.push(index);
    });
  }
  starts[KIND_COUNT] = candidates.length;
  const matchers = (key: 'tenant' | 'type' | 'label') => rules.map(({ when }) => matcherOf(when[key]));
  return {
    starts,
    candidates: Int32Array.from(candidates),
    classes: Int8Array.from(rules, (rule) => classNames.indexOf(rule.class)),
    principals: Int8Array.from(rules, ({ when }) => (when.principal === undefined ? -1 : Principal[when.principal])),
    tiers: Int16Array.from(rules, ({ when }) => (when.tier === undefined ? -1 : tierNames.indexOf(when.tier))),
    conditions: rules.map(({ when }) => when),
    tenants: matchers('tenant'),
    types: matchers('type'),
    labels: matchers('label'),
  };
}

/** The first rule that holds for a frame, or -1. */
export function matchingRule(table: RuleTable, frame: RuledFrame): number {
  const { kind, principal, tenant, tier, type, label } = frame;
  const end = table.starts[kind + 1]!;
  const typeIsShort = isShort(type);
  const labelIsShort = isShort(label);
  for (let at = table.starts[kind]!; at < end; at++) {
    const rule = table.candidates[at]!;
    const wantedPrincipal = table.principals[rule]!;
    if (wantedPrincipal >= 0 && wantedPrincipal !== principal) continue;
    const wantedTier = table.tiers[rule]!;
    if (wantedTier >= 0 && wantedTier !== tier) continue;
    if (!holds(table.tenants[rule]!, tenant)) continue;
    if (table.types[rule] !== null && !(typeIsShort && holds(table.types[rule]!, type))) continue;
    if (table.labels[rule] === null || (labelIsShort && holds(table.labels[rule]!, label))) return rule;
  }
  return -1;
}

const utf8 = new TextEncoder();

/** Whether conditions look at the text at all. A UTF-16 unit is at most three bytes. */
function isShort(text: string): boolean {
  if (text.length * 3 <= MOST_TEXT_BYTES) return true;
  return text.length <= MOST_TEXT_BYTES && utf8.encode(text).length <= MOST_TEXT_BYTES;
}

function holds(matcher: Matcher | null, text: string): boolean {
  return matcher === null || matcher(text);
}

function kindsOf({ when }: RulePolicy): typeof METADATA_KINDS {
  if (when.type !== undefined || when.label !== undefined) return ['custom'];
  return when.kind === undefined ? METADATA_KINDS : [when.kind];
}

/** Most patterns are a whole word or its beginning: those are compared as they are. */
function matcherOf(pattern: string | undefined): Matcher | null {
  if (pattern === undefined) return null;
  const star = pattern.indexOf('*');
  if (star < 0) return (text) => text === pattern;
  const head = pattern.slice(0, star);
  if (star === pattern.length - 1) return (text) => text.startsWith(head);
  return (text) => globMatches(pattern, text);
}
