/** `sluice policy shadow`: tries a policy in a running gateway beside the one in force, which goes on deciding. */
import type { Command } from 'commander';
import type { ShadowCounts } from '../../classes/shadow-policy.ts';
import { CommandFailure } from './command-failure.ts';
import { addOperatorOptions, askOperator, type OperatorOptions } from './operator-client.ts';
import { policyTextOf } from './policy-options.ts';

interface ShadowOptions extends OperatorOptions {
  readonly off?: boolean;
}

interface Told {
  readonly version: number;
  readonly hash: string;
  readonly since: string;
  readonly diff: readonly string[];
}

const HELP = `
  sluice policy shadow new.yaml     begin; what it would decide is counted from now on
  sluice policy shadow              what it would have decided so far
  sluice policy shadow --off        end it

Frames of clients are judged, on metadata sockets and mixed ones; those of nodes are not. A trial ends with the gateway.`;

/** Adds `shadow` to `sluice policy`. */
export function addShadowCommand(policy: Command): void {
  addOperatorOptions(policy.command('shadow'))
    .description('try a policy on real traffic: it decides nothing, and what it would decide is counted')
    .argument('[file]', 'policy, YAML or JSON; left out: tell what has been counted')
    .option('--off', 'end the trial')
    .addHelpText('after', HELP)
    .action(shadow);
}

async function shadow(file: string | undefined, options: ShadowOptions): Promise<void> {
  if (options.off && file !== undefined) throw new CommandFailure(['--off: expected no file beside it'], 2);
  if (options.off) {
    await askOperator(options, { method: 'DELETE', path: '/v1/policy/shadow' });
    process.stdout.write('no policy is on trial any more\n');
  } else if (file === undefined) await tellReport(options);
  else {
    const body = policyTextOf(file);
    const headers = { 'content-type': 'application/yaml' };
    const told = await askOperator<Told>(options, { method: 'PUT', path: '/v1/policy/shadow', body, headers });
    process.stdout.write(
      `version ${told.version} (${told.hash}) is on trial; what differs from the policy in force:\n`,
    );
    for (const line of told.diff) process.stdout.write(`  ${line}\n`);
  }
}

async function tellReport(options: OperatorOptions): Promise<void> {
  const path = '/v1/policy/shadow/report';
  const { version, hash, since, counts } = await askOperator<Told & { readonly counts: ShadowCounts | null }>(options, {
    method: 'GET',
    path,
  });
  process.stdout.write(`version ${version} (${hash}), on trial since ${since}\n`);
  if (counts === null) {
    process.stdout.write('nothing has been counted yet\n');
    return;
  }
  const { bothAdmit, onlyActiveAdmits, onlyShadowAdmits, neitherAdmits, rejected } = counts;
  const rows: [string, number][] = [
    ['both admit', bothAdmit],
    ['only the policy in force admits', onlyActiveAdmits],
    ['only the one on trial admits', onlyShadowAdmits],
    ['neither admits', neitherAdmits],
    ...Object.entries(rejected).map(([level, frames]): [string, number] => [`  refused on trial by ${level}`, frames]),
  ];
  for (const [what, frames] of rows) process.stdout.write(`${what.padEnd(34)}${frames}\n`);
  const moved = counts.classes.filter(({ from, to }) => from !== to).sort((a, b) => b.frames - a.frames);
  for (const { from, to, frames } of moved) process.stdout.write(`${`${from} → ${to}`.padEnd(34)}${frames}\n`);
}
