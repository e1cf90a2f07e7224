import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { eventually, runToEnd } from '../supervisor/fixtures/gateway-under-test.ts';
import { OperatedPlace, policyText } from '../supervisor/fixtures/operated-gateway.ts';

t.setTimeout(180_000);

const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));
const VIEWER = 'the-token-of-a-viewer';
const EDITOR = 'the-token-of-an-editor';

t.test(
  'POLICY-26 a trial is begun, told of and ended from the command line, in every worker and after its restart',
  async (t) => {
    const place = new OperatedPlace(t);
    const tokens = `operatorTokens=[{token: ${EDITOR}, role: editor, name: ada}, {token: ${VIEWER}, role: viewer}]`;
    const { gateway, ...operated } = await place.start(tokens, 'metadataWorkers=2').then((one) => ({
      gateway: one.gateway,
      ask: one.ask.bind(one),
    }));
    const shadow = (args: readonly string[], token = EDITOR) =>
      runToEnd(process.execPath, [BIN, 'policy', 'shadow', ...args], {
        SLUICE_OPERATOR: gateway.url,
        SLUICE_OPERATOR_TOKEN: token,
      });
    const file = join(place.folder, 'two.yaml');
    writeFileSync(file, policyText(2));

    t.match(await shadow([]), { code: 1, stderr: /no policy is on trial/ });
    t.match(await shadow([file], VIEWER), { code: 1, stderr: /expected the token of an editor/ });
    t.match(await shadow([file]), {
      code: 0,
      stdout: /^version 2 \([0-9a-f]{12}\) is on trial; [^\n]*\n {2}version 1 → 2\n/,
    });
    const report = async () => (await shadow([], VIEWER)).stdout;
    await eventually(async () => /both admit +8\n/.test(await report()), 'both workers have counted');
    t.match(
      await report(),
      /only the policy in force admits +2\n[\s\S]* {2}refused on trial by user +2\nstandard → premium +6\n$/,
    );
    process.kill((await gateway.plane('metadata', 1)).pid!, 'SIGKILL');
    await eventually(async () => (await gateway.plane('metadata', 1)).restarts === 1, 'restart');
    await eventually(async () => /both admit +8\n/.test(await report()), 'the new worker tries it too');
    t.equal((await gateway.status()).policyVersion, 1, 'in force is what was');

    writeFileSync(file, policyText(2).replace('weight: 8', 'wieght: 8'));
    t.match(await shadow([file]), {
      code: 1,
      stderr: /shadow:\d+:5: classes\.premium\.wieght: .*did you mean "weight"/,
    });
    t.match(await shadow(['--off', file]), { code: 2, stderr: /expected no file/ });
    t.match(await shadow(['--off']), { code: 0, stdout: 'no policy is on trial any more\n' });
    t.match(await shadow(['--off']), { code: 1, stderr: /no policy is on trial/ });
    await eventually(
      async () => (await gateway.status()).planes.every(({ snapshot }) => !snapshot?.shadow),
      'it has ended',
    );
    const audit = await operated.ask('GET', '/v1/audit', undefined, { authorization: `Bearer ${VIEWER}` });
    t.match(audit.body.entries, [
      { what: 'policy.shadow.end', who: 'ada' },
      { what: 'policy.shadow', who: 'ada', version: 2 },
    ]);
  },
);
