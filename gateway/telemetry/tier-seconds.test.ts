import t from 'tap';
import { activePolicy, adoptPolicy } from '../../classes/active-policy.ts';
import { parsePolicy } from '../../classes/parse-policy.ts';
import { compilePolicy, type Policy } from '../../classes/policy.ts';
import { readPolicySource } from '../config/policy-source.ts';
import { PlaneCounters } from './plane-counters.ts';
import { MOST_TIERS, OTHER_TIERS, TierSeconds } from './tier-seconds.ts';

/** The default policy with these tiers. */
function tiered(tiers: Readonly<Record<string, readonly string[]>>, previous: Policy | null = null): Policy {
  const parsed = parsePolicy(readPolicySource(null).text);
  if (!parsed.ok) throw new Error('the default policy is broken');
  const { standard } = parsed.document.tiers;
  const own = Object.entries(tiers).map(([name, tenants]) => [name, { ...standard!, tenants: [...tenants] }]);
  return compilePolicy({ ...parsed.document, rules: [], tiers: Object.fromEntries(own) }, previous);
}

const countsOf = (counters: PlaneCounters) =>
  new Map(
    counters.histograms.map(({ labels, snapshot }, index) => [
      labels.tier,
      snapshot.call(counters.histograms[index]!).counts.reduce((sum, count) => sum + count, 0),
    ]),
  );

t.test('OPS-25 each tenant counts in his tier, across policies that number tiers anew', async (t) => {
  const policy = activePolicy(tiered({ gold: ['acme'] }));
  const counters = new PlaneCounters([]);
  const times = new TierSeconds('metadata', counters, policy);
  times.of('acme').record(1);
  times.of('somebody').record(1, 2);
  t.same(
    [...countsOf(counters)],
    [
      ['standard', 2],
      ['gold', 1],
    ],
  );
  adoptPolicy(policy, tiered({ silver: ['acme'], gold: ['somebody'] }, policy));
  times.adopt();
  times.of('acme').record(1, 4);
  times.of('somebody').record(1, 8);
  times.of('anybody').record(1);
  t.same(
    [...countsOf(counters)],
    [
      ['standard', 3],
      ['gold', 9],
      ['silver', 4],
    ],
  );
  t.match(counters.histograms[1], { name: 'sluice_tier_seconds', labels: { plane: 'metadata', tier: 'gold' } });
});

t.test('OPS-25 however often policies change, the names of tiers stay bounded', async (t) => {
  const policy = activePolicy(tiered({}));
  const counters = new PlaneCounters([]);
  const times = new TierSeconds('control', counters, policy);
  for (let version = 0; version < MOST_TIERS + 5; version++) {
    adoptPolicy(policy, tiered({ [`tier-${version}`]: ['acme'] }, policy));
    times.adopt();
    times.of('acme').record(1);
  }
  t.equal(counters.histograms.length, MOST_TIERS + 1);
  const counts = countsOf(counters);
  t.equal(counts.get(`tier-${MOST_TIERS - 2}`), 1);
  t.equal(counts.get(OTHER_TIERS), 6, 'those beyond share one');
});
