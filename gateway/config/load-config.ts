/**
 * Reads, merges and validates the configuration.
 *
 * Invariant: what comes out is complete, valid and deeply frozen; what goes wrong is a `ConfigError` that names every
 * problem at once, each with its place (`file:line`, variable or flag), path and what was expected.
 */
import { accessSync, constants } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { didYouMean } from '../../schemas/nearest-word.ts';
import type { Config } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { ConfigError } from './config-error.ts';
import { knownKeysAt } from './config-fields.ts';
import { readConfigFile } from './config-file.ts';
import { configSchema } from './config-schema.ts';
import { type ConfigFlag, type MergedSources, mergeSources } from './config-sources.ts';
import { deepFreeze } from './deep-freeze.ts';
import { fillInDemo } from './demo-config.ts';
import { checkTls, withTlsFrom } from './tls-files.ts';

/** What `loadConfig` reads from. */
export interface LoadConfigOptions {
  /** Path of a YAML or JSON file; null for none. */
  readonly file: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly ConfigFlag[];
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The configuration from all sources. Throws `ConfigError`. */
export function loadConfig(options: LoadConfigOptions): Config {
  const file = options.file === null ? null : readConfigFile(options.file);
  const merged = mergeSources({ file, environment: options.environment, flags: options.flags });
  if (merged.values.demo === true) fillInDemo(merged.values);
  const parsed = configSchema.safeParse(merged.values);
  if (!parsed.success)
    throw errorOf(
      parsed.error.issues.flatMap((issue) => describe(issue, merged.values)),
      merged,
    );
  const config = settle(parsed.data, options);
  const problems: Problem[] = [...checkConfig(config), ...checkFiles(config), ...checkTls(config)];
  if (problems.length > 0) throw errorOf(problems, merged);
  return deepFreeze(config);
}

/** Fills in what depends on this machine. */
function settle(config: z.output<typeof configSchema>, { file, environment }: LoadConfigOptions): Config {
  const base = file === null ? process.cwd() : dirname(resolve(file));
  const keys = Object.fromEntries(
    Object.entries(config.keys).map(([name, key]) => [
      name,
      key.jwksFile === undefined ? key : { ...key, jwksFile: resolve(base, key.jwksFile) },
    ]),
  );
  const { signal, metadata } = config.listen;
  const listen = { ...config.listen, signal: withTlsFrom(base, signal), metadata: withTlsFrom(base, metadata) };
  const state = environment.XDG_STATE_HOME || join(homedir(), '.local/state');
  const stateFolder = config.stateFolder === '' ? join(state, 'sluice') : resolve(base, config.stateFolder);
  return { ...config, listen, keys, stateFolder, gatewayId: config.gatewayId || hostname() };
}

function checkFiles(config: Config): Problem[] {
  const problems: Problem[] = [];
  for (const [name, { jwksFile }] of Object.entries(config.keys)) {
    if (jwksFile === undefined) continue;
    try {
      accessSync(jwksFile, constants.R_OK);
    } catch {
      problems.push({
        path: ['keys', name, 'jwksFile'],
        message: `expected a file that can be read, found ${jwksFile}`,
      });
    }
  }
  return problems;
}

function errorOf(problems: readonly Problem[], merged: MergedSources): ConfigError {
  let usage = true;
  const lines = problems.map(({ path, message }) => {
    const { place, flag } = merged.sourceOf(path);
    usage &&= flag;
    const parts = [place === '' ? 'configuration' : place, ...(path.length > 0 ? [path.map(String).join('.')] : [])];
    return `${parts.join(': ')}: ${message}`;
  });
  return new ConfigError(lines, usage);
}

/** One of zod's issues in our words. */
function describe(issue: z.core.$ZodIssue, values: unknown): Problem[] {
  const { path } = issue;
  const found = foundAt(values, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `there is no such key${didYouMean(key, knownKeysAt(path))}`,
      }));
    case 'invalid_type':
      return [{ path, message: `expected ${EXPECTED[issue.expected] ?? issue.expected}${found}` }];
    case 'too_small':
      return [{ path, message: `expected at least ${issue.minimum}${UNITS[issue.origin] ?? ''}${found}` }];
    case 'too_big':
      return [{ path, message: `expected at most ${issue.maximum}${UNITS[issue.origin] ?? ''}${found}` }];
    case 'invalid_value':
      return [{ path, message: `expected ${issue.values.join(' or ')}${found}` }];
    default:
      return [{ path, message: `${issue.message}${issue.code === 'custom' ? '' : found}` }];
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
  record: 'a mapping of names',
};
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** `, found …` for a value that may be shown; secrets and groups are not. */
function foundAt(values: unknown, path: readonly PropertyKey[]): string {
  if (path.some((step) => /secret|token|credential/i.test(String(step)))) return '';
  let value = values;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  if (value === undefined) return ', found nothing';
  return typeof value === 'object' && value !== null ? '' : `, found ${JSON.stringify(value)}`;
}
