import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import t from 'tap';

// A package is installed with all it needs, from npm's cache or its registry.
t.setTimeout(400_000);

const ROOT = join(import.meta.dirname, '..');
const LEFT_OUT = new Set(['node_modules', '.git', '.tap', '.sluice', 'results']);
/** What a running `npm test` tells its children is not about the packages here. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

function run(folder: string, command: string, ...args: string[]): string {
  // The test runner puts its own modules into every Node that is started, however deep: `env` takes them out again.
  const options = { cwd: folder, env: ENVIRONMENT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] } as const;
  return execFileSync('env', ['-u', 'NODE_OPTIONS', command, ...args], options);
}

function filesIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => !path.startsWith('node_modules')).sort();
}

t.test('the package', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'sluice-package-'));
  t.teardown(() => rmSync(base, { recursive: true }));
  const checkout = join(base, 'checkout');
  const project = join(base, 'project');
  cpSync(ROOT, checkout, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type": "module", "private": true}');

  await t.test('OPS-60 npm pack leaves the checkout as it was', async (t) => {
    const before = filesIn(checkout);
    const manifest = readFileSync(join(checkout, 'package.json'), 'utf8');
    run(checkout, 'npm', 'pack', '--pack-destination', base);
    t.strictSame(filesIn(checkout), before);
    t.equal(readFileSync(join(checkout, 'package.json'), 'utf8'), manifest);
  });

  await t.test('OPS-60 the package holds JavaScript, and nothing of the tests', async (t) => {
    const tarball = readdirSync(base).find((name) => name.endsWith('.tgz'))!;
    run(
      project,
      'npm',
      'install',
      '--prefer-offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      join('..', tarball),
    );
    const installed = filesIn(join(project, 'node_modules/sluice'));
    t.ok(installed.includes('gateway/cli/main.js') && installed.includes('classes/default-policy.yaml'));
    const strangers = installed.filter((path) => /(?<!\.d)\.ts$|\.test\.|\.bench\.|fixtures|^loadtest/.test(path));
    t.strictSame(strangers, []);
  });

  await t.test('OPS-60 installed, the command and the library work', async (t) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    t.equal(run(project, 'npx', '--no-install', 'sluice', '--version').trim(), version);
    t.match(run(project, 'npx', '--no-install', 'sluice', 'config', 'default'), /^listen:/m);
    const code = "import { createClient } from 'sluice/client'; console.log(typeof createClient);";
    writeFileSync(join(project, 'one.js'), code);
    t.equal(run(project, process.execPath, 'one.js').trim(), 'function');
  });

  await t.test('OPS-60 TypeScript finds the types of the library', async (t) => {
    const options = {
      module: 'nodenext',
      target: 'es2024',
      lib: ['es2024', 'dom'],
      types: [],
      strict: true,
      skipLibCheck: true,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, noEmit: true } }));
    const use = (member: string) =>
      `import { createClient, type ClientEvents } from 'sluice/client';
       export const told = (event: ClientEvents['participant']): string => event.${member};
       createClient({ signalUrl: '', accessToken: '', room: '' }).on('caption', ({ caption }) => caption?.text);`;
    const check = () => run(project, join(ROOT, 'node_modules/.bin/tsc'), '-p', '.');
    writeFileSync(join(project, 'one.ts'), use('identity'));
    t.doesNotThrow(check);
    writeFileSync(join(project, 'one.ts'), use('nothing'));
    const { stdout } = t.throws(check) as { stdout?: string };
    t.match(stdout, /'nothing' does not exist/);
  });
});
