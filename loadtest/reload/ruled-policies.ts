/**
 * Two policies of two hundred rules that disagree on the class of most frames, the sorts of frame that show it, and what
 * each policy makes of a sort.
 *
 * Invariants: no limit is ever reached; one sort in four keeps its class; each policy has classes the other gives nothing.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';

export const RULES = 200;
/** Sorts of frame: the types of the rules, in their order, and behind them these. */
export const UNRULED = RULES;
export const INTERIM = RULES + 1;
export const FINAL = RULES + 2;
export const PRESENCE = RULES + 3;
export const SORTS = RULES + 4;

const WIDE = { session: { rate: 1e6, burst: 1e6 } };
/** By rule number mod 4. */
const BY_RULES = [
  ['premium', 'standard', 'deferred', 'standard'],
  ['standard', 'spare', 'premium', 'standard'],
] as const;
/** Of what no rule names: custom frames, interims, finals, presence. */
const BY_KIND = [
  ['standard', 'captions', 'captions', 'standard'],
  ['spare', 'captions', 'captions', 'deferred'],
] as const;

/** Index of a policy: its version less one. */
export type PolicyIndex = 0 | 1;

/** The class that a policy gives to frames of each sort. */
export const CLASS_OF_SORT: readonly [readonly string[], readonly string[]] = [classes(0), classes(1)];

function classes(policy: PolicyIndex): readonly string[] {
  return [...Array.from({ length: RULES }, (_, rule) => BY_RULES[policy][rule % 4]!), ...BY_KIND[policy]];
}

/** The text of a policy. */
export function ruledPolicy(policy: PolicyIndex): string {
  const metadata = (weight: number, match: readonly string[], more: object = {}) => {
    return { plane: 'metadata', weight, match, limits: WIDE, ...more };
  };
  const premium = ['agentTurn', 'toolCall', 'moderation', 'feedback', 'request', 'cancel', 'interrupt'];
  const deferred = ['summary', 'embedding', 'modelState'];
  const standard = ['gauge', 'retrieval'];
  const spare = ['custom'];
  (policy === 0 ? standard : deferred).push('presence');
  if (policy === 0) standard.push(...spare);
  const document = {
    version: policy + 1,
    classes: {
      'call-setup': { plane: 'control', band: 0, match: ['join', 'offer', 'answer', 'candidate', 'leave'] },
      'call-control': {
        plane: 'control',
        band: 1,
        match: ['mute', 'subscribe', 'unsubscribe', 'ping', 'stats', 'feature', 'accessToken'],
      },
      premium: metadata(8, premium),
      captions: metadata(6, ['caption', 'snapshotWanted'], {
        coalesce: { tickMs: policy === 0 ? 100 : 140 },
        limits: { ...WIDE, finals: WIDE },
      }),
      standard: metadata(2, standard),
      deferred: metadata(1, deferred),
      ...(policy === 1 ? { spare: metadata(1, spare) } : {}),
    },
    kinds: { presence: { conflate: true, ttlMs: 1000 } },
    rules: Array.from({ length: RULES }, (_, rule) => {
      // Every other rule is a pattern, whose types are not its own text.
      const type = rule % 2 === 0 ? nameOf(rule) : `${nameOf(rule)}.*`;
      return { when: { kind: 'custom', type }, class: BY_RULES[policy][rule % 4]! };
    }),
  };
  return JSON.stringify(document, null, 1);
}

/** A frame of a sort; `number` tells it from others of the same publisher, whose name is `stream`. */
export function frameOfSort(sort: number, stream: string, number: number): Frame {
  const text = `${stream} ${number}`;
  if (sort === INTERIM || sort === FINAL) {
    // Sixteen interims to a segment, so that there are old ones for new ones to take the place of.
    const caption = { stream, segment: number >> 4, revision: number & 15, text };
    if (sort === INTERIM) return { kind: Kind.caption, caption };
    return { kind: Kind.caption, final: true, caption: { ...caption, revision: 1000 } };
  }
  if (sort === PRESENCE) return { kind: Kind.presence, presence: { key: stream, value: Buffer.from(text) } };
  const type = sort % 2 === 0 ? nameOf(sort) : `${nameOf(sort)}.x`;
  return { kind: Kind.custom, custom: { type, payload: Buffer.from(text) } };
}

/** `r` and three digits, so that whoever receives a custom frame reads its sort off the type. */
function nameOf(sort: number): string {
  return `r${String(sort).padStart(3, '0')}`;
}
