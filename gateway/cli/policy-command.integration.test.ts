import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runToEnd } from '../supervisor/fixtures/gateway-under-test.ts';

const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));
const SMALL = readFileSync(new URL('../../classes/fixtures/small-policy.yaml', import.meta.url), 'utf8');
const DEFAULT = readFileSync(new URL('../../classes/default-policy.yaml', import.meta.url), 'utf8');
const sluice = (...args: string[]) => runToEnd(process.execPath, [BIN, ...args]);

const folder = mkdtempSync(join(tmpdir(), 'sluice-policy-'));
t.teardown(() => rmSync(folder, { recursive: true }));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const small = file('small.yaml', SMALL);
const vain = file('vain.yaml', `${SMALL}\nbreakers: {default: {}}\n`);
const slower = file('slower.yaml', SMALL.replace('rate: 30,', 'rate: 20,'));
const bad = file('bad.yaml', SMALL.replace('weight: 8', 'wieght: 8'));

t.test('POLICY-13 policy default, check, diff, schema and explain answer with exit code 0', async (t) => {
  const [byDefault, checked, inVain, differences, same, schema, explained] = await Promise.all([
    sluice('policy', 'default'),
    sluice('policy', 'check', small),
    sluice('policy', 'check', vain),
    sluice('policy', 'diff', small, slower),
    sluice('policy', 'diff', small, small),
    sluice('policy', 'schema'),
    sluice('policy', 'explain', '--file', small, '--kind', 'custom', '--principal', 'agent', '--type', 'alert.fire'),
  ]);
  t.strictSame([byDefault.code, byDefault.stdout], [0, DEFAULT], 'the file, comments and all');
  t.match(checked, { code: 0, stdout: /^ok: policy version 1, 6 classes, 2 rules\n$/ });
  t.match(inVain, { code: 0, stdout: /^ok: [^\n]*\nchecked, but not enforced yet: breakers\n$/ });
  t.match(differences, { code: 0, stdout: 'captions.limits.session.rate 30 → 20\n' });
  t.match(same, { code: 0, stdout: 'both mean the same\n' });
  t.match(JSON.parse(schema.stdout), { title: 'Sluice policy', required: ['version', 'classes'] });
  t.match(explained, {
    code: 0,
    stdout: /^class +premium, [^\n]*\nrule +rules\.0 \(line \d+\) holds: [^\n]*→ premium/,
  });
});

t.test('POLICY-13 a policy that is wrong is exit code 1 and a line per problem', async (t) => {
  const problem = `sluice: ${bad}:7:5: classes.premium.wieght: there is no such key (did you mean "weight"?)\n`;
  const ends = await Promise.all([
    sluice('policy', 'check', bad),
    sluice('policy', 'diff', small, bad),
    sluice('policy', 'explain', '-f', bad, '--kind', 'caption'),
    sluice('serve', '--demo', '--policy', bad),
  ]);
  for (const end of ends) t.match(end, { code: 1, stdout: '', stderr: problem });
  const missing = join(folder, 'none.yaml');
  const none = await sluice('policy', 'check', missing);
  t.match(none, { code: 1, stderr: `sluice: ${missing}: cannot be read: there is no such file\n` });
});

t.test('POLICY-13 wrong usage is exit code 2 and one line', async (t) => {
  const cases: [string[], RegExp][] = [
    [['check'], /missing required argument 'file'/],
    [['explain', '--kind', 'captoin'], /--kind captoin: there is no such kind \(did you mean "caption"\?\)/],
    [['explain', '--kind', 'gauge', '--type', 'x'], /only custom frames have them/],
    [['explain', '--kind', 'gauge', '--final'], /only captions have finals/],
    [['explain', '--kind', 'gauge', '--tier', 'glod'], /no such tier \(did you mean "gold"\?\)/],
    [['explain', '--kind', 'gauge', '--principal', 'robot'], /Allowed choices are standard, agent, node/],
    [['chekc', small], /unknown command 'chekc' \(Did you mean check\?\)/],
  ];
  const ends = await Promise.all(cases.map(([args]) => sluice('policy', ...args)));
  for (const [index, end] of ends.entries()) {
    const [args, stderr] = cases[index]!;
    t.match(end, { code: 2, stdout: '', stderr }, args.join(' '));
  }
  for (const { stderr } of ends) t.equal(stderr.split('\n').length, 2, 'one line');
});

t.test('POLICY-14 every plane runs the policy that serve was given, and operators see which', async (t) => {
  const renamed = SMALL.replace('version: 1', 'version: 7\nname: quiet evening')
    .replace('  call-setup: ', '  dialling: ')
    .replace('  deferred: ', '  someday: ')
    .replace('class: deferred', 'class: someday');
  const policy = file('renamed.yaml', renamed);
  const config = file('config.yaml', 'keys: {test: {tenants: [acme], secret: a-secret-of-more-than-32-characters}}\n');
  const ports = ['signal', 'metadata', 'nodeControl', 'nodeMetadata', 'operator'];
  const set = ports.flatMap((name) => ['--set', `listen.${name}.port=0`, '--set', `listen.${name}.host=127.0.0.1`]);
  set.push('--set', `stateFolder=${join(folder, 'state')}`);
  const child = spawn(process.execPath, [BIN, 'serve', '--config', config, '--policy', policy, ...set], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await exit;
  });
  let report = '';
  for await (const chunk of child.stdout) {
    report += String(chunk);
    if (report.includes('tcp_rmem') || report.includes('system')) break;
  }
  t.match(report, /policy "quiet evening" version 7 \([0-9a-f]{12}\)/);
  const operator = /operators +(http:\/\/127\.0\.0\.1:\d+)/.exec(report)![1]!;
  const status = (await (await fetch(`${operator}/v1/status`)).json()) as { policyHash: string };
  t.match(status, { policyVersion: 7, policyName: 'quiet evening' });
  t.ok(report.includes(status.policyHash));
  const metricsOf = async (version: number) => {
    const runs = (plane: string) => new RegExp(`sluice_policy_version\\{[^}]*plane="${plane}"[^}]*\\} ${version}\n`);
    let metrics = '';
    for (let tries = 0; tries < 100 && !runs('metadata').test(metrics); tries++) {
      metrics = await (await fetch(`${operator}/metrics`)).text();
      if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const plane of ['control', 'metadata']) t.match(metrics, runs(plane), plane);
    return metrics;
  };
  const metrics = await metricsOf(7);
  t.match(metrics, /class="dialling"/, 'its names are those of the planes');
  t.notMatch(metrics, /class="call-setup"/);

  const eight = file('eight.yaml', renamed.replace('version: 7', 'version: 8').replace('dialling', 'set-up'));
  t.match(await sluice('policy', 'apply', eight, '--operator', operator), { code: 0, stdout: /^version 8 / });
  const changed = await metricsOf(8);
  t.match(changed, /class="set-up"/, 'and those of the next policy');
  t.match(changed, /class="dialling"/, 'beside those that are retired, whose counters stay');
  t.notMatch(changed, /sluice_conservation_residual\{[^}]*\} [^0]/);
});
