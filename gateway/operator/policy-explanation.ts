/** `POST /v1/policy/explain`: what a policy says about a frame, asked over HTTP. */
import { parsePolicy } from '../../classes/parse-policy.ts';
import { explainFrame } from '../../classes/policy-explain.ts';
import { CLASSED_KINDS, PRINCIPAL_KINDS, type PrincipalKind } from '../../classes/policy-kinds.ts';
import type { KindName } from '../../schemas/kinds.ts';
import { didYouMean } from '../../schemas/nearest-word.ts';
import type { PolicyEntry } from './policy-archive.ts';

/** The explanation, or what is wrong with the question. */
export type ExplainAnswer =
  | { readonly explained: object }
  | { readonly fault: string; readonly status: 400 | 422; readonly more: Readonly<Record<string, unknown>> };

const MEMBERS = ['kind', 'final', 'principal', 'tenant', 'tier', 'type', 'label'] as const;

/** Explains the frame that `body` (JSON) describes by the policy in force. */
export function explainRequest({ text, version, hash }: PolicyEntry, body: string): ExplainAnswer {
  const parsed = parsePolicy(text);
  // What is in force is valid.
  if (!parsed.ok) return fault('the policy in force cannot be read');
  const asked = membersOf(body);
  if (typeof asked === 'string') return fault(asked);
  const { kind, final = false, principal = 'standard', tenant = '', tier = null, type = '', label = '' } = asked;
  const words = { principal, tenant, type, label, ...(tier !== null && { tier }) };
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
  const { lines, ...explanation } = explainFrame(parsed, {
    kind: kind as KindName,
    final,
    principal: principal as PrincipalKind,
    tenant: String(tenant),
    tier: tier === null ? null : String(tier),
    type: String(type),
    label: String(label),
  });
  const said = lines.map(([subject, what]) => ({ subject, text: what }));
  return { explained: { policyVersion: version, policyHash: hash, ...explanation, lines: said } };
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
