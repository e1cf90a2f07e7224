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

const BANNER = '// Generated from schemas/proto by npm run generate. Do not edit.\n';

interface TypeDescriptor {
  readonly fields?: Readonly<Record<string, FieldDescriptor>>;
  readonly nested?: Readonly<Record<string, TypeDescriptor>>;
  readonly values?: Readonly<Record<string, number>>;
}
interface FieldDescriptor {
  readonly type: string;
  readonly rule?: string;
  readonly keyType?: string;
  readonly options?: { readonly proto3_optional?: boolean; readonly json_name?: string };
}

/** Writes the codecs, the descriptor and the field table into `outDir`. Throws when a generator fails. */
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
  const declarations = readFileSync(types, 'utf8').replace('import Long = require("long");\n', '');
  writeFileSync(types, BANNER + declarations);
  writeFileSync(js, BANNER + stripComments(readFileSync(js, 'utf8')));
  writeFileSync(join(outDir, 'field-table.ts'), fieldTable(readFileSync(join(outDir, 'descriptor.json'), 'utf8')));
}

/**
 * The messages and enums of a frame as a module of a few kilobytes: what the JSON codec needs of the schema, for those
 * who speak JSON alone.
 */
function fieldTable(descriptor: string): string {
  const root = JSON.parse(descriptor) as { nested: { sluice: { nested: { v1: TypeDescriptor } } } };
  const types = root.nested.sluice.nested.v1.nested!;
  const messages = new Map<string, string>();
  const enums = new Map<string, string>();
  const visit = (message: string): void => {
    if (messages.has(message)) return;
    messages.set(message, '');
    const { fields = {}, nested = {} } = types[message]!;
    const rows = Object.entries(fields).map(([name, field]) => {
      const own = nested[field.type];
      const type = own ? `${message}.${field.type}` : field.type;
      const declared = own ?? types[field.type];
      if (declared?.values) enums.set(type, JSON.stringify(declared.values));
      else if (declared) visit(type);
      const optional = field.options?.proto3_optional === true ? 'optional' : '';
      const row = [name, type, field.keyType === undefined ? (field.rule ?? optional) : 'map'];
      if (field.options?.json_name !== undefined) row.push(field.options.json_name);
      return `    ${JSON.stringify(row)},\n`;
    });
    messages.set(message, rows.join(''));
  };
  visit('Frame');
  const listed = [...messages].map(([name, rows]) => `  ${name}: [\n${rows}  ],\n`);
  return `${BANNER}/** Fields by message in field order: name, type, rule, and the name in JSON where it differs. */
export const MESSAGES: Readonly<Record<string, readonly (readonly [string, string, string, string?])[]>> = {
${listed.join('')}};

/** Numbers by word, of the enums that fields above name as their type. */
export const ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
${[...enums].map(([name, values]) => `  "${name}": ${values},\n`).join('')}};
`;
}

/** pbjs needs its own comments to write the types, but they are nine tenths of the file: drop them afterwards. */
function stripComments(source: string): string {
  return source.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '').replace(/\n{3,}/g, '\n\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generate(join(here, 'generated'));
