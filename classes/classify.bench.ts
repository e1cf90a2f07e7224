/**
 * What it costs to give a frame its class: `node classes/classify.bench.ts`. Nanoseconds per frame, the least of five rounds.
 *
 * Beside the tables of the frame path stands the plain search through the rules, which is their definition.
 */
import { readFileSync } from 'node:fs';
import { Kind } from '../schemas/kinds.ts';
import { BY_TEXT, ClassTables } from './frame-classifier.ts';
import { parsePolicy } from './parse-policy.ts';
import { classify, compilePolicy, type Policy } from './policy.ts';
import { Principal } from './rule-table.ts';

const FRAMES = 1_000_000;

/** What the calls return ends here, so that none can be optimised away. */
let sink = 0;

function policyWith(rules: readonly object[]): Policy {
  const small = parsePolicy(readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8'));
  if (!small.ok) throw new Error('the policy of the tests is valid');
  const parsed = parsePolicy(JSON.stringify({ ...(small.text.values as object), rules }));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return compilePolicy(parsed.document);
}

function timed(name: string, body: () => void): void {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const startMs = performance.now();
    body();
    least = Math.min(least, performance.now() - startMs);
  }
  console.log(`${name.padEnd(52)}${((least * 1e6) / FRAMES).toFixed(1).padStart(8)} ns`);
}

/** Frames whose type is one of `types`, which stand in a buffer as they do in a batch. */
function measure(name: string, policy: Policy, kind: number, types: readonly string[]): void {
  const sender = new ClassTables(policy).sender(Principal.agent, 'acme');
  const texts = types.map((type) => Buffer.from(`--${type}urgent--`));
  timed(name, () => {
    for (let index = 0; index < FRAMES; index++) {
      const bytes = texts[index % texts.length]!;
      const classIndex = sender.classOf(kind);
      const end = bytes.length - 2;
      sink += classIndex === BY_TEXT ? sender.classOfTexts(bytes, 2, end - 6, end - 6, end) : classIndex;
    }
  });
}

function measurePlainly(name: string, policy: Policy, kind: number, type: string): void {
  timed(name, () => {
    for (let index = 0; index < FRAMES; index++) {
      const tenant = index & 1 ? 'acme' : 'other';
      sink += classify(policy, { kind, principal: Principal.agent, tenant, tier: 0, type, label: 'urgent' });
    }
  });
}

const alerts = { when: { kind: 'custom', type: 'alert.*' }, class: 'premium' };
const sensors = Array.from({ length: 199 }, (_, index) => ({
  when: { kind: 'custom', type: `sensor.${index}.*` },
  class: 'deferred',
}));
const starred = Array.from({ length: 199 }, (_, index) => ({
  when: { kind: 'custom', type: `*.sensor-${index}` },
  class: 'deferred',
}));
const many = policyWith([...sensors, alerts]);
/** Types that nobody sends twice before they are forgotten. */
const fresh = Array.from({ length: 100_000 }, (_, index) => `status.${index}`);

measure('kind alone, no rules', policyWith([]), Kind.caption, ['']);
measure('kind alone, 200 rules for another kind', many, Kind.caption, ['']);
measure('200 rules, the last holds', many, Kind.custom, ['alert.fire']);
measure('200 rules, none holds', many, Kind.custom, ['status.ready']);
measure('200 rules, a type never seen, none holds', many, Kind.custom, fresh);
measure(
  '200 rules, a type never seen, one holds',
  many,
  Kind.custom,
  fresh.map((_, index) => `sensor.${index % 199}.${index}`),
);
measure('200 rules that begin with a star, a known type', policyWith(starred), Kind.custom, ['status.ready']);
measure('200 rules that begin with a star, never seen', policyWith(starred), Kind.custom, fresh);
measurePlainly('plain search, one rule that does not hold', policyWith([alerts]), Kind.custom, 'status.ready');
measurePlainly('plain search, 200 rules, none holds', many, Kind.custom, 'status.ready');
process.exitCode = sink > 0 ? 0 : 1;
