import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../schemas/kinds.ts';
import { activePolicy, adoptPolicy, bereftClasses } from './active-policy.ts';
import { parsePolicy } from './parse-policy.ts';
import { compilePolicy, MOST_CLASS_INDEXES, type Policy } from './policy.ts';
import type { PolicyDocument } from './policy-schema.ts';

const SMALL = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

function documentOf(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.document;
}

const small = documentOf(SMALL);

/** The small policy with its metadata classes under other names, in another order. */
function renamed(names: readonly string[], backwards: boolean): PolicyDocument {
  const control = Object.entries(small.classes).filter(([, { plane }]) => plane === 'control');
  const metadata = Object.values(small.classes).filter(({ plane }) => plane === 'metadata');
  const entries = [...control, ...metadata.map((each, index) => [names[index]!, each] as const)];
  return { ...small, rules: [], classes: Object.fromEntries(backwards ? entries.reverse() : entries) };
}

const namings = fc.tuple(
  fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'premium', 'captions'], { minLength: 4, maxLength: 4 }),
  fc.boolean(),
);

t.test(
  'POLICY-20 over any sequence of policies a class keeps its index, and those that are gone are retired',
  async () => {
    fc.assert(
      fc.property(fc.array(namings, { minLength: 1, maxLength: 12 }), (sequence) => {
        let policy: Policy | null = null;
        for (const [names, backwards] of sequence) {
          const document = renamed(names, backwards);
          const before: Policy | null = policy;
          policy = compilePolicy(document, before);
          const now = policy.classes;
          if (new Set(now.map(({ name }) => name)).size !== now.length) return false;
          if (before?.classes.some(({ name }, index) => now[index]!.name !== name)) return false;
          const fresh = compilePolicy(document);
          const nameOf = (of: Policy, kind: number) => of.classes[of.classByKind[kind]!]?.name;
          for (let kind = 0; kind < fresh.classByKind.length; kind++) {
            if (nameOf(policy, kind) !== nameOf(fresh, kind)) return false;
          }
          for (const { name, retired, match, band } of now) {
            if (retired !== !Object.hasOwn(document.classes, name)) return false;
            if (retired && (match.length > 0 || band !== null)) return false;
          }
        }
        return true;
      }),
    );
  },
);

t.test('POLICY-20 a class that comes back has its old index and its new limits', async (t) => {
  const first = compilePolicy(small);
  const index = first.classes.findIndex(({ name }) => name === 'premium');
  const { premium, ...others } = small.classes;
  const gone = compilePolicy({ ...small, rules: [], classes: { ...others, other: premium! } }, first);
  t.match(gone.classes[index], { name: 'premium', retired: true, session: first.classes[index]!.session });
  const back = { ...premium!, limits: { session: { rate: 3, burst: 4 } } };
  const again = compilePolicy({ ...small, classes: { ...others, premium: back } }, gone);
  t.match(again.classes[index], { name: 'premium', retired: false, session: { ratePerSecond: 3, burst: 4 } });
  t.equal(again.classByKind[Kind.agentTurn], index);
});

t.test('POLICY-20 more names than there are rows are refused, and what was in force is as it was', async (t) => {
  let policy = compilePolicy(small);
  let refusal = '';
  for (let round = 0; refusal === ''; round++) {
    const names = ['w', 'x', 'y', 'z'].map((letter) => `${letter}${round}`);
    const before = policy.classes.length;
    try {
      policy = compilePolicy(renamed(names, false), policy);
    } catch (error) {
      t.ok(error instanceof RangeError);
      refusal = (error as Error).message;
      t.equal(policy.classes.length, before);
      t.ok(before + 4 > MOST_CLASS_INDEXES);
    }
  }
  t.match(
    refusal,
    /^expected at most 120 names of classes since the gateway was started, .* makes it 12\d: keep names/,
  );
  t.ok(policy.classes.length <= MOST_CLASS_INDEXES);
});

t.test('POLICY-20 a process that begins later numbers classes as those that have run all the time', async () => {
  fc.assert(
    fc.property(fc.array(namings, { minLength: 1, maxLength: 12 }), (sequence) => {
      let policy: Policy | null = null;
      for (const [names, backwards] of sequence) {
        const document = renamed(names, backwards);
        policy = compilePolicy(document, policy);
        const classNames = policy.classes.map(({ name }) => name);
        const late = compilePolicy(document, null, classNames);
        const told = ({ name, retired, match }: Policy['classes'][number]) => `${name} ${retired} ${match.join()}`;
        if (String(late.classes.map(told)) !== String(policy.classes.map(told))) return false;
        if (String(late.classByKind) !== String(policy.classByKind)) return false;
        if (String(compilePolicy(document, policy, classNames).classByKind) !== String(policy.classByKind))
          return false;
      }
      return true;
    }),
  );
});

t.test('POLICY-20 names that contradict what a process has is an error', async (t) => {
  const first = compilePolicy(small);
  const names = first.classes.map(({ name }) => name).reverse();
  t.throws(() => compilePolicy(small, first, names), /expected class 0 to be call-setup, as before, found deferred/);
});

t.test('POLICY-21 whoever holds the active policy sees the adopted one, all of it', async (t) => {
  const active = activePolicy(compilePolicy(small));
  const holder: { readonly policy: Policy } = { policy: active };
  const next = compilePolicy({ ...renamed(['p', 'q', 'r', 's'], true), version: 9 }, active);
  adoptPolicy(active, next);
  t.equal(holder.policy.version, 9);
  t.strictSame({ ...holder.policy }, { ...next });
});

t.test('POLICY-22 classes that lost a kind are known by name', async (t) => {
  const before = compilePolicy(small);
  const text = SMALL.replace(', retrieval, custom]', ', retrieval]').replace(
    'kinds:\n',
    '  side: {plane: metadata, weight: 1, match: [custom]}\nkinds:\n',
  );
  t.strictSame(bereftClasses(before, compilePolicy(documentOf(text), before)), ['standard']);
  t.strictSame(bereftClasses(before, compilePolicy(small, before)), []);
});
