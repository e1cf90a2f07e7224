import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parsePolicy } from './parse-policy.ts';
import { compilePolicy, type Policy } from './policy.ts';
import { type ImaginedTraffic, type SimulatedTraffic, simulatePolicy } from './policy-simulation.ts';

const SMALL = readFileSync(new URL('./fixtures/small-policy.yaml', import.meta.url), 'utf8');

function policyOf(standard: string): Policy {
  const parsed = parsePolicy(SMALL.replace('custom]}', `custom], limits: {${standard}}}`));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return compilePolicy(parsed.document);
}

const ONE: ImaginedTraffic = {
  kind: 'presence',
  final: false,
  type: '',
  label: '',
  principal: 'standard',
  tenant: 'acme',
  sessions: 1,
  users: 1,
  rooms: 1,
  framesPerSecond: 10,
};

const sum = ({ admitted, rejected }: SimulatedTraffic) =>
  admitted + Object.values(rejected).reduce((total, count) => total + count, 0);

t.test('POLICY-25 a session is admitted its burst and its rate, whatever more it sends', async () => {
  fc.assert(
    fc.property(
      fc.record({
        rate: fc.integer({ min: 1, max: 50 }),
        burst: fc.integer({ min: 1, max: 100 }),
        framesPerSecond: fc.integer({ min: 1, max: 200 }),
        seconds: fc.integer({ min: 1, max: 10 }),
      }),
      ({ rate, burst, framesPerSecond, seconds }) => {
        const policy = policyOf(`session: {rate: ${rate}, burst: ${burst}}`);
        const [result] = simulatePolicy(policy, [{ ...ONE, framesPerSecond }], seconds);
        const offered = framesPerSecond * seconds;
        const most = Math.min(offered, burst + rate * seconds);
        const { admitted } = result!;
        // A bucket of one frame wastes what it earns between two frames that do not come when it is full.
        const least = burst === 1 ? 1 : most - 2;
        return (
          Math.abs(result!.offered - offered) <= 1 &&
          sum(result!) === result!.offered &&
          admitted >= least &&
          admitted <= most + 1
        );
      },
    ),
    { numRuns: 60 },
  );
});

t.test('POLICY-25 sessions of one user share what the user may have, those of many do not', async (t) => {
  const policy = policyOf('session: {rate: 10, burst: 10}, user: {rate: 10, burst: 10}');
  const ten = { ...ONE, sessions: 10, framesPerSecond: 5 };
  const [one, many] = [1, 10].map((users) => simulatePolicy(policy, [{ ...ten, users }], 10)[0]!);
  t.equal(many!.admitted, many!.offered);
  t.ok(Math.abs(one!.admitted - 110) <= 1, `${one!.admitted} of ${one!.offered}`);
  t.equal(one!.rejected.user, one!.offered - one!.admitted);
});

t.test('POLICY-25 each kind of traffic is told by the class that rules give it', async (t) => {
  const policy = policyOf('session: {rate: 10, burst: 10}');
  const alert = { ...ONE, kind: 'custom', type: 'alert.fire' } as const;
  const results = simulatePolicy(policy, [ONE, alert, { ...alert, type: 'x', tenant: 'other' }], 1);
  t.strictSame(
    results.map((each) => each.class),
    ['standard', 'premium', 'standard'],
  );
});
