/** `sluice config`: what may be configured, and whether a configuration is right. */
import type { Command } from 'commander';
import { addConfigOptions, type ConfigOptions, configOf } from './config-options.ts';

/** Adds `config check|default|schema` to the program. */
export function addConfigCommand(program: Command): void {
  const config = program.command('config').description('check a configuration, or print the defaults or the schema');
  addConfigOptions(config.command('check').description('say whether the gateway would start with it'))
    .argument('[file]', 'like --config')
    .action(async (file: string | undefined, flags: ConfigOptions) => {
      await configOf(file === undefined ? flags : { ...flags, config: file });
      process.stdout.write('ok\n');
    });
  config
    .command('default')
    .description('print every field with its default, as YAML')
    .action(async () => {
      const { defaultConfigYaml } = await import('../config/default-config.ts');
      process.stdout.write(defaultConfigYaml());
    });
  config
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(async () => {
      const { configJsonSchema } = await import('../config/config-schema.ts');
      process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    });
}
