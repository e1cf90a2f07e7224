/** Mistakes in the text of a policy, whatever it says, and texts that are no policy at all. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { mistake, problemsOf, testMistakes } from './fixtures/policy-mistakes.ts';
import { MAX_POLICY_CHARACTERS } from './policy-text.ts';

const GOOD = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

testMistakes(GOOD, [
  mistake('text that is no YAML', 'version: 1', 'version: "1" 2', '2\n', '', 'not valid YAML: Unexpected scalar'),
  mistake(
    'a key that stands twice',
    'weight: 8',
    'weight: 8\n    weight: 9',
    'weight: 9',
    '',
    'the key "weight" stands here a second time: expected each key once',
  ),
  mistake(
    'a key no object can hold',
    'weight: 8',
    'weight: 8\n    __proto__: {}',
    '__proto__',
    '',
    'there is no key "__proto__"',
  ),
]);

t.test('POLICY-3 what is no policy at all is refused without a fault', async (t) => {
  for (const text of [
    '',
    '# nothing',
    '[]',
    'text',
    '42',
    'null',
    '--- {}\n--- {}',
    '\u0000',
    `${'['.repeat(20_000)}`,
    '*a',
  ]) {
    const found = problemsOf(text);
    t.ok(
      found.length > 0 && found.every(({ line, column }) => line >= 1 && column >= 1),
      JSON.stringify(text.slice(0, 20)),
    );
  }
  const bomb = `a: &a [1,1,1,1,1,1,1,1,1]\n${[...'bcdefgh'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`).join('\n')}`;
  t.match(problemsOf(bomb), [{ message: /cannot be read as YAML/ }], 'aliases that explode');
  t.match(problemsOf('#'.repeat(MAX_POLICY_CHARACTERS + 1)), [{ message: /expected at most/ }]);
});

t.test('POLICY-3 a policy with a piece cut out, put elsewhere or replaced is judged without a fault', async (t) => {
  const place = fc.nat({ max: GOOD.length });
  const piece = fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ': ',
      '- ',
      '\n',
      '"',
      '&a ',
      '*a',
      '!!str ',
      '<<: ',
      '? ',
      '|\n',
      '0',
      '-1',
      '.inf',
      '\t',
    ),
    fc.string({ maxLength: 4 }),
    fc.tuple(place, fc.nat({ max: 30 })).map(([from, length]) => GOOD.slice(from, from + length)),
  );
  let refused = 0;
  fc.assert(
    fc.property(place, fc.nat({ max: 20 }), piece, (from, length, put) => {
      for (const { line, column, message } of problemsOf(GOOD.slice(0, from) + put + GOOD.slice(from + length))) {
        refused++;
        if (!(line >= 1 && column >= 1 && message !== '')) throw new Error(`${line}:${column}: ${message}`);
      }
    }),
    { numRuns: 500 },
  );
  t.ok(refused > 100, `${refused} problems were found`);
});
