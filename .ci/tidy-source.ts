/**
 * Source files as the tidy rules read them: imports, code without comments and literals, comments without code.
 *
 * Invariants: line numbers are kept; what a rule finds in `code` is code, never a word in a string or a comment.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** One file to be checked. */
export interface SourceText {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** One file, taken apart. */
export interface Source extends SourceText {
  /** The text with comments and the insides of literals blanked out. */
  readonly code: string;
  /** The text with everything but comments blanked out. */
  readonly comments: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: a package's name, `node:…`, or a relative path. */
  readonly from: string;
  /** Of a relative import: the path from the project's root; else null. */
  readonly path: string | null;
  /** Whether it vanishes with the types. */
  readonly typeOnly: boolean;
  readonly line: number;
}

const SKIPPED = new Set(['node_modules', 'generated']);
const IMPORT =
  /^(import|export)(\s+type)?\b([^'";=()]*?\bfrom)?\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'|\bimport\s+\w+\s*=\s*require\('([^']+)'/gm;
/** Characters after which a slash begins a regular expression rather than divides. */
const BEFORE_PATTERN = /(?:^|[=(,:[!&|?{};\n>]|\breturn|\bcase)\s*$/;

/** Every TypeScript file under the folders, generated ones aside. `root` is the project's. */
export function readSources(root: string, folders: readonly string[]): SourceText[] {
  const found: SourceText[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
      else if (entry.isFile() && path.endsWith('.ts'))
        found.push({ path, text: readFileSync(join(root, path), 'utf8') });
    }
  };
  // Version control keeps no empty folders: one whose time is yet to come may be missing.
  for (const folder of folders) if (existsSync(join(root, folder))) walk(folder);
  return found;
}

/** Takes a file apart. */
export function parseSource({ path, text }: SourceText): Source {
  const { code, comments } = separate(text);
  return { path, text, code, comments, imports: importsOf(path, text, code) };
}

/** The line, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function importsOf(path: string, text: string, code: string): Import[] {
  const imports: Import[] = [];
  for (const match of text.matchAll(IMPORT)) {
    // An import in a comment or a template is none: there its first letter is blanked out.
    if (code[match.index] === ' ') continue;
    const from = match[4] ?? match[5] ?? match[6]!;
    const relative = from.startsWith('.') ? posix.join(posix.dirname(path), from) : null;
    imports.push({ from, path: relative, typeOnly: match[2] !== undefined, line: lineAt(text, match.index) });
  }
  return imports;
}

/** Splits a text into code and comments of the same length, each blank where the other is not. */
function separate(text: string): { code: string; comments: string } {
  let code = '';
  let comments = '';
  let at = 0;
  const take = (length: number, kind: 'code' | 'comment' | 'literal') => {
    const piece = text.slice(at, at + length);
    const blank = piece.replace(/[^\n]/g, ' ');
    code += kind === 'code' ? piece : kind === 'comment' ? blank : piece[0] + blank.slice(1, -1) + (piece.at(-1) ?? '');
    comments += kind === 'comment' ? piece : blank;
    at += length;
  };
  while (at < text.length) {
    const rest = text.slice(at, at + 2);
    if (rest === '//') take(lengthTo(text, at, '\n'), 'comment');
    else if (rest === '/*') take(lengthTo(text, at + 2, '*/') + 4, 'comment');
    else if (rest[0] === "'" || rest[0] === '"' || rest[0] === '`') take(literalLength(text, at, rest[0]), 'literal');
    else if (rest[0] === '/' && BEFORE_PATTERN.test(code.slice(-20))) take(literalLength(text, at, '/'), 'literal');
    else take(1, 'code');
  }
  return { code, comments };
}

function lengthTo(text: string, from: number, end: string): number {
  const found = text.indexOf(end, from);
  return (found < 0 ? text.length : found) - from;
}

/** Length of the literal that begins at `start`, both delimiters included. Templates are taken whole. */
function literalLength(text: string, start: number, delimiter: string): number {
  let inClass = false;
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (delimiter === '/' && character === '[') inClass = true;
    else if (delimiter === '/' && character === ']') inClass = false;
    else if (delimiter === '`' && character === '$' && text[at + 1] === '{') depth++;
    else if (delimiter === '`' && character === '}' && depth > 0) depth--;
    else if (character === delimiter && !inClass && depth === 0) return at - start + 1;
  }
  return text.length - start;
}
