/**
 * Generates the protobuf codecs from schemas/proto. Run by `npm run generate`; a test runs it into a
 * temporary folder and compares, so a stale file fails CI.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const bin = (name: string) => join(here, '../node_modules/.bin', name);

/** Writes `proto.js`, `proto.d.ts` and `descriptor.json` into `outDir`. Throws when a generator fails. */
export function generate(outDir: string): void {
  const protos = ['frame.proto', 'node.proto'].map((name) => join(here, 'proto', name));
  const js = join(outDir, 'proto.js');
  const types = join(outDir, 'proto.d.ts');
  const stat = [
    '-t',
    'static-module',
    '-w',
    'es6',
    '--no-service',
    '--no-delimited',
    '--no-typeurl',
    '--no-convert',
    '--no-verify',
  ];
  execFileSync(bin('pbjs'), [...stat, '--force-number', '--keep-case', '-p', join(here, 'proto'), '-o', js, ...protos]);
  execFileSync(bin('pbts'), ['--no-comments', '-o', types, js]);
  const json = ['-t', 'json', '--keep-case', '-p', join(here, 'proto')];
  execFileSync(bin('pbjs'), [...json, '-o', join(outDir, 'descriptor.json'), ...protos]);
  const banner = '// Generated from schemas/proto by npm run generate. Do not edit.\n';
  const declarations = readFileSync(types, 'utf8').replace('import Long = require("long");\n', '');
  writeFileSync(types, banner + declarations);
  writeFileSync(js, banner + stripComments(readFileSync(js, 'utf8')));
}

/** pbjs needs its own comments to write the types, but they are nine tenths of the file: drop them afterwards. */
function stripComments(source: string): string {
  return source.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '').replace(/\n{3,}/g, '\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generate(join(here, 'generated'));
