import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runToEnd } from '../supervisor/fixtures/gateway-under-test.ts';
import { OperatedPlace, policyText } from '../supervisor/fixtures/operated-gateway.ts';

t.setTimeout(180_000);

const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));
const SMALL = fileURLToPath(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url));
const sluice = (...args: string[]) => runToEnd(process.execPath, [BIN, 'policy', 'simulate', ...args]);

t.test('POLICY-25 policy simulate says what would be admitted, and by comparison', async (t) => {
  const traffic = ['--kind', 'caption', '--principal', 'agent', '--rate', '60', '--seconds', '5'];
  const place = new OperatedPlace(t, policyText(2, 'slower', 15));
  const [alone, compared, tooMany, kind, rate, missing] = await Promise.all([
    sluice(SMALL, ...traffic),
    sluice(place.file, '--against', SMALL, ...traffic),
    sluice(SMALL, '--kind', 'caption', '--rate', '100000', '--sessions', '100'),
    sluice(SMALL, '--kind', 'captoin', '--rate', '1'),
    sluice(SMALL, '--kind', 'caption', '--rate', '0'),
    sluice(`${SMALL}.none`, '--kind', 'caption', '--rate', '1'),
  ]);
  t.match(alone, { code: 0, stdout: /^captions: 300 offered, 2\d\d admitted \(\d\d %\), \d+ rejected by session\n$/ });
  t.match(compared, {
    code: 0,
    stdout: /^before {4}captions: 300 offered, 2\d\d admitted .*\nafter {5}captions: 300 offered, 1\d\d admitted/,
  });
  t.match(tooMany, { code: 2, stderr: /are too many: expected at most 500000/ });
  t.match(kind, { code: 2, stderr: /Allowed choices are/ });
  t.match(rate, { code: 2, stderr: /expected a number above 0/ });
  t.match(missing, { code: 1, stderr: /there is no such file/ });
});

t.test('POLICY-25 a gateway simulates by the policy in force and by the one it is shown', async (t) => {
  const gateway = await new OperatedPlace(t).start();
  const traffic = [{ kind: 'caption', principal: 'agent', framesPerSecond: 60 }];
  const ask = (body: object) => gateway.ask('POST', '/v1/policy/simulate', JSON.stringify(body));
  const { status, body } = await ask({ policy: policyText(2, 'fast', 50), seconds: 5, traffic });
  t.equal(status, 200);
  t.match(body, {
    policyVersion: 1,
    diff: [/version/, /name/, 'captions.limits.session.rate 11 → 50'],
    traffic: [{ before: { class: 'captions', offered: 300 }, after: { class: 'captions', admitted: 300 } }],
  });
  t.match(await ask({ traffic }), { status: 200, body: { traffic: [{ after: null }] } });
  t.match(await ask({ policy: 'version: x', traffic }), { status: 422, body: { problems: [{ line: 1 }] } });
  t.match(await ask({ traffic: [{ kind: 'offer', framesPerSecond: 1 }] }), {
    status: 400,
    body: { detail: /traffic\.0\.kind/ },
  });
  t.match(await ask({ traffic: [{ ...traffic[0], sessions: 20_000 }] }), {
    status: 400,
    body: { detail: /at most 500000 frames/ },
  });
  t.match(await gateway.ask('POST', '/v1/policy/simulate', '['), { status: 400 });
  t.equal(await gateway.version(), 1);
});
