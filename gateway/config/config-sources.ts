/**
 * Where configuration comes from: flag > environment > file > default, merged into one object whose every value still
 * knows its source, so that an error can name it.
 */
import { parse } from 'yaml';
import { didYouMean } from '../../schemas/nearest-word.ts';
import { ConfigError } from './config-error.ts';
import { CONFIG_FIELDS, type ConfigField } from './config-fields.ts';
import type { ConfigFile } from './config-file.ts';

/** Variables of Sluice that are no configuration fields. */
export const OTHER_VARIABLES = [
  'SLUICE_CONFIG',
  'SLUICE_POLICY',
  'SLUICE_INTERNAL_TOKEN',
  'SLUICE_LOG_LEVEL',
  'SLUICE_LAUNCHED',
  'SLUICE_API_KEY',
  'SLUICE_API_SECRET',
  'SLUICE_NODE_TOKEN',
  'SLUICE_OPERATOR',
  'SLUICE_OPERATOR_TOKEN',
] as const;

/** One value given on the command line. `flag` is how it was written, for errors. */
export interface ConfigFlag {
  readonly flag: string;
  readonly path: string;
  readonly value: unknown;
}

/** Values by where they were given. */
export interface ConfigSources {
  readonly file: ConfigFile | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly ConfigFlag[];
}

/** All sources as one object, not validated yet. */
export interface MergedSources {
  readonly values: Record<string, unknown>;
  /** Names the place that decided the value at `path`: `file:line`, a variable or a flag; empty for a default. */
  sourceOf(path: readonly PropertyKey[]): { readonly place: string; readonly flag: boolean };
}

/** Reads `--set path=value`. Throws `ConfigError` (usage) for an unknown path. */
export function flagOfAssignment(assignment: string): ConfigFlag {
  const split = assignment.indexOf('=');
  const path = split < 0 ? assignment : assignment.slice(0, split);
  const field = CONFIG_FIELDS.find((candidate) => candidate.path.join('.') === path);
  if (split < 0 || field === undefined) {
    const paths = CONFIG_FIELDS.map((candidate) => candidate.path.join('.'));
    const problem = split < 0 ? 'expected path=value' : `there is no ${path}${didYouMean(path, paths)}`;
    throw new ConfigError([`--set ${assignment}: ${problem}`], true);
  }
  return { flag: `--set ${path}`, path, value: readText(field, assignment.slice(split + 1)) };
}

/** Merges the sources by precedence. Throws `ConfigError` for unknown `SLUICE_` variables. */
export function mergeSources(sources: ConfigSources): MergedSources {
  const values = structuredClone(sources.file?.values ?? {}) as Record<string, unknown>;
  const places = new Map<string, { place: string; flag: boolean }>();
  const unknown: string[] = [];
  const known = [...CONFIG_FIELDS.map((field) => field.variable), ...OTHER_VARIABLES];
  for (const [variable, text] of Object.entries(sources.environment)) {
    if (!variable.startsWith('SLUICE_') || text === undefined) continue;
    const field = CONFIG_FIELDS.find((candidate) => candidate.variable === variable);
    if (field !== undefined) {
      putAt(values, field.path, readText(field, text));
      places.set(field.path.join('.'), { place: variable, flag: false });
    } else if (!known.includes(variable)) {
      unknown.push(`${variable}: there is no such variable${didYouMean(variable, known)}`);
    }
  }
  if (unknown.length > 0) throw new ConfigError(unknown);
  for (const { flag, path, value } of sources.flags) {
    putAt(values, path.split('.'), value);
    places.set(path, { place: flag, flag: true });
  }
  return { values, sourceOf: (path) => sourceOf(path, places, sources.file) };
}

function sourceOf(
  path: readonly PropertyKey[],
  places: ReadonlyMap<string, { place: string; flag: boolean }>,
  file: ConfigFile | null,
): { place: string; flag: boolean } {
  for (let length = path.length; length > 0; length--) {
    const place = places.get(path.slice(0, length).map(String).join('.'));
    if (place !== undefined) return place;
  }
  if (file === null || (path.length > 0 && !file.has(path.slice(0, 1)))) {
    return { place: file?.name ?? '', flag: false };
  }
  return { place: `${file.name}:${file.lineOf(path)}`, flag: false };
}

/** Text as a value: as it is for text fields, a comma list for lists of words, YAML for everything else. */
function readText(field: ConfigField, text: string): unknown {
  if (field.kind === 'text') return text;
  if (field.kind === 'words' && !text.trimStart().startsWith('[')) {
    return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
  }
  try {
    return parse(text) as unknown;
  } catch {
    return text; // Validation will say what was expected instead.
  }
}

/** Sets the value at `path`; a parent that is no object is left alone, because validation will refuse it. */
function putAt(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = values;
  for (const step of path.slice(0, -1)) {
    const next = target[step] ?? {};
    if (typeof next !== 'object' || Array.isArray(next)) return;
    target[step] = next;
    target = next as Record<string, unknown>;
  }
  target[path.at(-1)!] = value;
}
