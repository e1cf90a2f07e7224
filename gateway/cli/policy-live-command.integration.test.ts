import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runToEnd } from '../supervisor/fixtures/gateway-under-test.ts';
import { OperatedPlace, policyText } from '../supervisor/fixtures/operated-gateway.ts';

t.setTimeout(180_000);

const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));
const EDITOR = 'the-token-of-an-editor';
const NOBODY = 'http://127.0.0.1:9';
const sluice = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runToEnd(process.execPath, [BIN, 'policy', ...args], env);

t.test('POLICY-39 policy apply, history, rollback and explain --live work on a running gateway', async (t) => {
  const place = new OperatedPlace(t);
  const { gateway } = await place.start(`operatorTokens=[{token: ${EDITOR}, role: editor, name: ada}]`);
  const env = { SLUICE_OPERATOR: gateway.url, SLUICE_OPERATOR_TOKEN: EDITOR };
  const file = (name: string, text: string) => {
    writeFileSync(join(place.folder, name), text);
    return join(place.folder, name);
  };
  const two = file('two.yaml', policyText(2));

  const dry = await sluice(['apply', two, '--dry-run'], env);
  t.match(dry, {
    code: 0,
    stderr: '',
    stdout:
      /^version 2 "v2" \([0-9a-f]{12}\) could be put in force in place of version 1 "v1" \([0-9a-f]{12}\)\n {2}version 1 → 2\n/,
  });
  const applied = await sluice(['apply', two], env);
  t.match(applied, {
    code: 0,
    stdout:
      /^version 2 "v2" \([0-9a-f]{12}\) is in force in place of version 1 [^\n]*\n[\s\S]* {2}captions\.limits\.session\.rate 11 → 12\n$/,
  });
  t.match(await sluice(['apply', two], env), {
    code: 0,
    stdout: /^version 2 "v2" \([0-9a-f]{12}\) is in force already\n$/,
  });

  const bad = file('bad.yaml', policyText(3).replace('weight: 8', 'wieght: 8'));
  const [wrong, stale, missing, explained, unknown, past] = await Promise.all([
    sluice(['apply', bad], env),
    sluice(['apply', file('three.yaml', policyText(3)), '--if-match', '000000000000'], env),
    sluice(['apply', join(place.folder, 'none.yaml')], env),
    sluice(['explain', '--live', '--kind', 'custom', '--type', 'alert.fire', '--principal', 'agent'], env),
    sluice(['explain', '--live', '--kind', 'captoin'], env),
    sluice(['history'], env),
  ]);
  const inRoom = ['explain', '--live', '--kind', 'caption', '--room', 'atrium', '--identity', 'ann'];
  t.match(await sluice(inRoom, env), {
    code: 0,
    stdout: /\nnow +rejected_user, as the open session; one would pass in 6 ms\nleft +user: 0 of 8 frames\n$/,
  });
  t.match(wrong, {
    code: 1,
    stdout: '',
    stderr: /^sluice: bad\.yaml:\d+:5: classes\.premium\.wieght: there is no such key \(did you mean "weight"\?\)\n$/,
  });
  t.match(stale, { code: 1, stderr: /^sluice: the policy in force is [0-9a-f]{12} \(version 2\), not 000000000000: / });
  t.match(missing, { code: 1, stderr: /none\.yaml: cannot be read: there is no such file\n$/ });
  t.match(explained, { code: 0, stdout: /^class +[^\n]*\n[\s\S]*alert\.\* → premium/ });
  t.match(unknown, { code: 2, stderr: /did you mean "caption"\?/ });
  t.match(past, {
    code: 0,
    stdout:
      /^version 2 "v2" \([0-9a-f]{12}\) {3}\d{4}-[^\n]* UTC {3}http by ada {3}in force\n {4}version 1 → 2\n[\s\S]*\nversion 1 "v1" [^\n]*start by start\n$/,
  });

  t.match(await sluice(['rollback'], env), {
    code: 0,
    stdout: /^version 1 "v1" [^\n]* is in force in place of version 2/,
  });
  t.match(await sluice(['rollback', '--to', '2'], env), { code: 0, stdout: /^version 2 "v2" / });
  t.match(await sluice(['rollback', '--to', '9'], env), {
    code: 1,
    stderr: /the history has no version 9, only 1, 2\n$/,
  });
});

t.test('POLICY-39 a gateway that cannot be asked is exit code 1, wrong usage 2, each with what to do', async (t) => {
  const place = new OperatedPlace(t);
  const [away, address, version, both, file, flag] = await Promise.all([
    sluice(['history', '--operator', NOBODY]),
    sluice(['history', '--operator', 'localhost']),
    sluice(['rollback', '--to', 'x']),
    sluice(['explain', '--live', '--kind', 'caption', '--file', place.file]),
    sluice(['apply']),
    sluice(['explain', '--kind', 'caption', '--operator', NOBODY]),
  ]);
  t.match(away, { code: 1, stderr: /^sluice: http:\/\/127\.0\.0\.1:9 cannot be asked: [^\n]*is the gateway running/ });
  t.match(address, { code: 2, stderr: /expected an address like http:\/\/127\.0\.0\.1:7490\n$/ });
  t.match(version, { code: 2, stderr: /expected the number of a version/ });
  t.match(both, { code: 2, stderr: /expected no --file/ });
  t.match(file, { code: 2, stderr: /missing required argument 'file'/ });
  t.match(flag, { code: 2, stderr: /expected with --live/ });
  const help = await sluice(['apply', '--help']);
  t.match(help, { code: 0, stdout: /--dry-run[\s\S]*Exit codes: 0/ });
});
