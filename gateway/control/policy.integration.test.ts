import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const CONTROL = /accessToken\]\}/;

t.test('POLICY-14 the control plane goes by the names, kinds and limits of the policy it is given', async (t) => {
  // Muting is in the first band here, and the second one is tight.
  const policy = SMALL.replace('version: 1', 'version: 9')
    .replace('call-setup: ', 'dialling: ')
    .replace('call-control:', 'chatter:')
    .replace('match: [mute, ', 'match: [')
    .replace('match: [join, ', 'match: [mute, join, ')
    .replace(CONTROL, 'accessToken], limits: {session: {rate: 1, burst: 10}}}');
  const { plane, join } = await controlUnderTest(t, { policy });
  const ann = await join('ann');
  t.equal(ann.of('welcome')[0]?.welcome?.policyVersion, 9);
  t.match(ann.of('joined')[0]?.joined?.budgets, {
    dialling: { ratePerSecond: 50, burst: 200 },
    chatter: { ratePerSecond: 1, burst: 10 },
    captions: { ratePerSecond: 30, burst: 60 },
  });
  const { classes } = plane.snapshot();
  t.match(classes.slice(0, 3), ['dialling', 'chatter', 'premium']);
  const refused = (name: string) => plane.snapshot().outcomes[classes.indexOf(name)]![Outcome.rejected_session]!;
  for (let id = 1000; id < 1050; id++) ann.send({ kind: Kind.ping, ping: { id } });
  await until(() => ann.of('pong').length + refused('chatter') === 50, 'all pings');
  t.ok(refused('chatter') >= 35, `${refused('chatter')} of 50 pings were over the burst of 10`);
  for (let id = 2000; id < 2050; id++) ann.send({ kind: Kind.mute, mute: { id, track: '0' } });
  await until(() => ann.of('ok').length === 50, 'all mutes');
  t.equal(refused('dialling'), 0, 'the other class is wide, and mute is in it');
  await conserved(t, plane);
});

t.test(
  'META-49 who gets metadata on the signalling socket is told the class of each kind when it has joined',
  async (t) => {
    const rule = 'rules:\n  - {when: {kind: gauge, principal: standard}, class: premium}\n';
    const policy = SMALL.replace('captions:', 'speech:').replace('rules:\n', rule);
    const { plane, join } = await controlUnderTest(t, { policy });
    const mixed = (await join('ann', 'room', ['mixed'])).of('joined')[0]?.joined;
    t.match(mixed?.classes, { caption: 'speech', presence: 'standard', gauge: 'premium' });
    t.notOk(Object.keys(mixed?.classes ?? {}).includes('mute'), 'of metadata alone');
    const separate = (await join('ben')).of('joined')[0]?.joined;
    t.strictSame({ ...separate?.classes }, {}, 'the welcome of the metadata socket tells the others');
    await conserved(t, plane);
  },
);

t.test('POLICY-14 a plane that is given a policy that is not valid does not start', async (t) => {
  const policy = SMALL.replace('weight: 8', 'weight: 0');
  await t.rejects(controlUnderTest(t, { policy }), {
    message: 'test:7:5: classes.premium.weight: expected more than 0, found 0',
  });
});
