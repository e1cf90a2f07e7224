import { readFileSync } from 'node:fs';
import t from 'tap';
import { parsePolicy } from './parse-policy.ts';
import { policyDifferences } from './policy-diff.ts';
import { type ExplainedFrame, explainFrame, unenforcedParts } from './policy-explain.ts';
import type { PolicyDocument } from './policy-schema.ts';

const SMALL = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

function good(text: string) {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}
const changed = (...changes: [string, string][]): PolicyDocument =>
  good(
    changes.reduce((text, [from, to]) => {
      t.ok(text.includes(from), from);
      return text.replace(from, to);
    }, SMALL),
  ).document;
const difference = (after: PolicyDocument) => policyDifferences(good(SMALL).document, after);

t.test('POLICY-11 a difference is told by its path and both values', async (t) => {
  t.strictSame(difference(changed(['rate: 30,', 'rate: 20,'])), ['captions.limits.session.rate 30 → 20']);
  t.strictSame(difference(changed([', custom]}', ']}'], ['match: [summary,', 'match: [custom, summary,'])), [
    'standard.match −custom',
    'deferred.match +custom',
  ]);
  t.strictSame(difference(changed(['tiers: {gold: {weightFactor: 4}, ', 'tiers: {'])), [
    'tiers.gold removed, was {weightFactor: 4, rateFactor: 1, tenants: []}',
  ]);
  t.strictSame(
    difference(changed(['  summary: {ttlMs: 30000}', '  summary: {ttlMs: 30000}\n  toolCall: {ttlMs: 900}'])),
    ['kinds.toolCall added: {ttlMs: 900}'],
  );
  t.strictSame(difference(changed(['{interims: none}', '{interims: none, agentTurns: capped}'])), [
    'ladder.levels.2.agentTurns added: capped',
  ]);
});

t.test('POLICY-11 rules are told by what they say, and so is their order', async (t) => {
  const [first, second] = [
    '  - {when: {kind: custom, type: "alert.*"}, class: premium}\n',
    '  - {when: {kind: custom, tenant: acme}, class: deferred}\n',
  ];
  t.strictSame(difference(changed([first + second, second + first])), [
    'rules in another order: the first that holds decides',
  ]);
  t.strictSame(difference(changed([first, ''], ['tenant: acme', 'tenant: acme, label: x'])), [
    'rules removed: kind custom, type alert.* → premium',
    'rules removed: kind custom, tenant acme → deferred',
    'rules.0 added: kind custom, label x, tenant acme → deferred',
  ]);
});

t.test('POLICY-11 what means the same is no difference', async (t) => {
  const comment: [string, string] = ['version: 1', '# a comment\nversion: 1'];
  const order: [string, string] = ['match: [join, offer,', 'match: [offer, join,'];
  const written: [string, string] = [
    'weight: 2,',
    'weight: 2, guardShare: 0.05, limits: {session: {rate: 20, burst: 40}},',
  ];
  const follows: [string, string] = ['match: [caption]', 'match: [snapshotWanted, caption]'];
  const factor: [string, string] = ['weightFactor: 4', 'weightFactor: 4, rateFactor: 1'];
  t.strictSame(difference(changed(comment, order, written, follows, factor)), []);
});

const frame = (over: Partial<ExplainedFrame>): ExplainedFrame => ({
  kind: 'caption',
  final: false,
  principal: 'agent',
  tenant: '',
  tier: null,
  type: '',
  label: '',
  ...over,
});

t.test('POLICY-12 explain names class, rule, bucket and staleness, and the lines they stand on', async (t) => {
  const parsed = good(SMALL);
  const lineOf = (part: string) => SMALL.slice(0, SMALL.indexOf(part)).split('\n').length;
  const interim = explainFrame(parsed, frame({}));
  t.match(interim, { class: 'captions', rule: -1 });
  t.match(interim.lines, [
    ['class', `captions, because its match names caption (line ${lineOf('match: [caption]')})`],
    ['rule', 'none of 2 holds'],
    ['tier', 'standard'],
    ['plane', 'metadata, weight 6'],
    ['bucket', 'session: 30/s, burst 60'],
    ['stale', 'after 500 ms'],
  ]);
  const final = explainFrame(parsed, frame({ final: true })).lines;
  t.match(final.slice(4), [
    ['bucket', 'finals of the session: 5/s, burst 20'],
    ['stale', 'never'],
  ]);
  const turn = explainFrame(parsed, frame({ kind: 'agentTurn' })).lines;
  t.match(turn.slice(4), [
    ['bucket', 'session: 50/s, burst 100'],
    ['bucket', 'tenant: 5000/s, burst 10000'],
    ['budget', 'model tokens of the tenant: 20000/s, burst 100000'],
    ['stale', 'after 2000 ms'],
  ]);
  const wide = SMALL.replace('session: {rate: 50,', 'session: {rate: 50, ceil: 99,').replace(
    'weightFactor: 4',
    'weightFactor: 4, rateFactor: 3',
  );
  t.match(explainFrame(good(wide), frame({ kind: 'agentTurn', tier: 'gold' })).lines.slice(4), [
    ['bucket', 'session: 50/s, burst 100, up to 99/s while the next level around has room'],
    ['bucket', 'tenant: 5000/s, burst 10000 (times 3: its tier)'],
  ]);
  const alert = explainFrame(parsed, frame({ kind: 'custom', type: 'alert.fire', tenant: 'acme', tier: 'gold' }));
  t.match(alert, { class: 'premium', rule: 0 });
  t.match(alert.lines[1]![1], `rules.0 (line ${lineOf('{when')}) holds: kind custom, type alert.* → premium`);
  t.match(
    explainFrame(parsed, frame({ kind: 'snapshotWanted' })).lines[0]![1],
    /captions, because its match names caption/,
  );
});

t.test('POLICY-10 what a policy says in vain is listed', async (t) => {
  const vain = 'breakers: {default: {}}\nconsent: {notes: {kinds: [summary]}}';
  const parts = unenforcedParts(good(`${SMALL}\n${vain}\n`).document);
  for (const part of ['breakers', 'consent']) {
    t.ok(parts.includes(part), part);
  }
  t.notOk(
    parts.some((part) => /limits|(ttl|Ttl|slo)Ms$|weight|guardShare/.test(part)),
    'and nothing that is enforced',
    { parts },
  );
});
