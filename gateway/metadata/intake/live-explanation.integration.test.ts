import { readFileSync } from 'node:fs';
import t from 'tap';
import type { FrameQuestion } from '../../supervisor/frame-question.ts';
import { custom, presence } from '../fixtures/frames.ts';
import { metadataUnderTest, until } from '../fixtures/metadata-under-test.ts';

const SMALL = readFileSync(new URL('../../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const TIGHT = SMALL.replace(
  'custom]}',
  'custom], limits: {session: {rate: 0.01, burst: 5}, user: {rate: 0.01, burst: 8}, tenant: {rate: 0.01, burst: 100}}}',
);
const ASKED: FrameQuestion = {
  kind: 'presence',
  final: false,
  type: '',
  label: '',
  principal: 'standard',
  tenant: 'acme',
  identity: 'ann',
  room: 'room',
};

t.test(
  'POLICY-24 what would happen to a frame now is told as it then happens, and costs nobody anything',
  async (t) => {
    const gateway = await metadataUnderTest(t, { policy: TIGHT });
    const plane = gateway.planes[0]!;
    const ask = (more: Partial<FrameQuestion> = {}) => plane.explain!({ ...ASKED, ...more });
    t.match(ask(), { class: 'standard', sessions: 0, outcome: 'admitted', retryAfterMs: null });
    const ann = await gateway.open({ identity: 'ann' });
    for (let sent = 0; sent < 5; sent++) {
      for (let time = 0; time < 20; time++) ask();
      const { outcome, sessions, balances } = ask();
      t.strictSame([outcome, sessions], ['admitted', 1]);
      t.strictSame(
        balances.map(({ level, left, burst }) => [level, Math.floor(left), Math.round(burst)]),
        [
          ['session', 5 - sent, 5],
          ['user', 8 - sent, 8],
          ['tenant', 100 - sent, 100],
        ],
        'whoever asks is charged nothing',
      );
      ann.send(presence(`k${sent}`, 'v'));
      await ann.settled();
    }
    t.equal(gateway.outcome('standard', 'rejected_session'), 0);
    const over = ask();
    t.equal(over.outcome, 'rejected_session');
    t.ok(over.retryAfterMs! > 0);
    ann.send(presence('more', 'v'));
    await until(() => gateway.outcome('standard', 'rejected_session') === 1, 'and so it is');

    const twin = await gateway.open({ identity: 'ann' });
    for (let sent = 0; sent < 3; sent++) twin.send(presence(`t${sent}`, 'v'));
    await twin.settled();
    t.equal(ask().outcome, 'rejected_user', 'a fresh session does not help');
    twin.send(presence('more', 'v'));
    await until(() => gateway.outcome('standard', 'rejected_user') === 1, 'and so it is');
    t.match(ask({ identity: 'ben' }), { outcome: 'admitted', sessions: 0 });
    gateway.conserved();
  },
);

t.test('POLICY-24 rules, and what the access token allows, are asked of the session that is open', async (t) => {
  const gateway = await metadataUnderTest(t, { policy: TIGHT });
  const ask = (more: Partial<FrameQuestion>) => gateway.planes[0]!.explain!({ ...ASKED, ...more });
  t.match(ask({ kind: 'custom', type: 'alert.fire' }), { class: 'premium' });
  t.match(ask({ kind: 'custom', type: 'other' }), { class: 'deferred' }, 'the rule on tenant acme');
  const ann = await gateway.open({ identity: 'ann', classes: ['deferred'] });
  t.match(ask({ kind: 'custom', type: 'alert.fire' }), { class: 'premium', outcome: 'unauthorised' });
  t.match(ask({ kind: 'custom', type: 'other' }), { outcome: 'admitted' });
  t.match(ask({ kind: 'agentTurn' }), { outcome: 'unauthorised' }, 'a standard participant publishes none');
  ann.send(custom('alert.fire'));
  await until(() => gateway.outcome('premium', 'unauthorised') === 1, 'and so it is');
});
