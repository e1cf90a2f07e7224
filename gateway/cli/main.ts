/**
 * The command line. Commands load what they need when they run, so that help comes at once.
 *
 * Exit codes: 0; 1, the thing asked about is wrong; 2, the usage is.
 */
import { Command, CommanderError } from 'commander';
import { addCallCommand } from './call-command.ts';
import { CommandFailure } from './command-failure.ts';
import { addConfigCommand } from './config-command.ts';
import { addNodeCommand } from './node-command.ts';
import { watchOutput } from './output-streams.ts';
import { packageVersion } from './package-version.ts';
import { addPolicyCommand } from './policy-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addTokenCommand } from './token-command.ts';

endWithLauncher();
watchOutput();
const program = new Command('sluice')
  .description('AI-aware signalling gateway: agent floods do not touch call setup')
  .version(packageVersion())
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'sluice: ').replace('\n(', ' (')) })
  .exitOverride();
for (const add of [
  addServeCommand,
  addCallCommand,
  addTokenCommand,
  addNodeCommand,
  addConfigCommand,
  addPolicyCommand,
])
  add(program);
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says what went wrong, where nobody has yet. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const lines =
    error instanceof CommandFailure ? error.lines : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) process.stderr.write(`sluice: ${line}\n`);
  return error instanceof CommandFailure ? error.exitCode : 1;
}

/** Whoever started us holds the other end of a channel: when they are gone, however they ended, we end in order. */
function endWithLauncher(): void {
  const launched = process.env.SLUICE_LAUNCHED !== undefined;
  delete process.env.SLUICE_LAUNCHED;
  if (!launched || process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
