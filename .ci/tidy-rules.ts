/**
 * The house rules a program can check: who may import whom, where each library lives, what pure folders must not
 * know, and how files look. `tidyFaults` gives one line per fault, `path:line: what is wrong`.
 */
import { lineAt, parseSource, type Source, type SourceText } from './tidy-source.ts';

/** The longest a file may be, tests, fixtures and generated ones aside. */
export const MAX_LINES = 250;

/** Where the files of a place may import from; the first place that a path begins with decides. */
const IMPORT_TABLE: readonly (readonly [place: string, allowed: readonly string[]])[] = [
  ['schemas/', ['schemas/']],
  ['classes/', ['schemas/', 'classes/']],
  ['backpressure/', ['schemas/', 'backpressure/']],
  ['gateway/client/', ['schemas/', 'gateway/client/']],
  ['gateway/agents/', ['schemas/', 'gateway/client/', 'gateway/agents/']],
  ['gateway/', ['schemas/', 'classes/', 'backpressure/', 'gateway/']],
  ['loadtest/', ['schemas/', 'gateway/client/', 'loadtest/']],
  ['dashboards/', ['schemas/', 'dashboards/']],
  ['.ci/', ['.ci/']],
];

/** Places that must not import each other, though the table lets their parent do so. */
const STRANGERS: readonly (readonly [string, string])[] = [['gateway/control/', 'gateway/metadata/']];

/** The only places a library may be imported in. */
const LIBRARY_HOMES: Readonly<Record<string, readonly string[]>> = {
  'uWebSockets.js': ['gateway/edge/', 'loadtest/'],
  '@grpc/grpc-js': ['gateway/nodes/', 'gateway/agents/', 'loadtest/'],
  ioredis: ['gateway/fabric/'],
  '@opentelemetry': ['gateway/telemetry/'],
  opossum: ['gateway/nodes/'],
};

const PURE_PLACES = ['schemas/', 'classes/', 'backpressure/'];
/** Programs, not parts: they may do what they like. */
const PROGRAMS = /(\.bench|\.test|^schemas\/generate)\.ts$/;
const IMPURE_IMPORT =
  /^node:(fs|net|http2?|https|dgram|tls|dns|timers|events|child_process|worker_threads|cluster|os|perf_hooks)\b/;
const IMPURE_CODE =
  /\b(Date\.now|new Date|performance\.|setTimeout|setInterval|setImmediate|process\.|EventEmitter|Math\.random|fetch\()/g;

const EXEMPT_FROM_LENGTH = /(\.test\.ts$|\/fixtures\/)/;
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.arbitrary|\.integration\.test|\.test|\.bench)?(\.d)?\.ts$/;
const BANNED_NAMES = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'service', 'misc', 'common']);
const EXPORTED_FUNCTION =
  /^export (?:async )?function\b|^export const \w+ = (?:async )?(?:\([^)]*\)|\w+)(?:: [^=]+)? =>/gm;
const LEFTOVER = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)|biome-ignore/g;

/** Checks files against every rule. Nothing found: all are tidy. */
export function tidyFaults(files: readonly SourceText[]): string[] {
  const sources = files.map(parseSource);
  return [...sources.flatMap((source) => faultsOf(source)), ...cycles(sources)].sort();
}

const RULE_ID = /\b(?:[A-Z]{3,6})-\d+\b/;

/**
 * Checks the specification against the tests: rules without a test whose title begins with their ID, titles with an
 * ID that is no rule, and IDs given twice. `tests` are the files to look for titles in.
 */
export function specFaults(spec: string, tests: readonly SourceText[]): string[] {
  const rules = [...spec.matchAll(new RegExp(`^- \\*\\*(${RULE_ID.source})\\*\\*`, 'gm'))].map((match) => match[1]!);
  const faults = rules.filter((rule, index) => rules.indexOf(rule) !== index).map((rule) => `${rule}: given twice`);
  const shown = new Set<string>();
  for (const { path, text } of tests) {
    for (const match of text.matchAll(new RegExp(`['"\`](${RULE_ID.source})[ :]`, 'g'))) {
      shown.add(match[1]!);
      if (!rules.includes(match[1]!)) faults.push(`${path}:${lineAt(text, match.index)}: ${match[1]} is no rule`);
    }
  }
  return [...faults, ...rules.filter((rule) => !shown.has(rule)).map((rule) => `${rule}: no test shows it`)];
}

function faultsOf(source: Source): string[] {
  const faults: string[] = [];
  const at = (line: number, what: string) => faults.push(`${source.path}:${line}: ${what}`);
  for (const { from, path, line } of source.imports) {
    if (path !== null) checkPlace(source.path, path, (what) => at(line, what));
    const home = Object.keys(LIBRARY_HOMES).find((name) => from === name || from.startsWith(`${name}/`));
    const homes = home === undefined ? [] : LIBRARY_HOMES[home]!;
    if (home !== undefined && !startsIn(source.path, homes))
      at(line, `${home} may be imported only in ${homes.join(', ')}`);
  }
  if (startsIn(source.path, PURE_PLACES) && !PROGRAMS.test(source.path)) {
    for (const { from, line } of source.imports)
      if (IMPURE_IMPORT.test(from)) at(line, `a pure folder imports ${from}`);
    eachMatch(source.code, IMPURE_CODE, (word, line) => at(line, `a pure folder uses ${word}`));
  }
  const lines = source.text.split('\n').length - 1;
  if (lines > MAX_LINES && !EXEMPT_FROM_LENGTH.test(source.path)) at(lines, `longer than ${MAX_LINES} lines`);
  const name = source.path.slice(source.path.lastIndexOf('/') + 1);
  if (!FILE_NAME.test(name)) at(1, 'the file name is not in kebab-case');
  const banned = name.split(/[-.]/).find((word) => BANNED_NAMES.has(word));
  if (banned !== undefined) at(1, `the file name says "${banned}", which says nothing`);
  const test = source.path.endsWith('.test.ts');
  // A test is for the file it stands beside.
  if (!test && !/^(#![^\n]*\n)?\/[/*]/.test(source.text)) at(1, 'no header comment says what the file is for');
  eachMatch(source.code, /^export default\b/gm, (_, line) => at(line, 'a default export'));
  eachMatch(source.code, /[:<,(|&=]\s*any\b(?!\s*[:(])|\bas any\b|\bany\[\]/g, (_, line) => at(line, 'the type any'));
  eachMatch(source.code, /\bfunction (handle|manage)[A-Z]\w*/g, (word, line) =>
    at(line, `"${word}": say what it does`),
  );
  eachMatch(source.comments, LEFTOVER, (word, line) => at(line, `${word} left over`));
  if (!test && !source.path.includes('/fixtures/')) {
    eachMatch(source.code, EXPORTED_FUNCTION, (_, line, offset) => {
      if (!source.comments.slice(0, offset).trimEnd().endsWith('*/') || !followsComment(source, offset)) {
        at(line, 'an exported function without a docstring');
      }
    });
  }
  return faults;
}

/** Whether nothing but white space stands between the last comment and the offset. */
function followsComment(source: Source, offset: number): boolean {
  const commentEnd = source.comments.slice(0, offset).trimEnd().length;
  return source.text.slice(commentEnd, offset).trim() === '' && !source.text.slice(commentEnd, offset).includes('\n\n');
}

function checkPlace(importer: string, imported: string, fault: (what: string) => void): void {
  const rule = IMPORT_TABLE.find(([place]) => importer.startsWith(place));
  if (rule === undefined) fault('is in no known folder');
  else if (!startsIn(imported, rule[1])) fault(`${rule[0]} must not import ${imported}`);
  for (const [one, other] of STRANGERS) {
    const strangers =
      (importer.startsWith(one) && imported.startsWith(other)) ||
      (importer.startsWith(other) && imported.startsWith(one));
    if (strangers) fault(`${one} and ${other} must not import each other`);
  }
}

/** One fault per import cycle of values; types make none, they are gone when the program runs. */
function cycles(sources: readonly Source[]): string[] {
  const targets = new Map(sources.map((source) => [source.path, source.imports.filter((found) => !found.typeOnly)]));
  const done = new Set<string>();
  const trail: string[] = [];
  const faults: string[] = [];
  const visit = (path: string) => {
    const seen = trail.indexOf(path);
    if (seen >= 0) faults.push(`${path}:1: import cycle: ${[...trail.slice(seen), path].join(' → ')}`);
    if (seen >= 0 || done.has(path)) return;
    trail.push(path);
    for (const target of targets.get(path) ?? []) if (target.path !== null) visit(target.path);
    trail.pop();
    done.add(path);
  };
  for (const path of targets.keys()) visit(path);
  return faults;
}

function startsIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}

function eachMatch(text: string, pattern: RegExp, found: (word: string, line: number, offset: number) => void): void {
  for (const match of text.matchAll(pattern)) found(match[0].trim(), lineAt(text, match.index), match.index);
}
