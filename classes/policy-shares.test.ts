import { readFileSync } from 'node:fs';
import t from 'tap';
import { parsePolicy } from './parse-policy.ts';
import { compilePolicy } from './policy.ts';
import { sharesOf } from './policy-shares.ts';

t.test('SCHED-13 metadata classes claim weight and guard share, others nothing, and tiers their factor', async (t) => {
  const parsed = parsePolicy(readFileSync(new URL('./default-policy.yaml', import.meta.url), 'utf8'));
  if (!parsed.ok) throw new Error('the default policy is valid');
  const { document } = parsed;
  const compiled = compilePolicy(document);
  const { classes, tierFactors } = sharesOf(document, compiled);
  const claims = Object.fromEntries(compiled.classes.map(({ name }, index) => [name, classes[index]]));
  t.strictSame(claims, {
    'call-setup': { weight: 0, guardShare: 0 },
    'call-control': { weight: 0, guardShare: 0 },
    premium: { weight: 8, guardShare: 0.05 },
    captions: { weight: 6, guardShare: 0.05 },
    standard: { weight: 2, guardShare: 0.05 },
    deferred: { weight: 1, guardShare: 0.05 },
  });
  t.equal(tierFactors[compiled.tiers.indexOf('gold')], 4);
  t.equal(tierFactors[compiled.tiers.indexOf('standard')], 1);
  const { deferred: _, ...rest } = document.classes;
  const without = sharesOf({ ...document, classes: { ...rest } }, compiled);
  t.strictSame(without.classes.at(-1), { weight: 0, guardShare: 0 }, 'a class that is gone');
});
