import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

async function sluice(...args: string[]): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  let stdout = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const [code] = await once(child, 'close');
  return { code, stderr, stdout };
}

t.test('NODE-30 a trace that is missing or bad ends `node captions` with one line and exit code 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-node-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const bad = join(folder, 'bad.jsonl');
  writeFileSync(bad, '{"atMs":1,"stream":"s","speaker":"a","segment":0,"revision":0,"final":false,"text":"x"}\n{}\n');
  const missing = await sluice('node', 'captions', '--trace', join(folder, 'none.jsonl'));
  t.equal(missing.code, 1);
  t.match(missing.stderr, /^sluice: .*none\.jsonl: cannot be read \(no such file\)\n$/);
  const broken = await sluice('node', 'captions', '--trace', bad);
  t.equal(broken.code, 1);
  t.match(broken.stderr, /^sluice: .*bad\.jsonl:2: atMs: .*\n$/);
});

t.test('NODE-35 wrong usage of `node` is one line and exit code 2', async (t) => {
  const cases = [
    ['captions'],
    ['captions', '--trace', 'x', '--speed', '0'],
    ['reference', '--gateway-control', 'nowhere'],
    ['reference', '--interface-address', 'localhost'],
    ['reference', '--capacity', 'many'],
  ];
  for (const args of cases) {
    const { code, stderr } = await sluice('node', ...args);
    t.equal(code, 2, args.join(' '));
    t.match(stderr, /^sluice: .*\n$/);
  }
});
