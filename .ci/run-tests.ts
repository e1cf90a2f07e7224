/**
 * Runs the tests: `npm test` for all, `npm test -- FILE…` for some, with any of tap's own options.
 *
 * tap's TypeScript plugin cannot load the compiler this project uses, and needs not: Node strips the types. `.taprc`
 * takes the plugin out, but tap must be rebuilt without it once after every install, before its first run.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const tap = join(dirname(require.resolve('tap/package.json')), 'dist/esm/run.mjs');
const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js');

if (!existsSync(built) || readFileSync(built, 'utf8').includes('@tapjs/typescript')) {
  console.error('Building the test runner without its TypeScript plugin: once after each install, some seconds.');
  runTap('build');
}
process.exitCode = runTap('run', ...process.argv.slice(2));

/** Runs one of tap's commands and gives its exit code; a build that fails ends everything. */
function runTap(command: 'build' | 'run', ...options: readonly string[]): number {
  const { status, error } = spawnSync(process.execPath, [tap, command, ...options], { cwd: root, stdio: 'inherit' });
  if (error) throw error;
  if (command === 'build' && status !== 0) process.exit(status ?? 1);
  return status ?? 1;
}
