/** That signalling goes on while policies change: every request is answered, every frame counted once. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import { conserved, controlUnderTest, until } from './fixtures/control-under-test.ts';

const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const WIDE = ', limits: {session: {rate: 100000, burst: 100000}}}';
const RELOADS = 50;

/** Subscribing is in the first band in one version and in the second in the other; both classes have other names. */
function banded(version: 1 | 2): string {
  const wide = SMALL.replace('version: 1', `version: ${version}`)
    .replace('leave], sloMs: {p999: 25}}', `leave]${WIDE}`)
    .replace('accessToken]}', `accessToken]${WIDE}`);
  if (version === 1) return wide;
  return wide
    .replace('[mute, subscribe, ', '[mute, ')
    .replace('match: [join, ', 'match: [subscribe, join, ')
    .replace('call-setup: ', 'dialling: ')
    .replace('call-control:', 'chatter:');
}

t.test('POLICY-23 fifty reloads under load leave no request unanswered and no frame uncounted', async (t) => {
  const { plane, join } = await controlUnderTest(t, { policy: banded(1) });
  const clients = await Promise.all(['ann', 'ben', 'cem', 'dee'].map((name) => join(name)));
  let sent = 0;
  for (let reload = 1; reload <= RELOADS; reload++) {
    for (const client of clients) {
      for (let index = 0; index < 20; index++) {
        const id = 1000 + sent++;
        if (index % 2 === 0) client.send({ kind: Kind.ping, ping: { id } });
        else client.send({ kind: Kind.subscribe, subscribe: { id } });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    plane.adopt({ file: 'test', text: banded(reload % 2 === 0 ? 1 : 2) });
  }
  const answered = () => clients.reduce((sum, each) => sum + each.of('pong').length + each.of('ok').length, 0);
  await until(() => answered() === sent, `${sent} answers`);
  const { classes, offered, outcomes, policyVersion } = plane.snapshot();
  t.equal(policyVersion, 1);
  for (const name of ['dialling', 'chatter', 'call-setup', 'call-control']) {
    t.ok(offered[classes.indexOf(name)]! > 0, `${name} carried ${offered[classes.indexOf(name)]}`);
  }
  t.equal(
    outcomes.at(-1)!.reduce((sum, count) => sum + count, 0),
    0,
    'none without a class',
  );
  await conserved(t, plane);
});

t.test(
  'POLICY-21 limits, bands and budgets of the control plane are those of the policy that was adopted',
  async (t) => {
    const { plane, join } = await controlUnderTest(t, { policy: SMALL });
    const ann = await join('ann');
    const tight = SMALL.replace('version: 1', 'version: 2').replace(
      'accessToken]}',
      'accessToken], limits: {session: {rate: 0.1, burst: 5}}}',
    );
    plane.adopt({ file: 'test', text: tight });
    for (let id = 1; id <= 20; id++) ann.send({ kind: Kind.ping, ping: { id } });
    const ended = () => {
      const { classes, outcomes } = plane.snapshot();
      return outcomes[classes.indexOf('call-control')]!;
    };
    await until(() => ended().reduce((sum, count) => sum + count, 0) === 20, 'all pings');
    const passed = ended()[Outcome.delivered]!;
    t.ok(passed >= 5 && passed <= 6, `${passed} of 20 passed a burst of 5`);
    const ben = await join('ben');
    t.equal(ben.of('welcome')[0]?.welcome?.policyVersion, 2);
    t.match(ben.of('joined')[0]?.joined?.budgets?.['call-control'], { burst: 5 });
    await conserved(t, plane);
  },
);
