/** `sluice policy apply|rollback|history`: the policy of a running gateway. */
import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { addOperatorOptions, askOperator, type OperatorOptions } from './operator-client.ts';
import { policyTextOf } from './policy-options.ts';

interface PolicyNow {
  readonly version: number;
  readonly name: string;
  readonly hash: string;
}

interface PolicyChange extends PolicyNow {
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly diff: readonly string[];
  readonly planes: readonly { readonly plane: string; readonly worker: number; readonly error: string | null }[];
}

interface HistoryEntry extends PolicyNow {
  readonly at: string;
  readonly who: string;
  readonly how: string;
  readonly diff: readonly string[];
}

interface ApplyOptions extends OperatorOptions {
  readonly dryRun?: boolean;
  readonly ifMatch?: string;
}

/** Adds the commands to `sluice policy`. */
export function addLivePolicyCommands(policy: Command): void {
  addOperatorOptions(policy.command('apply'))
    .description('put a policy in force in a running gateway: checked there, then taken over by every plane at once')
    .argument('<file>', 'policy, YAML or JSON')
    .option('--dry-run', 'only say what would change, and what is wrong')
    .option('--if-match <hash>', 'only if the policy in force has this hash, as history and apply tell it')
    .addHelpText('after', APPLY_HELP)
    .action(apply);
  addOperatorOptions(policy.command('rollback'))
    .description('go back to the policy before the one in force, or to an earlier version')
    .option('--to <version>', 'version to go back to, as history tells it', versionOf)
    .action(rollback);
  addOperatorOptions(policy.command('history'))
    .description('every policy the gateway has had: who brought it, when, how, and what it changed; newest first')
    .action(history);
}

const APPLY_HELP = `
Exit codes: 0, it is in force (or could be); 1, it is not, and what is wrong is said; 2, wrong usage.

  sluice policy apply policy.yaml --dry-run     what would change
  sluice policy apply policy.yaml               do it; sessions stay, what they have used up stays used up
  sluice policy rollback                        undo it

What is accepted here is kept, outlives a restart, and goes before the policy file until that changes or the
gateway gets SIGHUP.`;

async function apply(file: string, options: ApplyOptions): Promise<void> {
  const body = policyTextOf(file);
  const before = await askOperator<PolicyNow>(options, { method: 'GET', path: '/v1/policy' });
  const query = new URLSearchParams({ file: basename(file), ...(options.dryRun && { dryRun: 'true' }) });
  const change = await askOperator<PolicyChange>(options, {
    method: 'PUT',
    path: `/v1/policy?${query}`,
    body,
    // Whoever changes it between our look and our wish is not overwritten unseen.
    headers: { 'content-type': 'application/yaml', 'if-match': `"${options.ifMatch ?? before.hash}"` },
  });
  tell(before, change);
}

async function rollback(options: OperatorOptions & { readonly to?: number }): Promise<void> {
  const before = await askOperator<PolicyNow>(options, { method: 'GET', path: '/v1/policy' });
  const change = await askOperator<PolicyChange>(options, {
    method: 'POST',
    path: '/v1/policy/rollback',
    body: JSON.stringify(options.to === undefined ? {} : { to: options.to }),
    headers: { 'content-type': 'application/json', 'if-match': `"${before.hash}"` },
  });
  tell(before, change);
}

async function history(options: OperatorOptions): Promise<void> {
  const { entries } = await askOperator<{ entries: readonly HistoryEntry[] }>(options, {
    method: 'GET',
    path: '/v1/policy/history',
  });
  for (const [index, entry] of entries.entries()) {
    const when = entry.at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
    const mark = index === 0 ? '   in force' : '';
    process.stdout.write(`${titleOf(entry)}   ${when}   ${entry.how} by ${entry.who}${mark}\n`);
    for (const line of entry.diff) process.stdout.write(`    ${line}\n`);
  }
}

function tell(before: PolicyNow, change: PolicyChange): void {
  const { changed, dryRun, diff, planes } = change;
  if (!changed) process.stdout.write(`${titleOf(change)} is in force already\n`);
  else if (dryRun) process.stdout.write(`${titleOf(change)} could be put in force in place of ${titleOf(before)}\n`);
  else process.stdout.write(`${titleOf(change)} is in force in place of ${titleOf(before)}\n`);
  for (const line of diff) process.stdout.write(`  ${line}\n`);
  const missing = planes.filter(({ error }) => error !== null);
  if (missing.length === 0) return;
  throw new CommandFailure(
    missing.map(({ plane, worker, error }) => `${plane} ${worker} does not go by it: ${error}`),
    1,
  );
}

function titleOf({ version, name, hash }: PolicyNow): string {
  return `version ${version}${name === '' ? '' : ` "${name}"`} (${hash})`;
}

function versionOf(text: string): number {
  const version = Number(text);
  if (!Number.isInteger(version) || version < 1) throw new InvalidArgumentError('expected the number of a version.');
  return version;
}
