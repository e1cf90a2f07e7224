import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { KIND_NAMES, Kind, type KindName } from '../schemas/kinds.ts';
import { Delivery } from './delivery.ts';
import { parsePolicy } from './parse-policy.ts';
import { classNameOf, compilePolicy, type Policy } from './policy.ts';
import { CLASSED_KINDS, METADATA_KINDS } from './policy-kinds.ts';

const textOf = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const SMALL = textOf('./fixtures/small-policy.yaml');

function compiled(text: string): Policy {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return compilePolicy(parsed.document);
}

t.test('POLICY-4 the default policy gives what was in force before there were policies', async (t) => {
  const policy = compiled(textOf('./default-policy.yaml'));
  const limit = (ratePerSecond: number, burst: number) => ({ ratePerSecond, burst });
  t.match(policy, { version: 1, name: 'default', tickMs: 100 });
  t.strictSame(
    policy.classes.map(({ name, plane, band, session, finals }) => [name, plane, band, session, finals]),
    [
      ['call-setup', 'control', 0, limit(50, 200), null],
      ['call-control', 'control', 1, limit(20, 100), null],
      ['premium', 'metadata', null, limit(50, 100), null],
      ['captions', 'metadata', null, limit(30, 60), limit(5, 20)],
      ['standard', 'metadata', null, limit(20, 40), null],
      ['deferred', 'metadata', null, limit(5, 10), null],
    ],
  );
  const kinds: Record<string, string> = {
    'call-setup': 'join offer answer candidate leave',
    'call-control': 'mute subscribe unsubscribe ping stats feature accessToken',
    premium: 'agentTurn toolCall moderation feedback request cancel interrupt',
    captions: 'caption snapshotWanted',
    standard: 'presence gauge retrieval custom',
    deferred: 'summary embedding modelState',
  };
  const classOf = Object.fromEntries(
    Object.entries(kinds).flatMap(([name, all]) => all.split(' ').map((kind) => [kind, name])),
  );
  const ttls: Partial<Record<KindName, number>> = {
    agentTurn: 2000,
    caption: 500,
    presence: 1000,
    gauge: 1000,
    retrieval: 5000,
    custom: 5000,
    summary: 30_000,
    embedding: 30_000,
    modelState: 30_000,
  };
  KIND_NAMES.forEach((name, kind) => {
    const expected = (name !== undefined && classOf[name]) || 'unclassified';
    t.equal(classNameOf(policy, kind), expected, `class of ${name ?? kind}`);
    t.equal(
      policy.ttlMsByKind[kind],
      (name !== undefined && ttls[name]) || Number.POSITIVE_INFINITY,
      `ttl of ${name ?? kind}`,
    );
    t.equal(
      policy.conflateByKind[kind],
      name === 'presence' || name === 'gauge' ? 1 : 0,
      `conflation of ${name ?? kind}`,
    );
  });
});

t.test('POLICY-5 what a class or kind does not say has its documented value', async (t) => {
  const policy = compiled(SMALL);
  const classNamed = (name: string) => policy.classes.find((each) => each.name === name)!;
  t.strictSame(classNamed('call-setup').session, { ratePerSecond: 50, burst: 200 });
  t.strictSame(classNamed('standard').session, { ratePerSecond: 20, burst: 40 });
  t.equal(policy.ttlMsByKind[Kind.gauge], Number.POSITIVE_INFINITY);
  t.equal(classNameOf(policy, Kind.snapshotWanted), 'captions', 'snapshotWanted goes with caption');
  t.strictSame(policy.tiers, ['standard', 'gold']);
  t.strictSame([...policy.weightFactors], [1, 4], 'by tier');
  const important = policy.classes.map(({ name }, index) => [name, policy.importance[index]]);
  t.match(Object.fromEntries(important), { 'call-setup': 0, premium: 0, captions: 1, standard: 2, deferred: 3 });
});

t.test('POLICY-5 kinds are delivered as the policy says, and else as they always were', async (t) => {
  const promised = (policy: Policy) =>
    Object.fromEntries(METADATA_KINDS.map((kind) => [kind, policy.deliveryByKind[Kind[kind]]]));
  const { 'best-effort': bestEffort, latest, 'at-least-once': atLeastOnce } = Delivery;
  t.match(promised(compiled(SMALL)), {
    moderation: atLeastOnce,
    toolCall: atLeastOnce,
    feedback: atLeastOnce,
    presence: latest,
    gauge: bestEffort,
    retrieval: bestEffort,
  });
  const other = compiled(
    SMALL.replace(
      'moderation: {delivery: at-least-once}',
      'moderation: {delivery: best-effort}\n  gauge: {delivery: latest}\n  retrieval: {delivery: at-least-once}',
    ),
  );
  t.match(promised(other), { moderation: bestEffort, gauge: latest, retrieval: atLeastOnce, feedback: atLeastOnce });
  t.equal(other.conflateByKind[Kind.gauge], 1, 'the newest is all that waits');
});

t.test('POLICY-8 every policy that validates compiles and gives every kind a class', async (t) => {
  const values = (parsePolicy(SMALL) as { text: { values: { classes: Record<string, object> } } }).text.values;
  let valid = 0;
  const shuffled = fc.shuffledSubarray([...METADATA_KINDS], { minLength: METADATA_KINDS.length });
  const number = fc.oneof(fc.constantFrom(0, 1, 100, 300, 2000), fc.double({ min: 0.5, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(shuffled, fc.nat({ max: 17 }), number, number, number, (kinds, cut, rate, burst, ttlMs) => {
      const [first, second] = [kinds.slice(0, cut), kinds.slice(cut)];
      const classOf = (match: readonly KindName[]) => ({
        plane: 'metadata',
        weight: 1,
        match,
        ...(match.includes('caption') && { coalesce: { tickMs: 100 } }),
        limits: { session: { rate, burst } },
      });
      const { 'call-setup': setup, 'call-control': control } = values.classes;
      const classes = { 'call-setup': setup, one: classOf(first), 'call-control': control, two: classOf(second) };
      const parsed = parsePolicy(JSON.stringify({ version: 3, classes, kinds: { gauge: { ttlMs } } }));
      if (!parsed.ok) return;
      valid++;
      const policy = compilePolicy(parsed.document);
      for (const kind of CLASSED_KINDS) {
        const own = policy.classes[policy.classByKind[Kind[kind]]!];
        if (own === undefined || !own.match.includes(kind)) throw new Error(`${kind} is in ${own?.name}`);
      }
      if (!policy.classes.every(({ session }) => session.ratePerSecond > 0 && session.burst >= 1))
        throw new Error('limits');
    }),
    { numRuns: 1000 },
  );
  t.ok(valid > 50, `${valid} of the policies were valid`);
});
