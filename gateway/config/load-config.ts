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
import { type Fault, faultsOfIssue } from '../../classes/schema-faults.ts';
import type { Config } from './config.ts';
import { checkConfig } from './config-checks.ts';
import { ConfigError } from './config-error.ts';
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

/** The configuration from all sources. Throws `ConfigError`. */
export function loadConfig(options: LoadConfigOptions): Config {
  const file = options.file === null ? null : readConfigFile(options.file);
  const merged = mergeSources({ file, environment: options.environment, flags: options.flags });
  if (merged.values.demo === true) fillInDemo(merged.values);
  const parsed = configSchema.safeParse(merged.values);
  if (!parsed.success)
    throw errorOf(
      parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, merged.values, configSchema, isSecret)),
      merged,
    );
  const config = settle(parsed.data, options);
  const problems: Fault[] = [...checkConfig(config), ...checkFiles(config), ...checkTls(config)];
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

function checkFiles(config: Config): Fault[] {
  const problems: Fault[] = [];
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

function errorOf(problems: readonly Fault[], merged: MergedSources): ConfigError {
  let usage = true;
  const lines = problems.map(({ path, message }) => {
    const { place, flag } = merged.sourceOf(path);
    usage &&= flag;
    const parts = [place === '' ? 'configuration' : place, ...(path.length > 0 ? [path.map(String).join('.')] : [])];
    return `${parts.join(': ')}: ${message}`;
  });
  return new ConfigError(lines, usage);
}

/** Secrets are shown to nobody. */
function isSecret(path: readonly PropertyKey[]): boolean {
  return path.some((step) => /secret|token|credential/i.test(String(step)));
}
