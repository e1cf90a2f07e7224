import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { runToEnd } from '../supervisor/fixtures/gateway-under-test.ts';

const BIN = fileURLToPath(new URL('../bin/sluice.js', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

t.test('OPS-44 output that nobody reads, or that does not fit, is no stack trace', async (t) => {
  const unread = spawn(process.execPath, [BIN, 'policy', 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  unread.stdout.destroy();
  const errors = text(unread.stderr);
  t.strictSame([await once(unread, 'close'), await errors], [[0, null], '']);
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const unkept = spawn(process.execPath, [BIN, 'config', 'default'], { stdio: ['ignore', full, 'pipe'] });
  const said = text(unkept.stderr!);
  const [code] = await once(unkept, 'close');
  t.match([code, await said], [1, /^sluice: standard output cannot be written: ENOSPC[^\n]*\n$/]);
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
  // What gateways of this machine have kept is told in the log.
  const stateFolder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  t.teardown(() => rmSync(stateFolder, { recursive: true }));
  const sets = [...free, '--set', `listen.operator.port=${port}`, '--set', `stateFolder=${stateFolder}`];
  const end = await sluice('serve', '--demo', '--planes', 'control', ...sets);
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

/** A demo on free ports in a process group of its own, as a shell would start it; resolves once its nodes are there. */
async function demoInGroup(t: Test, command: string, ...args: string[]) {
  const ports = ['signal', 'metadata', 'nodeControl', 'nodeMetadata', 'operator'];
  const sets = ports.flatMap((name) => ['--set', `listen.${name}.port=0`]);
  const child = spawn(command, [...args, ...sets], { cwd: ROOT, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const demo = { child, log: '' };
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      demo.log += String(chunk);
      if (/serving gateway/.test(demo.log) && /publishing to/.test(demo.log)) resolve();
    });
    child.once('close', () => resolve());
  });
  t.teardown(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // Nothing of it is left, as it should be.
    }
  });
  return demo;
}

t.test('OPS-14 Ctrl-C, which every process of the terminal gets, starts nothing again', async (t) => {
  const demo = await demoInGroup(t, process.execPath, BIN, 'serve', '--demo');
  process.kill(-demo.child.pid!, 'SIGINT');
  t.strictSame(await once(demo.child, 'close'), [0, null]);
  t.match(demo.log, /SIGINT: draining/);
  t.notMatch(demo.log, /started again/);
});

t.test('OPS-14 SIGTERM to npm start reaches the gateway: no shell between them keeps it', async (t) => {
  const demo = await demoInGroup(t, 'npm', 'start', '--');
  demo.child.kill('SIGTERM');
  await once(demo.child, 'exit');
  t.match(demo.log, /SIGTERM: draining/);
});
