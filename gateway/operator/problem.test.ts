import t from 'tap';
import { parsePolicy } from '../../classes/parse-policy.ts';
import { problemOf } from './problem.ts';

t.test('POLICY-32 what is wrong is told in parts: what was expected, what was found, the nearest word', async (t) => {
  const cases: [string, string | null, string | null, string | null][] = [
    ['there is no such key (did you mean "weight"?)', 'weight', null, 'weight'],
    ['there is no such key, expected p50, p99 or p999', 'p50, p99 or p999', null, null],
    [
      'expected control or metadata, found "contrl" (did you mean "control"?)',
      'control or metadata',
      '"contrl"',
      'control',
    ],
    ['expected at least 0.001, found -5', 'at least 0.001', '-5', null],
    [
      'can never be reached: expected at most the rate of tenant (20), found 30',
      'at most the rate of tenant (20)',
      '30',
      null,
    ],
    [
      'expected at least tickMs (100), or it is stale before it is written; found 50',
      'at least tickMs (100), or it is stale before it is written',
      '50',
      null,
    ],
    ['caption is in captions already, expected in one class', 'in one class', null, null],
  ];
  for (const [message, expected, found, nearest] of cases) {
    const problem = { line: 3, column: 5, path: 'a.b', message };
    t.strictSame(problemOf(problem), { ...problem, expected, found, nearest }, message);
  }
});

t.test('POLICY-32 every problem of a policy that says what was expected says so in parts too', async (t) => {
  const text = 'version: 0\nclasses: {a: {plane: x, match: []}}\nkinds: {caption: {ttlMs: -1}}\nrulez: []\n';
  const parsed = parsePolicy(text);
  const problems = parsed.ok ? [] : parsed.problems;
  t.ok(problems.length >= 4);
  for (const problem of problems) {
    const told = problemOf(problem);
    t.ok(told.expected !== null && told.line > 0 && told.column > 0, problem.message);
  }
});
