/**
 * Which class each frame of a sender has, at the price of reading an array. What a rule asks of the sender (principal,
 * tenant, tier) is decided once, when he comes; per frame only rules on type and label of custom frames are left.
 *
 *     sender ─► rules that can hold for him ─► class by kind, or BY_TEXT: then `TextRules` decide
 *
 * Senders for whom the same rules can hold share their tables. Invariants: the class is that of `classify`; when the policy
 * has been replaced, the next frame is judged by the new one; at most MOST_TABLES tables are kept.
 */
import { KIND_COUNT, Kind } from '../schemas/kinds.ts';
import type { Policy } from './policy.ts';
import type { Principal, RuleTable } from './rule-table.ts';
import { type TextRule, TextRules } from './text-rules.ts';

/** Instead of a class: the frame's type and label decide. */
export const BY_TEXT = -2;

const MOST_TABLES = 256;
const utf8 = new TextEncoder();

/** What the policy says of the frames of some senders. */
interface SenderTables {
  /** The policy it is made from: replaced policies have other rules. */
  readonly rules: RuleTable;
  /** Class index by kind, -1 or BY_TEXT. */
  readonly byKind: Int8Array;
  /** Of custom frames, where `byKind` says BY_TEXT. */
  readonly texts: TextRules | null;
  /** 1 where the access token does not let the sender use the class; null: it may use all. */
  readonly barred: Uint8Array | null;
}

/** The tables of all senders of a plane. `policy` may be one whose fields are replaced. */
export class ClassTables {
  readonly #policy: Policy;
  #rules: RuleTable;
  readonly #kept = new Map<string, SenderTables>();

  constructor(policy: Policy) {
    this.#policy = policy;
    this.#rules = policy.rules;
  }

  /**
   * What to ask about the frames of a sender. `bound`: the classes his access token names; null: all. Class names this
   * policy does not have are left out.
   */
  sender(principal: Principal, tenant: string, bound: readonly string[] | null = null): FrameClassifier {
    return new FrameClassifier(this, principal, tenant, bound);
  }

  /** Whether the tables are of the policy in force. */
  current(tables: SenderTables): boolean {
    return tables.rules === this.#policy.rules;
  }

  /** The tables of a sender, shared with those for whom the same rules can hold. */
  tablesOf(principal: Principal, tenant: string, bound: readonly string[] | null): SenderTables {
    const policy = this.#policy;
    if (this.#rules !== policy.rules || this.#kept.size >= MOST_TABLES) this.#kept.clear();
    this.#rules = policy.rules;
    const possible = rulesFor(policy, principal, tenant);
    const barred = bound === null ? null : barredBy(policy, bound);
    const key = `${possible.join()}|${barred?.join('') ?? ''}`;
    let tables = this.#kept.get(key);
    if (tables === undefined) {
      tables = { rules: policy.rules, ...classesBy(policy, possible), barred };
      this.#kept.set(key, tables);
    }
    return tables;
  }
}

/** Gives the frames of one sender their classes. */
export class FrameClassifier {
  readonly #all: ClassTables;
  readonly principal: Principal;
  readonly tenant: string;
  #bound: readonly string[] | null;
  #tables: SenderTables;

  constructor(all: ClassTables, principal: Principal, tenant: string, bound: readonly string[] | null) {
    this.#all = all;
    this.principal = principal;
    this.tenant = tenant;
    this.#bound = bound;
    this.#tables = all.tablesOf(principal, tenant, bound);
  }

  /** The class of the sender's frames of a kind: -1 where there is none, BY_TEXT where `classOfTexts` is to be asked. */
  classOf(kind: number): number {
    if (!this.#all.current(this.#tables)) this.#renew();
    return this.#tables.byKind[kind]!;
  }

  /** The class of a frame for whose kind `classOf` has just said BY_TEXT. An absent text is an empty one. */
  classOfTexts(bytes: Uint8Array, typeStart: number, typeEnd: number, labelStart: number, labelEnd: number): number {
    return this.#tables.texts!.classOf(bytes, typeStart, typeEnd, labelStart, labelEnd);
  }

  /** The class of a frame as somebody describes it, texts and all, who has no frame: it allocates. */
  classOfWords(kind: number, type: string, label: string): number {
    const byKind = this.classOf(kind);
    if (byKind !== BY_TEXT) return byKind;
    const bytes = utf8.encode(type + label);
    const typeEnd = utf8.encode(type).length;
    return this.classOfTexts(bytes, 0, typeEnd, typeEnd, bytes.length);
  }

  /** Whether the sender's access token keeps the class from him. */
  bars(classIndex: number): boolean {
    const { barred } = this.#tables;
    return barred !== null && barred[classIndex] === 1;
  }

  /** The classes the sender's access token names; null: all. */
  get bound(): readonly string[] | null {
    return this.#bound;
  }

  /** The sender has another access token. */
  rebind(bound: readonly string[] | null): void {
    this.#bound = bound;
    this.#renew();
  }

  #renew(): void {
    this.#tables = this.#all.tablesOf(this.principal, this.tenant, this.#bound);
  }
}

const MOST_NAMED = 8;

/** What the sender's access token allows, to go on a sentence with. */
export function boundText({ bound }: Pick<FrameClassifier, 'bound'>): string {
  if (bound === null) return 'the access token allows every class';
  if (bound.length === 0) return 'the access token allows no class (sluice.classes)';
  const more = bound.length > MOST_NAMED ? ` and ${bound.length - MOST_NAMED} more` : '';
  return `the access token allows ${bound.slice(0, MOST_NAMED).join(', ')}${more} only (sluice.classes)`;
}

/** Numbers of the rules that hold for some frame of the sender. */
function rulesFor(policy: Policy, principal: Principal, tenant: string): number[] {
  const { rules } = policy;
  const tier = policy.tierByTenant.get(tenant) ?? 0;
  const possible: number[] = [];
  for (let rule = 0; rule < rules.classes.length; rule++) {
    if (rules.principals[rule]! >= 0 && rules.principals[rule] !== principal) continue;
    if (rules.tiers[rule]! >= 0 && rules.tiers[rule] !== tier) continue;
    if (rules.tenants[rule]?.(tenant) !== false) possible.push(rule);
  }
  return possible;
}

function barredBy(policy: Policy, bound: readonly string[]): Uint8Array {
  return Uint8Array.from(policy.classes, ({ name, plane }) => (plane === 'metadata' && !bound.includes(name) ? 1 : 0));
}

/** Class by kind, and what is left to ask, when only `possible` rules can hold. */
function classesBy(policy: Policy, possible: readonly number[]): Pick<SenderTables, 'byKind' | 'texts'> {
  const { rules } = policy;
  const byKind = policy.classByKind.slice();
  const allowed = new Set(possible);
  const byText: TextRule[] = [];
  for (let kind = 0; kind < KIND_COUNT; kind++) {
    for (let at = rules.starts[kind]!; at < rules.starts[kind + 1]!; at++) {
      const rule = rules.candidates[at]!;
      if (!allowed.has(rule)) continue;
      const { type, label } = rules.conditions[rule]!;
      if (type === undefined && label === undefined) {
        byKind[kind] = rules.classes[rule]!;
        break;
      }
      byText.push({ class: rules.classes[rule]!, type, label });
    }
  }
  if (byText.length === 0) return { byKind, texts: null };
  const texts = new TextRules(byText, byKind[Kind.custom]!);
  byKind[Kind.custom] = BY_TEXT;
  return { byKind, texts };
}
