/** `sluice serve`: runs the gateway. */
import { type Command, Option } from 'commander';
import type { PlaneName } from '../supervisor/plane-link.ts';
import { addConfigOptions, type ConfigOptions, configOf } from './config-options.ts';
import { packageVersion } from './package-version.ts';
import { policySourceOf } from './policy-options.ts';

interface ServeFlags extends ConfigOptions {
  readonly policy?: string;
  readonly planes: 'all' | PlaneName;
}

/** Adds `serve` to the program. */
export function addServeCommand(program: Command): void {
  const planes = new Option('--planes <which>', 'which planes to run here').choices(['all', 'control', 'metadata']);
  addConfigOptions(program.command('serve').description('run the gateway'))
    .option('-p, --policy <file>', 'policy, YAML or JSON (or SLUICE_POLICY); read again when it changes, and at SIGHUP')
    .addOption(planes.default('all'))
    .action(async (flags: ServeFlags) => {
      const config = await configOf(flags);
      const policyFile = flags.policy ?? (process.env.SLUICE_POLICY || null);
      await policySourceOf(policyFile);
      const { serve } = await import('../supervisor/serve.ts');
      process.exit(await serve({ config, policyFile, planes: flags.planes, version: packageVersion() }));
    });
}
