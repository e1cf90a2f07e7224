/**
 * `POST /v1/policy/explain`: what a policy says about a frame, asked over HTTP, and, where it says in which room, what the
 * plane that serves that room would do with it now.
 */
import { parsePolicy } from '../../classes/parse-policy.ts';
import { explainFrame } from '../../classes/policy-explain.ts';
import { CLASSED_KINDS, PRINCIPAL_KINDS, type PrincipalKind } from '../../classes/policy-kinds.ts';
import type { KindName } from '../../schemas/kinds.ts';
import { didYouMean } from '../../schemas/nearest-word.ts';
import type { FrameQuestion, LiveAnswer } from '../supervisor/frame-question.ts';
import type { PolicyEntry } from './policy-archive.ts';

/** The explanation, or what is wrong with the question. */
export type ExplainAnswer =
  | { readonly explained: ExplainedNow; readonly question: FrameQuestion | null }
  | { readonly fault: string; readonly status: 400 | 422; readonly more: Readonly<Record<string, unknown>> };

/** `now` is for whoever asks in a program; `lines` say it all in words. */
export interface ExplainedNow {
  readonly policyVersion: number;
  readonly policyHash: string;
  readonly class: string;
  readonly rule: number;
  readonly now: LiveAnswer | null;
  readonly lines: readonly { readonly subject: string; readonly text: string }[];
}

const MEMBERS = ['kind', 'final', 'principal', 'tenant', 'tier', 'type', 'label', 'identity', 'room'] as const;

/** Explains the frame that `body` (JSON) describes by the policy in force. */
export function explainRequest({ text, version, hash }: PolicyEntry, body: string): ExplainAnswer {
  const parsed = parsePolicy(text);
  // What is in force is valid.
  if (!parsed.ok) return fault('the policy in force cannot be read');
  const asked = membersOf(body);
  if (typeof asked === 'string') return fault(asked);
  const { kind, final = false, principal = 'standard', tenant = '', tier = null, type = '', label = '' } = asked;
  const { identity = '', room = '' } = asked;
  const words = { principal, tenant, type, label, identity, room, ...(tier !== null && { tier }) };
  for (const [name, word] of Object.entries(words))
    if (typeof word !== 'string') return fault(`${name}: expected text`);
  if (typeof final !== 'boolean') return fault('final: expected true or false');
  const known = oneOf('kind', kind, CLASSED_KINDS) ?? oneOf('principal', principal, PRINCIPAL_KINDS);
  if (known !== null) return fault(known);
  const tiers = ['standard', ...Object.keys(parsed.document.tiers)];
  const wrongTier = tier === null ? null : oneOf('tier', tier, tiers);
  if (wrongTier !== null) return fault(wrongTier);
  if (kind !== 'custom' && (type !== '' || label !== '')) return fault('type, label: only custom frames have them');
  if (kind !== 'caption' && final) return fault('final: only captions have finals');
  if (identity !== '' && room === '') return fault('room: expected beside identity');
  if (room !== '' && tier !== null) return fault('tier: not beside room, where it is the one of the tenant');
  const frame = {
    kind: kind as KindName,
    final,
    principal: principal as PrincipalKind,
    tenant: String(tenant),
    type: String(type),
    label: String(label),
  };
  const { lines, ...explanation } = explainFrame(parsed, { ...frame, tier: tier === null ? null : String(tier) });
  const said = lines.map(([subject, what]) => ({ subject, text: what }));
  return {
    explained: { policyVersion: version, policyHash: hash, ...explanation, now: null, lines: said },
    question: room === '' ? null : { ...frame, identity: String(identity), room: String(room) },
  };
}

/** The explanation with what would happen now; null: the plane that would say so does not run here, or did not answer. */
export function withLiveAnswer(explained: ExplainedNow, now: LiveAnswer | null): ExplainedNow {
  const lines = [...explained.lines];
  const add = (subject: string, text: string) => lines.push({ subject, text });
  if (now === null) add('now', 'not known: no metadata plane that serves the room answered');
  else {
    const { sessions, outcome, retryAfterMs, balances } = now;
    const who = sessions === 0 ? 'no such session is open: as a new one' : 'as the open session';
    const wait = retryAfterMs === null ? '' : `; one would pass in ${retryAfterMs} ms`;
    add('now', `${outcome}, ${who}${wait}`);
    for (const { level, left, burst } of balances)
      add('left', `${level}: ${Math.floor(left)} of ${Math.round(burst)} frames`);
  }
  return { ...explained, now, lines };
}

function membersOf(body: string): Partial<Record<(typeof MEMBERS)[number], unknown>> | string {
  const expected = `expected a JSON object with kind, and perhaps ${MEMBERS.slice(1).join(', ')}`;
  let asked: unknown;
  try {
    asked = JSON.parse(body);
  } catch {
    return expected;
  }
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return expected;
  const unknown = Object.keys(asked).find((name) => !MEMBERS.some((member) => member === name));
  return unknown === undefined ? asked : `${unknown}: there is no such member${didYouMean(unknown, MEMBERS)}`;
}

function oneOf(name: string, value: unknown, words: readonly string[]): string | null {
  if (typeof value === 'string' && words.includes(value)) return null;
  const near = typeof value === 'string' ? didYouMean(value, words) : '';
  return `${name}: expected one of ${words.join(', ')}, found ${JSON.stringify(value) ?? 'nothing'}${near}`;
}

function fault(what: string): ExplainAnswer {
  return { fault: what, status: 400, more: {} };
}
