import { readFileSync } from 'node:fs';
import t from 'tap';
import type { ShadowCounts } from '../../../classes/shadow-policy.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { batchOf, custom, presence } from '../fixtures/frames.ts';
import { metadataUnderTest, sleep, until } from '../fixtures/metadata-under-test.ts';

const SMALL = readFileSync(new URL('../../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const NO_RULES = SMALL.split('rules:')[0]!;
const ACTIVE = NO_RULES.replace('custom]}', 'custom], limits: {session: {rate: 0.01, burst: 40}}}');
/** Alerts are of another class, and the class that is left has room for five frames. */
const SHADOW = `${NO_RULES.replace('version: 1', 'version: 2').replace('custom]}', 'custom], limits: {session: {rate: 0.01, burst: 5}}}')}rules:\n  - {when: {kind: custom, type: "alert.*"}, class: premium}\n`;

function framesOf(counts: ShadowCounts): Record<string, number> {
  return Object.fromEntries(counts.classes.map(({ from, to, frames }) => [`${from} → ${to}`, frames]));
}

t.test(
  'POLICY-26 a policy on trial is counted frame by frame beside the one in force, and decides nothing',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: ACTIVE });
    const plane = gateway.planes[0]!;
    const counts = () => gateway.snapshot().shadow!.counts;
    t.equal(gateway.snapshot().shadow, undefined);
    const [ann, ben] = [await gateway.open({ identity: 'ann' }), await gateway.open({ identity: 'ben', json: true })];
    ann.send(custom('alert.before'));
    await ann.settled();
    plane.shadow!.take({ file: 'shadow', text: SHADOW });
    for (let index = 0; index < 6; index++) {
      ann.send(batchOf([custom('alert.fire'), custom('other')]));
      ben.send(presence(`k${index}`, 'v'));
    }
    await Promise.all([ann.settled(), ben.settled()]);
    t.strictSame(framesOf(counts()), { 'standard → premium': 6, 'standard → standard': 12 });
    t.match(counts(), {
      bothAdmit: 16,
      onlyActiveAdmits: 2,
      onlyShadowAdmits: 0,
      neitherAdmits: 0,
      rejected: { session: 2 },
    });
    t.equal(gateway.outcome('standard', 'rejected_session'), 0, 'the policy in force decides');
    t.equal(gateway.snapshot().policyVersion, 1);

    plane.shadow!.take({ file: 'shadow', text: SHADOW });
    t.equal(counts().bothAdmit, 16, 'the same policy again goes on counting');
    for (let index = 0; index < 40; index++) ann.send(custom('alert.more'));
    await ann.settled();
    const refused = gateway.outcome('standard', 'rejected_session');
    t.ok(refused > 0);
    t.equal(counts().onlyShadowAdmits, refused, 'what only the policy on trial would have let pass');
    plane.shadow!.take(null);
    ann.send({ kind: Kind.ping, ping: { id: 7 } });
    t.equal(gateway.snapshot().shadow, undefined);
    gateway.conserved();
  },
);

t.test(
  'POLICY-26 who comes back in another session begins with full buckets on trial only as he would in force',
  async (t) => {
    const user = SHADOW.replace(
      'session: {rate: 0.01, burst: 5}',
      'session: {rate: 0.01, burst: 5}, user: {rate: 0.01, burst: 5}',
    );
    const gateway = await metadataUnderTest(t, { policy: ACTIVE });
    gateway.planes[0]!.shadow!.take({ file: 'shadow', text: user });
    for (let visit = 0; visit < 2; visit++) {
      const ann = await gateway.open({ identity: 'ann' });
      for (let index = 0; index < 5; index++) ann.send(presence(`k${index}`, 'v'));
      await ann.settled();
      ann.drop();
      await sleep(20);
    }
    await until(
      () => gateway.snapshot().shadow!.counts.onlyActiveAdmits === 5,
      'the second visit is over the user’s budget',
    );
    t.match(gateway.snapshot().shadow!.counts, { bothAdmit: 5, rejected: { user: 5 } });
  },
);

t.test('POLICY-26 a policy that is not valid is not tried', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: ACTIVE });
  t.throws(() => gateway.planes[0]!.shadow!.take({ file: 'shadow', text: 'version: 0' }), /shadow:1/);
  t.equal(gateway.snapshot().shadow, undefined);
});
