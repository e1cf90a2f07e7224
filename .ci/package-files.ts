/**
 * What `npm pack` needs beside the sources: JavaScript and declarations, because Node strips no types under
 * node_modules. `emit` writes them beside the sources and points `exports` to them; `clean` takes both back.
 *
 *     x.ts ─► x.js, x.d.ts           "./gateway/client/entry.ts" ─► "./gateway/client/entry.js"
 *
 * Invariants: nothing is written over a file that is no product of ours; after `clean` the checkout is as before `emit`.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['schemas', 'classes', 'backpressure', 'gateway', 'dashboards'];
const NOT_SHIPPED = [
  '**/*.test.ts',
  '**/*.bench.ts',
  '**/fixtures/**',
  'schemas/generate.ts',
  'schemas/arbitrary-frame.ts',
];
const PRODUCT = /\.(js|d\.ts)$/;

/** Compiles the sources in `root`, tests and their fixtures aside, and puts what comes of them beside them. */
export function emitPackageFiles(root: string): void {
  const out = mkdtempSync(join(tmpdir(), 'sluice-emit-'));
  try {
    const project = join(out, 'tsconfig.json');
    writeFileSync(project, JSON.stringify(projectOf(root, out)));
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { stdio: 'inherit' });
    for (const path of readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((one) => PRODUCT.test(one))) {
      const from = join(out, path);
      if (path.endsWith('.d.ts')) writeFileSync(from, withoutExtension(readFileSync(from, 'utf8')));
      if (existsSync(join(root, path.replace(PRODUCT, '.ts')))) copyFileSync(from, join(root, path));
    }
  } finally {
    rmSync(out, { recursive: true });
  }
  redirectExports(root, '.ts', '.js');
}

/** Removes everything `emitPackageFiles` wrote: what lies beside a source of its name. */
export function cleanPackageFiles(root: string): void {
  for (const folder of FOLDERS.filter((one) => existsSync(join(root, one)))) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      const file = join(root, folder, path);
      if (PRODUCT.test(file) && existsSync(file.replace(PRODUCT, '.ts'))) rmSync(file);
    }
  }
  redirectExports(root, '.js', '.ts');
}

function projectOf(root: string, outDir: string): object {
  return {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    include: FOLDERS.map((folder) => join(root, folder)),
    exclude: NOT_SHIPPED.map((pattern) => join(root, pattern)),
  };
}

/** The compiler leaves the specifiers of declarations as they were written. */
function withoutExtension(declarations: string): string {
  return declarations.replaceAll(/(\bfrom |\bimport |\bimport\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g, '$1$2$3.js$2');
}

/** As text, so that the rest of the file keeps its form. */
function redirectExports(root: string, from: string, to: string): void {
  const file = join(root, 'package.json');
  const text = readFileSync(file, 'utf8');
  const redirected = text.replace(/"exports": \{[^}]*\}/, (exports) => exports.replaceAll(`${from}"`, `${to}"`));
  writeFileSync(file, redirected);
}

if (process.argv[2] === 'emit') emitPackageFiles(ROOT);
else if (process.argv[2] === 'clean') cleanPackageFiles(ROOT);
