/**
 * The rules that look at a custom frame's type and label, for one kind of sender: which class the texts give.
 *
 *     type, label ─► memo of texts seen ──hit──────────────────────► class
 *                         └─miss─► rules by the literal head of their type ─► the first that holds ─► class, kept
 *
 * The head of a pattern is what stands before its first star. One pass over the type hashes each of its beginnings; only
 * rules whose head is such a beginning are compared. So neither two hundred rules nor somebody who never sends a type
 * twice make a frame dear, except for patterns that begin with a star: those are all compared.
 *
 * Invariants: the class is the one `matchingRule` finds for UTF-8 texts; nothing is allocated per frame; memory is fixed.
 */
import { globMatchesBytes } from './glob.ts';
import { MOST_TEXT_BYTES } from './rule-table.ts';
import { TextMemo } from './text-memo.ts';

/** A rule that looks at texts, and at nothing else any more. */
export interface TextRule {
  readonly class: number;
  readonly type: string | undefined;
  readonly label: string | undefined;
}

const STAR = 0x2a;
const FNV_BASIS = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const NO_RULE = 0x7fffffff;
const NO_BYTES = new Uint8Array(0);

/** A pattern in bytes; `headBytes` is its length up to the first star. */
interface BytePattern {
  readonly bytes: Uint8Array;
  readonly headBytes: number;
  /** Whether nothing but a star stands behind the head. */
  readonly open: boolean;
}

/** Rules of one head, in order. */
interface HeadRules {
  readonly head: Uint8Array;
  readonly rules: number[];
}

export class TextRules {
  readonly #classes: Int8Array;
  readonly #types: readonly (BytePattern | null)[];
  readonly #labels: readonly (BytePattern | null)[];
  readonly #otherwise: number;
  /** 1 where some head has this many bytes. */
  readonly #headLengths = new Uint8Array(MOST_TEXT_BYTES + 1);
  readonly #longestHead: number;
  /** Open addressing by hash; at most a quarter full. */
  readonly #heads: readonly (HeadRules | undefined)[];
  readonly #memo = new TextMemo();

  /** `rules` in the policy's order; `otherwise`: the class where none of them holds. */
  constructor(rules: readonly TextRule[], otherwise: number) {
    this.#classes = Int8Array.from(rules, (rule) => rule.class);
    this.#types = rules.map(({ type }) => (type === undefined ? null : bytePattern(type)));
    this.#labels = rules.map(({ label }) => (label === undefined ? null : bytePattern(label)));
    this.#otherwise = otherwise;
    const heads = this.#types.map((pattern) => pattern?.bytes.subarray(0, pattern.headBytes) ?? NO_BYTES);
    this.#heads = headTable(heads);
    for (const { length } of heads) if (length <= MOST_TEXT_BYTES) this.#headLengths[length] = 1;
    this.#longestHead = this.#headLengths.lastIndexOf(1);
  }

  /** The class of a frame whose type is `bytes[typeStart, typeEnd)` and whose label `bytes[labelStart, labelEnd)`. */
  classOf(bytes: Uint8Array, typeStart: number, typeEnd: number, labelStart: number, labelEnd: number): number {
    if (typeEnd - typeStart + labelEnd - labelStart > TextMemo.MOST_BYTES) {
      return this.match(bytes, typeStart, typeEnd, labelStart, labelEnd);
    }
    const kept = this.#memo.find(bytes, typeStart, typeEnd, labelStart, labelEnd);
    if (kept !== TextMemo.UNKNOWN) return kept;
    const found = this.match(bytes, typeStart, typeEnd, labelStart, labelEnd);
    this.#memo.keep(bytes, typeStart, typeEnd, labelStart, labelEnd, found);
    return found;
  }

  /** The same without the memo. */
  match(bytes: Uint8Array, typeStart: number, typeEnd: number, labelStart: number, labelEnd: number): number {
    const typeBytes = typeEnd - typeStart;
    const labelIsShort = labelEnd - labelStart <= MOST_TEXT_BYTES;
    let first = NO_RULE;
    // Too long a type meets no condition; rules that ask for the label alone have the empty head.
    const longest = typeBytes > MOST_TEXT_BYTES ? 0 : Math.min(typeBytes, this.#longestHead);
    let hash = FNV_BASIS;
    for (let length = 0; ; length++) {
      if (this.#headLengths[length] === 1) {
        const rules = this.#rulesUnder(hash, bytes, typeStart, length);
        for (let at = 0; rules !== null && at < rules.length && rules[at]! < first; at++) {
          const rule = rules[at]!;
          if (!this.#typeHolds(rule, bytes, typeStart, typeEnd)) continue;
          if (!this.#labelHolds(rule, labelIsShort, bytes, labelStart, labelEnd)) continue;
          first = rule;
        }
      }
      if (length === longest) break;
      hash = Math.imul(hash ^ bytes[typeStart + length]!, FNV_PRIME);
    }
    return first === NO_RULE ? this.#otherwise : this.#classes[first]!;
  }

  /** Rules whose head is the `length` bytes from `start`, or null. */
  #rulesUnder(hash: number, bytes: Uint8Array, start: number, length: number): readonly number[] | null {
    const mask = this.#heads.length - 1;
    for (let slot = slotOf(hash, mask); ; slot = (slot + 1) & mask) {
      const entry = this.#heads[slot];
      if (entry === undefined) return null;
      if (entry.head.length === length && beginsWith(bytes, start, entry.head)) return entry.rules;
    }
  }

  /** The head is known to fit. */
  #typeHolds(rule: number, bytes: Uint8Array, start: number, end: number): boolean {
    const pattern = this.#types[rule]!;
    if (pattern === null) return true;
    if (end - start > MOST_TEXT_BYTES) return false;
    if (pattern.headBytes === pattern.bytes.length) return end - start === pattern.headBytes;
    if (pattern.open) return true;
    return endsWith(pattern, bytes, start, end) && globMatchesBytes(pattern.bytes, bytes, start, end);
  }

  #labelHolds(rule: number, isShort: boolean, bytes: Uint8Array, start: number, end: number): boolean {
    const pattern = this.#labels[rule]!;
    return pattern === null || (isShort && globMatchesBytes(pattern.bytes, bytes, start, end));
  }
}

const utf8 = new TextEncoder();

function bytePattern(pattern: string): BytePattern {
  const bytes = utf8.encode(pattern);
  const star = bytes.indexOf(STAR);
  const headBytes = star < 0 ? bytes.length : star;
  return { bytes, headBytes, open: star >= 0 && bytes.subarray(star).every((byte) => byte === STAR) };
}

/** Rules by head; `heads` are those of the rules, in order. */
function headTable(heads: readonly Uint8Array[]): (HeadRules | undefined)[] {
  let slots = 16;
  while (slots < heads.length * 4) slots *= 2;
  const table = new Array<HeadRules | undefined>(slots).fill(undefined);
  heads.forEach((head, rule) => {
    let hash = FNV_BASIS;
    for (const byte of head) hash = Math.imul(hash ^ byte, FNV_PRIME);
    let slot = slotOf(hash, slots - 1);
    for (; table[slot] !== undefined; slot = (slot + 1) & (slots - 1)) {
      if (table[slot]!.head.length === head.length && beginsWith(head, 0, table[slot]!.head)) break;
    }
    table[slot] ??= { head, rules: [] };
    table[slot]!.rules.push(rule);
  });
  return table;
}

function slotOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}

/** Whether the text ends as the pattern does behind its last star. */
function endsWith({ bytes: pattern }: BytePattern, bytes: Uint8Array, start: number, end: number): boolean {
  let at = end;
  for (let tail = pattern.length - 1; pattern[tail] !== STAR; tail--) {
    if (--at < start || bytes[at] !== pattern[tail]) return false;
  }
  return true;
}

function beginsWith(bytes: Uint8Array, start: number, head: Uint8Array): boolean {
  for (let at = 0; at < head.length; at++) if (bytes[start + at] !== head[at]) return false;
  return true;
}
