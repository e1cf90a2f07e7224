import { readFileSync } from 'node:fs';
import t from 'tap';
import { parsePolicy } from '../../classes/parse-policy.ts';
import { checkedPolicy, policyOf } from './policy-source.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');

t.test(
  'POLICY-21 a policy that was checked is compiled as it is, after the way from process to process too',
  async (t) => {
    const parsed = parsePolicy(SMALL);
    if (!parsed.ok) return t.fail('the small policy is valid');
    const sent = { file: 'small.yaml', text: 'nobody reads this', document: parsed.document };
    const came = JSON.parse(JSON.stringify(sent)) as typeof sent;
    const read = policyOf({ file: 'small.yaml', text: SMALL });
    for (const source of [sent, came]) {
      const compiled = policyOf(source);
      t.strictSame(compiled.classes, read.classes);
      t.strictSame([...compiled.classByKind, ...compiled.ttlMsByKind], [...read.classByKind, ...read.ttlMsByKind]);
      t.equal(compiled.rules.candidates.length, read.rules.candidates.length);
    }
    t.equal(checkedPolicy(sent).version, 1);
  },
);

t.test('POLICY-20 a policy with too many names is refused in one line with its file', async (t) => {
  const classNames = Array.from({ length: 120 }, (_, index) => `c${index}`);
  t.throws(() => policyOf({ file: 'small.yaml', text: SMALL, classNames }), {
    name: 'ConfigError',
    message: /^small\.yaml: classes: expected at most 120 names of classes [^\n]* makes it 126: keep names/,
  });
});
