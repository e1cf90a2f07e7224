import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { Kind, type KindName } from '../schemas/kinds.ts';
import { parsePolicy } from './parse-policy.ts';
import { classify, classNameOf, compilePolicy } from './policy.ts';
import { CLASSED_KINDS, METADATA_KINDS, PRINCIPAL_KINDS } from './policy-kinds.ts';
import type { RulePolicy } from './policy-schema.ts';
import { Principal } from './rule-table.ts';

const SMALL = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

t.test('POLICY-6 the first rule that holds decides; where none does, the kind', async (t) => {
  const rules = `rules:
  - {when: {kind: custom, type: "alert.*", tenant: "ac*e"}, class: premium}
  - {when: {principal: agent, label: "*-bulk"}, class: deferred}
  - {when: {tier: gold, kind: gauge}, class: premium}
  - {when: {type: exact}, class: captions}
  - {when: {principal: node}, class: deferred}
`;
  const parsed = parsePolicy(SMALL.replace(/rules:\n(.*\n){2}/, rules));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const policy = compilePolicy(parsed.document);
  const asked = (
    kind: KindName,
    principal: keyof typeof Principal,
    tenant = '',
    tier = 'standard',
    type = '',
    label = '',
  ) => {
    const sender = { principal: Principal[principal], tenant, tier: policy.tiers.indexOf(tier) };
    return policy.classes[classify(policy, { kind: Kind[kind], ...sender, type, label })]?.name;
  };
  t.equal(asked('custom', 'agent', 'acme', 'standard', 'alert.fire', 'x-bulk'), 'premium', 'the first of two');
  t.equal(
    asked('custom', 'agent', 'other', 'standard', 'alert.fire', 'x-bulk'),
    'deferred',
    'the second, for another tenant',
  );
  t.equal(asked('custom', 'standard', 'acme', 'standard', 'alert'), 'standard', 'a prefix needs its dot');
  t.equal(asked('gauge', 'standard', '', 'gold'), 'premium');
  t.equal(asked('gauge', 'standard', '', 'standard'), 'standard');
  t.equal(asked('custom', 'standard', '', 'standard', 'exact'), 'captions', 'a type implies custom');
  t.equal(asked('summary', 'node'), 'deferred');
  t.equal(asked('caption', 'node'), 'deferred', 'a rule without a kind is for all metadata');
  t.equal(asked('caption', 'agent'), 'captions');
  t.equal(asked('ping', 'node'), 'call-control', 'but not for signalling');
});

/** Texts short and alike enough that patterns meet them. */
const word = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 0, maxLength: 4 });
const glob = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), minLength: 1, maxLength: 4 });
const condition = fc.record(
  {
    kind: fc.constantFrom(...METADATA_KINDS),
    type: glob,
    label: glob,
    principal: fc.constantFrom(...PRINCIPAL_KINDS),
    tenant: glob,
    tier: fc.constantFrom('gold', 'standard'),
  },
  { requiredKeys: [] },
);
const anyRules: fc.Arbitrary<RulePolicy[]> = fc.array(
  fc.record({ when: condition, class: fc.constantFrom('premium', 'captions', 'standard', 'deferred') }),
  { maxLength: 6 },
);
const frame = fc.record({
  kind: fc.constantFrom(...CLASSED_KINDS),
  principal: fc.constantFrom(...PRINCIPAL_KINDS),
  tenant: word,
  tier: fc.constantFrom('gold', 'standard'),
  type: word,
  label: word,
});

/** The rule that decides, read off the document by itself: with regular expressions, and without any table. */
function decides(rules: readonly RulePolicy[], one: typeof frame extends fc.Arbitrary<infer T> ? T : never): number {
  const covers = (pattern: string | undefined, text: string) =>
    pattern === undefined || new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\*/g, '.*')}$`).test(text);
  return rules.findIndex(
    ({ when }) =>
      METADATA_KINDS.includes(one.kind) &&
      (when.kind === undefined || when.kind === one.kind) &&
      ((when.type === undefined && when.label === undefined) || one.kind === 'custom') &&
      covers(when.type, one.type) &&
      covers(when.label, one.label) &&
      covers(when.tenant, one.tenant) &&
      (when.principal === undefined || when.principal === one.principal) &&
      (when.tier === undefined || when.tier === one.tier),
  );
}

t.test(
  'POLICY-6 tables and rules as written agree on every frame, and no frame of a valid policy is without a class',
  async (t) => {
    const base = parsePolicy(SMALL);
    if (!base.ok) throw new Error('the base is valid');
    const values = base.text.values as object;
    let valid = 0;
    fc.assert(
      fc.property(anyRules, fc.array(frame, { minLength: 10, maxLength: 30 }), (rules, frames) => {
        const parsed = parsePolicy(JSON.stringify({ ...values, rules }));
        if (!parsed.ok) return;
        valid++;
        const policy = compilePolicy(parsed.document);
        for (const one of frames) {
          const rule = decides(rules, one);
          const tier = policy.tiers.indexOf(one.tier);
          const own = classNameOf(policy, Kind[one.kind]);
          const index = classify(policy, { ...one, kind: Kind[one.kind], principal: Principal[one.principal], tier });
          if (policy.classes[index]?.name !== (rule < 0 ? own : rules[rule]!.class))
            throw new Error(JSON.stringify(one));
        }
      }),
      { numRuns: 1000 },
    );
    t.ok(valid > 50, `${valid} of the policies were valid`);
  },
);

/** Rules that often cover each other. */
const alikeRules: fc.Arbitrary<RulePolicy[]> = fc.array(
  fc.record({
    when: fc.record(
      {
        kind: fc.constantFrom<KindName[]>('custom', 'gauge'),
        type: fc.constantFrom('*', 'a*', 'ab', 'ab*', '*b', '*a*'),
        tenant: fc.constantFrom('*', 'a*', 'a'),
        principal: fc.constantFrom('agent' as const),
      },
      { requiredKeys: [] },
    ),
    class: fc.constantFrom('premium', 'deferred'),
  }),
  { minLength: 2, maxLength: 6 },
);

t.test('POLICY-7 a rule that is called unreachable decides about no frame', async (t) => {
  const base = parsePolicy(SMALL);
  if (!base.ok) throw new Error('the base is valid');
  const values = base.text.values as object;
  let unreachable = 0;
  fc.assert(
    fc.property(alikeRules, fc.array(frame, { minLength: 30, maxLength: 60 }), (rules, frames) => {
      const parsed = parsePolicy(JSON.stringify({ ...values, rules }));
      if (parsed.ok) return;
      const named = parsed.problems.flatMap(({ path, message }) => {
        const found = /^rules\.(\d+)$/.exec(path);
        return found !== null && message.startsWith('can never match') ? [Number(found[1])] : [];
      });
      unreachable += named.length;
      for (const one of frames)
        if (named.includes(decides(rules, one))) throw new Error(JSON.stringify({ one, named }));
    }),
    { numRuns: 300 },
  );
  t.ok(unreachable > 10, `${unreachable} rules were unreachable`);
});
