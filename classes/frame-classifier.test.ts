/** That the tables of the frame path give every frame the class the rules give it, whatever has been asked before. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../schemas/kinds.ts';
import { activePolicy, adoptPolicy } from './active-policy.ts';
import { BY_TEXT, ClassTables, type FrameClassifier } from './frame-classifier.ts';
import { globMatches, globMatchesBytes } from './glob.ts';
import { parsePolicy } from './parse-policy.ts';
import { classify, compilePolicy, type Policy } from './policy.ts';
import { explainFrame } from './policy-explain.ts';
import { METADATA_KINDS, PRINCIPAL_KINDS } from './policy-kinds.ts';
import type { PolicyDocument, RulePolicy } from './policy-schema.ts';
import { MOST_TEXT_BYTES, Principal } from './rule-table.ts';

const SMALL = documentOf(readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8'));
const CLASSES = Object.keys(SMALL.classes).filter((name) => SMALL.classes[name]!.plane === 'metadata');
const TENANTS = ['acme', 'acre', 'other', 'goldie'];
const WITH_TIERS: PolicyDocument = {
  ...SMALL,
  tiers: { ...SMALL.tiers, gold: { weightFactor: 4, rateFactor: 1, tenants: ['goldie'] } },
};

function documentOf(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.document;
}

/** Short texts of few letters, so that patterns meet them; some that are long, and some of several bytes a letter. */
const letters = fc.constantFrom('a', 'b', '.', 'é', '😀', '*');
const text = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: letters, maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: letters, minLength: 60, maxLength: 300 }) },
);
const pattern = fc.string({ unit: fc.oneof(letters, fc.constant('*')), minLength: 1, maxLength: 6 });
const rule: fc.Arbitrary<RulePolicy> = fc
  .record({
    kind: fc.option(fc.constantFrom('custom' as const, 'custom' as const, 'gauge' as const), { nil: undefined }),
    type: fc.option(pattern, { nil: undefined, freq: 10 }),
    label: fc.option(pattern, { nil: undefined }),
    principal: fc.option(fc.constantFrom(...PRINCIPAL_KINDS), { nil: undefined, freq: 1 }),
    tenant: fc.option(fc.constantFrom('acme', 'ac*e', '*', 'o*'), { nil: undefined }),
    tier: fc.option(fc.constantFrom('standard', 'gold'), { nil: undefined }),
    class: fc.constantFrom(...CLASSES),
  })
  .map(({ class: name, ...when }) => ({ when, class: name }) as RulePolicy);
const rules = fc.oneof(fc.array(rule, { maxLength: 6 }), fc.array(rule, { minLength: 30, maxLength: 200 }));
const frame = fc.record({
  kind: fc.oneof(fc.constant('custom' as const), fc.constantFrom(...METADATA_KINDS)),
  principal: fc.constantFrom(...PRINCIPAL_KINDS),
  tenant: fc.constantFrom(...TENANTS),
  type: text,
  label: text,
});
type AskedFrame = typeof frame extends fc.Arbitrary<infer T> ? T : never;

const compiled = (list: readonly RulePolicy[], version = 1): Policy =>
  compilePolicy({ ...WITH_TIERS, version, rules: [...list] });

function expected(policy: Policy, asked: AskedFrame): number {
  const tier = policy.tierByTenant.get(asked.tenant) ?? 0;
  return classify(policy, { ...asked, kind: Kind[asked.kind], principal: Principal[asked.principal], tier });
}

/** The class the frame path finds, with the texts somewhere inside a buffer. */
function found(classifier: FrameClassifier, asked: AskedFrame): number {
  const classIndex = classifier.classOf(Kind[asked.kind]);
  if (classIndex !== BY_TEXT) return classIndex;
  const bytes = Buffer.from(`x${asked.type}-${asked.label}y`);
  const typeEnd = 1 + Buffer.byteLength(asked.type);
  return classifier.classOfTexts(bytes, 1, typeEnd, typeEnd + 1, bytes.length - 1);
}

t.test(
  'POLICY-15 the class of a frame on its way is the one the rules give, however often it is asked for',
  async (t) => {
    let byText = 0;
    fc.assert(
      fc.property(rules, fc.array(frame, { maxLength: 30 }), (list, frames) => {
        const policy = compiled(list);
        const tables = new ClassTables(policy);
        for (const asked of [...frames, ...frames]) {
          const classifier = tables.sender(Principal[asked.principal], asked.tenant);
          if (classifier.classOf(Kind[asked.kind]) === BY_TEXT) byText++;
          const got = found(classifier, asked);
          if (got !== expected(policy, asked)) throw new Error(`${JSON.stringify(asked)}: ${got}`);
        }
      }),
      { numRuns: 600, verbose: 1 },
    );
    t.ok(byText > 1000, `${byText} frames were judged by their texts`);
  },
);

t.test('POLICY-15 patterns mean over bytes, and over texts, what they mean over letters', async (t) => {
  fc.assert(
    fc.property(pattern, text, (asked, over) => {
      const parts = asked.split('*').map((part) => part.replaceAll('.', '\\.'));
      const covers = new RegExp(`^${parts.join('.*')}$`, 'su').test(over);
      const bytes = Buffer.from(`ab${over}ba`);
      if (globMatches(asked, over) !== covers) return false;
      return globMatchesBytes(Buffer.from(asked), bytes, 2, bytes.length - 2) === covers;
    }),
    { numRuns: 5000, verbose: 1 },
  );
  t.pass();
});

t.test('POLICY-16 a type or label of more than 256 bytes meets no condition', async (t) => {
  const star = compiled([{ when: { type: '*' }, class: 'premium' }]);
  const asked = { kind: 'custom', principal: 'agent', tenant: 'acme', label: '' } as const;
  const ofLength = (policy: Policy, letter: string, bytes: number) => {
    const type = letter.repeat(bytes / Buffer.byteLength(letter));
    const got = found(new ClassTables(policy).sender(Principal.agent, 'acme'), { ...asked, type });
    t.equal(got, expected(policy, { ...asked, type }));
    return policy.classes[got]!.name;
  };
  t.equal(ofLength(star, 'a', MOST_TEXT_BYTES), 'premium');
  t.equal(ofLength(star, 'a', MOST_TEXT_BYTES + 1), 'standard');
  t.equal(ofLength(star, 'é', MOST_TEXT_BYTES), 'premium');
  t.equal(ofLength(star, 'é', MOST_TEXT_BYTES + 2), 'standard');
  const label = compiled([{ when: { label: 'x' }, class: 'premium' }]);
  const long = { ...asked, type: 'a'.repeat(1000), label: 'x' };
  const got = found(new ClassTables(label).sender(Principal.agent, 'acme'), long);
  t.equal(label.classes[got]!.name, 'premium', 'a rule that does not ask for the type');
});

t.test('POLICY-17 ever new types grow nothing and change no verdict', async (t) => {
  const list = Array.from(
    { length: 200 },
    (_, index): RulePolicy => ({ when: { type: `sensor.${index}.*` }, class: 'deferred' }),
  );
  const policy = compiled([{ when: { type: 'alert.*' }, class: 'premium' }, ...list]);
  const classifier = new ClassTables(policy).sender(Principal.agent, 'acme');
  const asked = { kind: 'custom', principal: 'agent', tenant: 'acme', label: '' } as const;
  const verdicts = new Set<string>();
  for (let index = 0; index < 20_000; index++) {
    const type = index % 3 === 0 ? 'alert.fire' : `sensor.${index % 400}.${index}`;
    verdicts.add(policy.classes[found(classifier, { ...asked, type })]!.name);
    if (found(classifier, { ...asked, type }) !== expected(policy, { ...asked, type })) t.fail(type);
  }
  t.same([...verdicts].sort(), ['deferred', 'premium', 'standard']);
});

t.test('POLICY-18 a sender is judged by the policy in force from the next frame on', async (t) => {
  const first = compiled([{ when: { principal: 'agent', kind: 'gauge' }, class: 'premium' }]);
  const active = activePolicy(first);
  const tables = new ClassTables(active);
  const agent = tables.sender(Principal.agent, 'acme', ['premium', 'captions']);
  const nameOf = (asked: FrameClassifier, type = '') =>
    active.classes[found(asked, { kind: 'custom', principal: 'agent', tenant: 'acme', type, label: '' })]!.name;
  t.equal(active.classes[agent.classOf(Kind.gauge)]!.name, 'premium');
  t.equal(nameOf(agent, 'alert'), 'standard');
  adoptPolicy(
    active,
    compilePolicy({ ...WITH_TIERS, version: 2, rules: [{ when: { type: 'alert' }, class: 'premium' }] }, active),
  );
  t.equal(active.classes[agent.classOf(Kind.gauge)]!.name, 'standard');
  t.equal(nameOf(agent, 'alert'), 'premium');
  t.notOk(agent.bars(active.classes.findIndex(({ name }) => name === 'premium')), 'the bound goes along');
  t.ok(agent.bars(active.classes.findIndex(({ name }) => name === 'standard')));
});

t.test('POLICY-19 an access token keeps its bearer to the metadata classes it names', async (t) => {
  const policy = compiled([]);
  const tables = new ClassTables(policy);
  const barred = (bound: readonly string[] | null) => {
    const sender = tables.sender(Principal.standard, 'acme', bound);
    return policy.classes.flatMap(({ name }, index) => (sender.bars(index) ? [name] : []));
  };
  const metadata = policy.classes.filter(({ plane }) => plane === 'metadata').map(({ name }) => name);
  t.same(barred(null), []);
  t.same(barred([]), metadata, 'signalling is not concerned');
  t.same(
    barred(['captions', 'nonsense']),
    metadata.filter((name) => name !== 'captions'),
  );
  const sender = tables.sender(Principal.standard, 'acme', []);
  sender.rebind(null);
  t.notOk(
    metadata.some((_, index) => sender.bars(index)),
    'another access token, another bound',
  );
});

t.test('POLICY-15 senders for whom the same rules can hold share their tables, and there are few', async (t) => {
  const policy = compiled([{ when: { tenant: 'tenant-1*', type: 'a' }, class: 'premium' }]);
  const tables = new ClassTables(policy);
  const seen = new Set<unknown>();
  for (let index = 0; index < 10_000; index++) seen.add(tables.tablesOf(Principal.agent, `tenant-${index}`, null));
  t.equal(seen.size, 2);
});

t.test('POLICY-15 what explain tells is what is enforced', async (t) => {
  const text = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');
  const base = parsePolicy(text);
  if (!base.ok) throw new Error('the policy of the tests is valid');
  let byRule = 0;
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), fc.array(frame, { maxLength: 6 }), (list, frames) => {
      const parsed = { ...base, document: { ...WITH_TIERS, rules: list } };
      const policy = compilePolicy(parsed.document);
      const tables = new ClassTables(policy);
      for (const asked of frames) {
        const told = explainFrame(parsed, { ...asked, final: false, tier: null });
        const got = policy.classes[found(tables.sender(Principal[asked.principal], asked.tenant), asked)]!.name;
        const ruled = told.rule < 0 || parsed.document.rules[told.rule]!.class === told.class;
        if (told.rule >= 0) byRule++;
        if (told.class !== got || !ruled) throw new Error(`${JSON.stringify(asked)}: ${told.class}, enforced ${got}`);
      }
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.ok(byRule > 100, `a rule decided about ${byRule} frames`);
});
