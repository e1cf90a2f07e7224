import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runToEnd } from '../supervisor/fixtures/gateway-under-test.ts';

const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));
const sluice = (...args: string[]) => runToEnd(process.execPath, [BIN, ...args]);

t.test('OPS-40 help and version are answered with exit code 0', async (t) => {
  const help = await sluice('--help');
  t.equal(help.code, 0);
  for (const command of ['serve', 'config']) t.match(help.stdout, command);
  t.match(await sluice('--version'), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ });
});

t.test('OPS-40 unknown commands and flags are exit code 2, one line, and name the nearest word', async (t) => {
  t.strictSame(await sluice('serv'), {
    code: 2,
    signal: null,
    stdout: '',
    stderr: "sluice: unknown command 'serv' (Did you mean serve?)\n",
  });
  t.match(await sluice('serve', '--dmeo'), {
    code: 2,
    stderr: /^sluice: unknown option '--dmeo' \(Did you mean --demo\?\)\n$/,
  });
  t.match(await sluice('serve', '--planes', 'some'), {
    code: 2,
    stderr: /^sluice: [^\n]*all, control, metadata[^\n]*\n$/,
  });
  t.match(await sluice('serve', '--demo', '--set', 'listen.signl.port=1'), {
    code: 2,
    stderr: /^sluice: [^\n]*"listen\.signal\.port"[^\n]*\n$/,
  });
});

t.test('OPS-41 a configuration that cannot be used is one line per problem and exit code 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.yaml');
  const missing = await sluice('serve', '--config', file);
  t.strictSame([missing.code, missing.stderr], [1, `sluice: ${file}: cannot be read: there is no such file\n`]);
  const folderInstead = await sluice('serve', '--config', folder);
  t.match(folderInstead, { code: 1, stderr: /^sluice: [^\n]*cannot be read: [^\n]*\n$/ });
  writeFileSync(file, 'listn: {}\n');
  const unknown = await sluice('config', 'check', file, '--demo');
  t.strictSame(
    [unknown.code, unknown.stderr],
    [1, `sluice: ${file}:1: listn: there is no such key (did you mean "listen"?)\n`],
  );
  writeFileSync(file, 'region: eu\nheartbeatMs: soon\n');
  const value = await sluice('serve', '--config', file, '--demo');
  t.strictSame([value.code, value.stderr], [1, `sluice: ${file}:2: heartbeatMs: expected a number, found "soon"\n`]);
  const keyless = await sluice('serve');
  t.match(keyless, { code: 1, stderr: /^sluice: configuration: keys: [^\n]*--demo\n$/ });
});

t.test('OPS-41 config check, default and schema', async (t) => {
  t.match(await sluice('config', 'check', '--demo'), { code: 0, stdout: 'ok\n', stderr: '' });
  t.match(await sluice('config', 'default'), { code: 0, stdout: /^gatewayId: /m });
  const schema = JSON.parse((await sluice('config', 'schema')).stdout);
  t.match(schema, { type: 'object', properties: { listen: { properties: { signal: {} } } } });
});

t.test('OPS-15 serve ends with one line and exit code 1 when the operator port is taken', async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void holder.close());
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const free = ['signal', 'nodeControl'].flatMap((name) => ['--set', `listen.${name}.port=0`]);
  const end = await sluice('serve', '--demo', '--planes', 'control', ...free, '--set', `listen.operator.port=${port}`);
  t.equal(end.code, 1);
  t.match(end.stderr, new RegExp(`^sluice: port ${port} on 127.0.0.1 is taken: [^\n]*\n$`));
});

t.test('OPS-42 the command finds the pinned Node, whichever Node it was started with', async (t) => {
  // A copy elsewhere that pretends to be the pinned runtime of another version shows the way of another Node.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bin-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  const { readFileSync } = await import('node:fs');
  write('package.json', '{"type":"module"}');
  write('gateway/bin/sluice.js', readFileSync(BIN, 'utf8'));
  write('gateway/cli/main.ts', '');
  const copy = join(folder, 'gateway/bin/sluice.js');
  t.match(await runToEnd(process.execPath, [copy]), {
    code: 1,
    stderr: /^sluice: the Node runtime [^\n]* npm ci[^\n]*\n$/,
  });

  const names = { linux: 'node-linux', darwin: process.arch === 'arm64' ? 'node-bin-darwin' : 'node-darwin' };
  const runtime = `${names[process.platform as 'linux' | 'darwin']}-${process.arch}`;
  write(`node_modules/${runtime}/package.json`, '{"version":"0.0.1"}');
  const script = `#!/bin/sh\necho "$(basename "$1") $2"\ncase "$2" in code) exit 7;; signal) kill -TERM $$;; wait) trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done;; esac\n`;
  write(`node_modules/${runtime}/bin/node`, script, 0o755);
  t.match(await runToEnd(process.execPath, [copy, 'code']), { code: 7, signal: null, stdout: 'main.ts code\n' });
  t.match(await runToEnd(process.execPath, [copy, 'signal']), { code: null, signal: 'SIGTERM' });
  const child = spawn(process.execPath, [copy, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of child.stdout) if (String(chunk).includes('up')) break;
  child.kill('SIGTERM');
  t.strictSame(await once(child, 'exit'), [5, null], 'signals are passed on, and the exit code comes back');
});
