/**
 * What it costs to give a frame its class: `node classes/classify.bench.ts`. By kind alone, through a few rules, and
 * through 200 rules of which none holds, the worst case. Nanoseconds per frame, the least of five rounds.
 */
import { readFileSync } from 'node:fs';
import { Kind } from '../schemas/kinds.ts';
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

function measure(name: string, policy: Policy, kind: number): void {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const startMs = performance.now();
    for (let index = 0; index < FRAMES; index++) {
      sink += classify(policy, kind, Principal.agent, index & 1 ? 'acme' : 'other', 0, 'status.ready', '');
    }
    least = Math.min(least, performance.now() - startMs);
  }
  console.log(`${name.padEnd(44)}${((least * 1e6) / FRAMES).toFixed(1).padStart(8)} ns`);
}

const alerts = { when: { kind: 'custom', type: 'alert.*' }, class: 'premium' };
const many = Array.from({ length: 200 }, (_, index) => ({
  when: { kind: 'custom', type: `sensor.${index}.*` },
  class: 'deferred',
}));
measure('by kind, no rules', policyWith([]), Kind.caption);
measure('by kind, 200 rules for another kind', policyWith(many), Kind.caption);
measure('one rule that does not hold', policyWith([alerts]), Kind.custom);
measure('200 rules of which none holds', policyWith(many), Kind.custom);
process.exitCode = sink > 0 ? 0 : 1;
