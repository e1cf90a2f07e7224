import { readFileSync } from 'node:fs';
import t from 'tap';
import { problemsOf } from './fixtures/policy-mistakes.ts';
import { parsePolicy, problemLine } from './parse-policy.ts';

const GOOD = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

t.test('POLICY-1 the policy that the mistakes are made in is valid', async (t) => {
  t.strictSame(problemsOf(GOOD), []);
});

t.test('POLICY-2 everything that is wrong is said at once, in the order of the text', async (t) => {
  const bad = GOOD.replace('weight: 8', 'weight: 0')
    .replace('tickMs: 100', 'tickMs: x')
    .replace('ttlMs: 2000', 'ttlMs: -1');
  const found = problemsOf(bad);
  t.strictSame(
    found.map(({ path }) => path),
    ['classes.premium.weight', 'classes.captions.coalesce.tickMs', 'kinds.agentTurn.ttlMs'],
  );
  t.equal(problemLine('p.yaml', found[0]!), 'p.yaml:7:5: classes.premium.weight: expected more than 0, found 0');
});

t.test('POLICY-1 a policy may be JSON', async (t) => {
  const parsed = parsePolicy(GOOD);
  t.ok(parsed.ok);
  if (!parsed.ok) return;
  const json = JSON.stringify(parsed.text.values, null, 2);
  const again = parsePolicy(json);
  t.strictSame(again.ok && again.document, parsed.document);
  const twice = json.replace('"version": 1,', '"version": 1,\n  "version": 2,');
  t.match(problemsOf(twice), [{ line: 3, column: 3, message: /the key "version" stands here a second time/ }]);
});
