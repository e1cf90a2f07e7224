import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parsePolicy, problemLine } from './parse-policy.ts';
import { MAX_POLICY_CHARACTERS, type PolicyProblem } from './policy-text.ts';

const GOOD = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

/** What is wrong with a text; fails when nothing is. */
function problemsOf(text: string): readonly PolicyProblem[] {
  const parsed = parsePolicy(text);
  return parsed.ok ? [] : parsed.problems;
}

interface Mistake {
  readonly what: string;
  /** What to change in the good policy, and into what. */
  readonly from: string;
  readonly to: string;
  /** The changed text at the line and column that must be named: their first occurrence. */
  readonly at: string;
  readonly path: string;
  readonly message: string;
}

const mistake = (what: string, from: string, to: string, at: string, path: string, message: string): Mistake => ({
  what,
  from,
  to,
  at,
  path,
  message,
});

const PREMIUM = 'classes.premium';
const MISTAKES: readonly Mistake[] = [
  // Shape: words, types and ranges.
  mistake('an unknown section', 'tiers:', 'teirs:', 'teirs:', 'teirs', 'there is no such key (did you mean "tiers"?)'),
  mistake(
    'an unknown key of a class',
    'weight: 8',
    'wieght: 8',
    'wieght: 8',
    `${PREMIUM}.wieght`,
    'there is no such key (did you mean "weight"?)',
  ),
  mistake(
    'an unknown key that is like none',
    'sloMs: {p999: 25}',
    'sloMs: {xxxxxxxx: 25}',
    'xxxxxxxx',
    'classes.call-setup.sloMs.xxxxxxxx',
    'there is no such key, expected p50, p99 or p999',
  ),
  mistake(
    'an unknown plane',
    'plane: control, band: 0',
    'plane: contrl, band: 0',
    'plane: contrl',
    'classes.call-setup.plane',
    'expected control or metadata, found "contrl" (did you mean "control"?)',
  ),
  mistake(
    'an unknown kind in match',
    'match: [caption]',
    'match: [captions]',
    'captions]',
    'classes.captions.match.0',
    'expected one of join, leave, offer, answer, candidate, mute, … (28 words), found "captions" (did you mean "caption"?)',
  ),
  mistake(
    'an unknown kind',
    '  agentTurn: {',
    '  agentTrun: {',
    'agentTrun',
    'kinds.agentTrun',
    'there is no such key (did you mean "agentTurn"?)',
  ),
  mistake(
    'an unknown delivery',
    'at-least-once',
    'atleastonce',
    'delivery: atl',
    'kinds.moderation.delivery',
    'expected best-effort, latest or at-least-once, found "atleastonce" (did you mean "at-least-once"?)',
  ),
  mistake(
    'a rate of 0',
    'rate: 50,',
    'rate: 0,',
    'rate: 0,',
    `${PREMIUM}.limits.session.rate`,
    'expected at least 0.001, found 0',
  ),
  mistake(
    'a negative rate',
    'rate: 50,',
    'rate: -5,',
    'rate: -5',
    `${PREMIUM}.limits.session.rate`,
    'expected at least 0.001, found -5',
  ),
  mistake(
    'a burst below one frame',
    'burst: 100}\n',
    'burst: 0}\n',
    'burst: 0}',
    `${PREMIUM}.limits.session.burst`,
    'expected at least 1, found 0',
  ),
  mistake(
    'a burst of half frames',
    'burst: 100}\n',
    'burst: 99.5}\n',
    'burst: 99.5',
    `${PREMIUM}.limits.session.burst`,
    'expected a whole number, found 99.5',
  ),
  mistake('a weight of 0', 'weight: 8', 'weight: 0', 'weight: 0', `${PREMIUM}.weight`, 'expected more than 0, found 0'),
  mistake(
    'a weight that is text',
    'weight: 8',
    'weight: eight',
    'weight: eight',
    `${PREMIUM}.weight`,
    'expected a number, found "eight"',
  ),
  mistake(
    'a number that is none',
    'weight: 8',
    'weight: .nan',
    'weight: .nan',
    `${PREMIUM}.weight`,
    'expected a number, found NaN',
  ),
  mistake(
    'an infinite rate',
    'rate: 50,',
    'rate: .inf,',
    'rate: .inf',
    `${PREMIUM}.limits.session.rate`,
    'expected a number, found Infinity',
  ),
  mistake(
    'a limit without its burst',
    'session: {rate: 50, burst: 100}',
    'session: {rate: 50}',
    'session: {rate: 50}',
    `${PREMIUM}.limits.session.burst`,
    'expected a number, found nothing',
  ),
  mistake(
    'a value that was forgotten',
    'weight: 8',
    'weight:',
    'weight:\n',
    `${PREMIUM}.weight`,
    'expected a number, found nothing after the colon',
  ),
  mistake('a version of 0', 'version: 1', 'version: 0', 'version', 'version', 'expected at least 1, found 0'),
  mistake('no version', 'version: 1\n', '', 'classes:', 'version', 'expected a number, found nothing'),
  mistake(
    'a level that is no whole number',
    'shedAtLevel: 2',
    'shedAtLevel: 1.5',
    'shedAtLevel',
    'classes.deferred.shedAtLevel',
    'expected a whole number, found 1.5',
  ),
  mistake(
    'a list where a group belongs',
    'kinds:\n  agentTurn: {ttlMs: 2000}',
    'kinds:\n  agentTurn: [2000]',
    'agentTurn: [2000]',
    'kinds.agentTurn',
    'expected a group of keys, found a list of 1',
  ),
  mistake(
    'a class name with a space',
    '  deferred: {',
    '  de ferred: {',
    'de ferred',
    'classes.de ferred',
    'expected a name: a letter, then letters, digits, "-", "_" or "."',
  ),
  mistake(
    'a share above 1',
    'weight: 2,',
    'weight: 2, guardShare: 1.5,',
    'guardShare',
    'classes.standard.guardShare',
    'expected at most 1, found 1.5',
  ),
  // The text itself.
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
  // Classes and kinds.
  mistake(
    'a kind without a class',
    ', retrieval, custom]',
    ', custom]',
    'classes:',
    'classes',
    'expected every kind in the match of a class; in none: retrieval',
  ),
  mistake(
    'a kind in two classes',
    'match: [caption]',
    'match: [caption, feedback]',
    'feedback]',
    'classes.captions.match.1',
    'feedback is in premium already, expected in one class',
  ),
  mistake(
    'a kind twice in one class',
    'match: [caption]',
    'match: [caption, caption]',
    'caption]',
    'classes.captions.match.1',
    'caption stands here a second time, expected once',
  ),
  mistake(
    'metadata in a control class',
    'candidate, leave]',
    'candidate, leave, gauge]',
    'gauge],',
    'classes.call-setup.match.5',
    'gauge is metadata, expected in a metadata class',
  ),
  mistake(
    'signalling in a metadata class',
    'match: [caption]',
    'match: [caption, ping]',
    'ping]\n',
    'classes.captions.match.1',
    'ping is signalling, expected in a control class',
  ),
  mistake(
    'a control class with a weight',
    'band: 0,',
    'band: 0, weight: 3,',
    'weight: 3',
    'classes.call-setup.weight',
    'a control class has none, expected band instead',
  ),
  mistake(
    'a metadata class with a band',
    'weight: 2,',
    'weight: 2, band: 1,',
    'band: 1, match: [pres',
    'classes.standard.band',
    'a metadata class has none, expected weight instead',
  ),
  mistake(
    'a control class without a band',
    'band: 0, ',
    '',
    'classes:',
    'classes',
    'expected a control class with band 0, found none',
  ),
  mistake(
    'a metadata class without a weight',
    'weight: 2, ',
    '',
    'standard: {plane',
    'classes.standard.weight',
    'expected the weight of a metadata class, found nothing',
  ),
  mistake(
    'two control classes of one band',
    'band: 1,',
    'band: 0,',
    'band: 0, match: [mute',
    'classes.call-control.band',
    'expected one class per band; band 0 is that of call-setup',
  ),
  mistake(
    'guard shares above 1 in sum',
    'weight: 2,',
    'weight: 2, guardShare: 0.9,',
    'guardShare',
    'classes.standard.guardShare',
    'expected guard shares of at most 1 in sum, found 1.05',
  ),
  mistake(
    'a control class that is shed',
    'band: 1,',
    'band: 1, shedAtLevel: 1,',
    'shedAtLevel: 1',
    'classes.call-control.shedAtLevel',
    'a control class has none: control is never shed',
  ),
  mistake(
    'captions without a tick',
    '    coalesce: {tickMs: 100, keyframeMs: 2000}\n',
    '',
    'captions:',
    'classes.captions.coalesce',
    'expected, because this is the class of captions',
  ),
  mistake(
    'a tick where nothing is coalesced',
    'weight: 2,',
    'weight: 2, coalesce: {tickMs: 100},',
    'coalesce: {tickMs: 100},',
    'classes.standard.coalesce',
    'expected only at the class of captions',
  ),
  mistake(
    'keyframes faster than the tick',
    'keyframeMs: 2000',
    'keyframeMs: 50',
    'keyframeMs',
    'classes.captions.coalesce.keyframeMs',
    'expected at least tickMs (100), found 50',
  ),
  // Limits.
  mistake(
    'a session above its tenant',
    'rate: 50,',
    'rate: 6000,',
    'rate: 6000',
    `${PREMIUM}.limits.session.rate`,
    'can never be reached: expected at most the rate of tenant (5000), found 6000',
  ),
  mistake(
    'a burst above that of the tenant',
    'burst: 100}\n',
    'burst: 20000}\n',
    'burst: 20000',
    `${PREMIUM}.limits.session.burst`,
    'can never be reached: expected at most the burst of tenant (10000), found 20000',
  ),
  mistake(
    'borrowing less than one has',
    'rate: 50, burst: 100',
    'rate: 50, ceil: 40, burst: 100',
    'ceil',
    `${PREMIUM}.limits.session.ceil`,
    'expected at least the rate (50), found 40',
  ),
  mistake(
    'finals where there are none',
    'session: {rate: 50, burst: 100}',
    'finals: {session: {rate: 5, burst: 9}}',
    'finals',
    `${PREMIUM}.limits.finals`,
    'expected only at the class of captions: nothing else has finals',
  ),
  mistake(
    'borrowing more than the tenant has',
    'rate: 50, burst: 100',
    'rate: 50, ceil: 9000, burst: 100',
    'ceil',
    `${PREMIUM}.limits.session.ceil`,
    'can never be reached: expected at most what tenant may have (5000), found 9000',
  ),
  mistake(
    'finals that borrow',
    'finals: {session: {rate: 5, burst: 20}}',
    'finals: {session: {rate: 5, ceil: 9, burst: 20}}',
    'ceil',
    'classes.captions.limits.finals.session.ceil',
    'there is no such key, expected rate or burst',
  ),
  mistake(
    'a room of a control class',
    'leave], sloMs: {p999: 25}}',
    'leave], limits: {room: {rate: 900, burst: 900}}}',
    'room',
    'classes.call-setup.limits.room',
    'a control class has none: before the join, no room is known',
  ),
  mistake(
    'model tokens of what costs none',
    'finals: {session: {rate: 5, burst: 20}}',
    'modelTokens: {session: {rate: 5, burst: 20}}',
    'modelTokens: {session',
    'classes.captions.limits.modelTokens',
    'expected only at the class of agentTurn: nothing else costs anything',
  ),
  mistake(
    'spending without prices',
    'modelTokens:',
    'spend:',
    'spend',
    `${PREMIUM}.limits.spend`,
    'expected prices in this policy, or nothing costs anything',
  ),
  // Kinds.
  mistake(
    'interims stale before the tick',
    'interimTtlMs: 500',
    'interimTtlMs: 50',
    'interimTtlMs',
    'kinds.caption.interimTtlMs',
    'expected at least tickMs (100), or it is stale before it is written; found 50',
  ),
  mistake(
    'a value stale before the tick',
    'conflate: true, ttlMs: 1000',
    'conflate: true, ttlMs: 20',
    'ttlMs: 20}',
    'kinds.presence.ttlMs',
    'expected at least tickMs (100), or it is stale before it is written; found 20',
  ),
  mistake(
    'finals that go stale',
    'interimTtlMs: 500',
    'ttlMs: 500',
    'ttlMs: 500',
    'kinds.caption.ttlMs',
    'finals never go stale, expected interimTtlMs',
  ),
  mistake(
    'interims of what has none',
    'summary: {ttlMs',
    'summary: {interimTtlMs',
    'interimTtlMs: 30000',
    'kinds.summary.interimTtlMs',
    'only captions have interims, expected ttlMs',
  ),
  mistake(
    'moderation that goes stale',
    'delivery: at-least-once',
    'ttlMs: 5000',
    'ttlMs: 5000',
    'kinds.moderation.ttlMs',
    'moderation never goes stale',
  ),
  mistake(
    'a promise that goes stale',
    'agentTurn: {ttlMs: 2000}',
    'agentTurn: {ttlMs: 2000, delivery: at-least-once}',
    'ttlMs: 2000',
    'kinds.agentTurn.ttlMs',
    'what is delivered at-least-once never goes stale',
  ),
  mistake(
    'conflation without a key',
    'summary: {ttlMs: 30000}',
    'summary: {conflate: true}',
    'conflate: true}',
    'kinds.summary.conflate',
    'expected only at presence and gauge: summary has no key',
  ),
  // Rules and tiers.
  mistake(
    'a rule for no class',
    'class: premium}',
    'class: premuim}',
    'class: premuim',
    'rules.0.class',
    'there is no class premuim (did you mean "premium"?), expected premium, captions, standard, deferred',
  ),
  mistake(
    'a rule for a control class',
    'class: premium}',
    'class: call-setup}',
    'class: call-setup',
    'rules.0.class',
    'expected a metadata class (premium, captions, standard, deferred), found call-setup, a control class',
  ),
  mistake(
    'a rule for an unknown kind',
    'kind: custom, type',
    'kind: costum, type',
    'kind: costum',
    'rules.0.when.kind',
    'expected one of request, cancel, interrupt, caption, moderation, presence, … (16 words), found "costum" (did you mean "custom"?)',
  ),
  mistake(
    'a rule for a type that is never there',
    'kind: custom, type',
    'kind: gauge, type',
    'type: "alert',
    'rules.0.when.type',
    'can never match: only custom frames have a type, expected kind custom, found gauge',
  ),
  mistake(
    'a rule without conditions',
    '{kind: custom, tenant: acme}',
    '{}',
    'when: {}',
    'rules.1.when',
    'expected at least one condition: kind, type, label, principal, tenant or tier',
  ),
  mistake(
    'a rule for no tier',
    'tenant: acme',
    'tier: glod',
    'tier: glod',
    'rules.1.when.tier',
    'there is no tier glod (did you mean "gold"?), expected standard or gold',
  ),
  mistake(
    'a rule behind a wider one',
    'tenant: acme',
    'type: "alert.fire*"',
    '{when: {kind: custom, type: "alert.fire',
    'rules.1',
    'can never match: rules.0 matches first whatever this one does',
  ),
  mistake(
    'a tenant in two tiers',
    'weightFactor: 4}, standard: {}',
    'tenants: [acme]}, silver: {tenants: [acme]}',
    'acme]}}',
    'tiers.silver.tenants.0',
    'acme is in gold already, expected in one tier',
  ),
  // Ladder and breakers.
  mistake(
    'a ladder that gets laxer',
    '- {interims: none}',
    '- {interims: all}',
    'interims: all',
    'ladder.levels.2.interims',
    'expected at least as strict as level 2 (focused): a ladder only gets stricter',
  ),
  mistake(
    'a ladder that turns a kind on again',
    '- {interims: none}',
    '- {kindsOff: [gauge]}',
    'kindsOff: [gauge]',
    'ladder.levels.2.kindsOff',
    'expected at least as strict as level 2 (presence): a ladder only gets stricter',
  ),
  mistake(
    'a tick under overload faster than without',
    'interimTickMs: 300',
    'interimTickMs: 60',
    'interimTickMs',
    'ladder.levels.0.interimTickMs',
    'expected at least as strict as level 0 (100): a ladder only gets stricter',
  ),
  mistake(
    'a tick under overload that outlives interims',
    'interimTickMs: 300',
    'interimTickMs: 600',
    'interimTickMs',
    'ladder.levels.0.interimTickMs',
    'expected at most the interimTtlMs of captions (500), found 600',
  ),
  mistake(
    'a level the ladder has not',
    'shedAtLevel: 2',
    'shedAtLevel: 5',
    'shedAtLevel',
    'classes.deferred.shedAtLevel',
    'the ladder has 3 levels, expected one of them; found 5',
  ),
  mistake(
    'a breaker for no class',
    'ladder:',
    'breakers: {classes: {standrad: {}}}\nladder:',
    'standrad',
    'breakers.classes.standrad',
    'there is no class standrad (did you mean "standard"?)',
  ),
];

t.test('POLICY-1 the policy that the mistakes are made in is valid', async (t) => {
  t.strictSame(problemsOf(GOOD), []);
});

for (const { what, from, to, at, path, message } of MISTAKES) {
  t.test(`POLICY-2 ${what} is named with line, column, path and what was expected`, async (t) => {
    t.ok(GOOD.includes(from), 'the mistake can be made');
    const bad = GOOD.replace(from, () => to);
    const before = bad.slice(0, bad.indexOf(at)).split('\n');
    t.ok(bad.includes(at), 'the place can be named');
    const found = problemsOf(bad);
    const expected = { line: before.length, column: before.at(-1)!.length + 1, path, message };
    const right = found.some((problem) => problem.path === path && problem.message.startsWith(message));
    t.ok(right, message, { found, expected });
    const same = found.find((problem) => problem.path === path && problem.message.startsWith(message));
    t.match(same, { line: expected.line, column: expected.column }, 'line and column');
  });
}

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
