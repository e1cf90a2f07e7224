/** The flags by which commands take a configuration: `--config`, `--set`, `--demo` and `--lan`. */
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { CommandFailure } from './command-failure.ts';

export interface ConfigOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly demo?: boolean;
  readonly lan?: boolean;
}

/** Adds the flags to a command. */
export function addConfigOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration, YAML or JSON (or SLUICE_CONFIG)')
    .option('--set <path=value>', 'one field, e.g. listen.signal.port=7580; may be repeated', append, [])
    .option('--demo', 'a public API key on loopback, for trying things out')
    .option('--lan', 'with --demo: for phones and other machines of the network, over TLS');
}

/** Loads what the flags, the environment and the file say. Throws `CommandFailure` with every problem. */
export async function configOf(options: ConfigOptions): Promise<Config> {
  const [{ loadConfig }, { flagOfAssignment }, { ConfigError }] = await Promise.all([
    import('../config/load-config.ts'),
    import('../config/config-sources.ts'),
    import('../config/config-error.ts'),
  ]);
  try {
    const flags = options.set.map(flagOfAssignment);
    if (options.demo) flags.push({ flag: '--demo', path: 'demo', value: true });
    if (options.lan) flags.push({ flag: '--lan', path: 'lan', value: true });
    const file = options.config ?? (process.env.SLUICE_CONFIG || null);
    return loadConfig({ file, environment: process.env, flags });
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.problems, error.usage ? 2 : 1);
    throw error;
  }
}

function append(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
