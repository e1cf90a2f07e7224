/** `sluice policy`: is a policy right, what changes between two, what does one say about a frame. */
import { type Command, Option } from 'commander';
import type { ParsedPolicy } from '../../classes/parse-policy.ts';
import { CLASSED_KINDS, PRINCIPAL_KINDS, type PrincipalKind } from '../../classes/policy-kinds.ts';
import type { KindName } from '../../schemas/kinds.ts';
import { didYouMean } from '../../schemas/nearest-word.ts';
import { CommandFailure } from './command-failure.ts';
import { addOperatorOptions, askOperator, type OperatorOptions } from './operator-client.ts';
import { addLivePolicyCommands } from './policy-live-command.ts';
import { policySourceOf } from './policy-options.ts';
import { addShadowCommand } from './policy-shadow-command.ts';
import { addSimulateCommand } from './policy-simulate-command.ts';
import { addSloCommand } from './policy-slo-command.ts';

type GoodPolicy = Extract<ParsedPolicy, { ok: true }>;

interface ExplainFlags extends OperatorOptions {
  readonly live?: boolean;
  readonly room?: string;
  readonly identity?: string;
  readonly file?: string;
  readonly kind: string;
  readonly principal: PrincipalKind;
  readonly tenant: string;
  readonly tier?: string;
  readonly type: string;
  readonly label: string;
  readonly final?: boolean;
}

/** Adds `policy` with its commands to the program. */
export function addPolicyCommand(program: Command): void {
  const policy = program.command('policy').description('check, compare or explain policies: what each class may have');
  policy
    .command('check')
    .description('say whether the gateway would start with it, and what of it is not enforced yet')
    .argument('<file>', 'policy, YAML or JSON')
    .action(check);
  policy
    .command('diff')
    .description('what changes from one policy to another, by meaning')
    .argument('<before>', 'policy, YAML or JSON')
    .argument('<after>', 'likewise')
    .action(diff);
  addExplain(policy.command('explain'));
  addSimulateCommand(policy);
  addShadowCommand(policy);
  addSloCommand(policy);
  addLivePolicyCommands(policy);
  policy
    .command('default')
    .description('print the default policy, with comments')
    .action(async () => {
      process.stdout.write((await policySourceOf(null)).text);
    });
  policy
    .command('schema')
    .description('print the JSON Schema of policies, for editors')
    .action(async () => {
      const { policyJsonSchema } = await import('../../classes/policy-schema.ts');
      process.stdout.write(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
    });
}

function addExplain(command: Command): void {
  command
    .description('what a policy says about a frame: class, rule, buckets')
    .option('-f, --file <file>', 'policy, YAML or JSON; the default one when left out')
    .requiredOption('--kind <kind>', 'kind of the frame')
    .addOption(new Option('--principal <kind>', 'who sends it').choices(PRINCIPAL_KINDS).default('standard'))
    .option('--tenant <name>', 'whose it is', '')
    .option('--tier <name>', 'tier of the tenant; when left out, the one the policy gives it')
    .option('--type <type>', 'type of a custom frame', '')
    .option('--label <label>', 'label of a custom frame', '')
    .option('--final', 'a final caption')
    .option('--live', 'ask a running gateway, by the policy it has in force')
    .option('--room <room>', 'with --live: what would happen in this room now, by what is left of every budget')
    .option('--identity <name>', 'with --room: who sends it');
  addOperatorOptions(command).action(explain);
}

async function check(file: string): Promise<void> {
  const { document } = await goodPolicy(file);
  const { unenforcedParts } = await import('../../classes/policy-explain.ts');
  const classes = Object.keys(document.classes).length;
  const named = document.name === '' ? '' : ` "${document.name}"`;
  process.stdout.write(
    `ok: policy${named} version ${document.version}, ${classes} classes, ${document.rules.length} rules\n`,
  );
  const waiting = unenforcedParts(document);
  if (waiting.length > 0) process.stdout.write(`checked, but not enforced yet: ${waiting.join(', ')}\n`);
}

async function diff(before: string, after: string): Promise<void> {
  const [{ policyDifferences }, old, present] = await Promise.all([
    import('../../classes/policy-diff.ts'),
    goodPolicy(before),
    goodPolicy(after),
  ]);
  const lines = policyDifferences(old.document, present.document);
  process.stdout.write(lines.length === 0 ? 'both mean the same\n' : `${lines.join('\n')}\n`);
}

async function explain(flags: ExplainFlags): Promise<void> {
  const kind = CLASSED_KINDS.find((name) => name === flags.kind);
  if (kind === undefined) {
    throw usage(`--kind ${flags.kind}: there is no such kind${didYouMean(flags.kind, CLASSED_KINDS)}`);
  }
  if ((flags.type !== '' || flags.label !== '') && kind !== 'custom')
    throw usage('--type and --label: only custom frames have them');
  if (flags.final && kind !== 'caption') throw usage('--final: only captions have finals');
  if (flags.live) return explainLive(flags);
  for (const name of ['operator', 'operatorToken', 'room', 'identity'] as const) {
    if (flags[name] !== undefined) throw usage(`--${name.replace('T', '-t')}: expected with --live`);
  }
  const parsed = await goodPolicy(flags.file ?? null);
  const { explainFrame } = await import('../../classes/policy-explain.ts');
  const tiers = ['standard', ...Object.keys(parsed.document.tiers)];
  if (flags.tier !== undefined && !tiers.includes(flags.tier)) {
    throw usage(`--tier ${flags.tier}: the policy has no such tier${didYouMean(flags.tier, tiers)}`);
  }
  const { lines } = explainFrame(parsed, {
    ...flags,
    kind: kind as KindName,
    tier: flags.tier ?? null,
    final: flags.final ?? false,
  });
  process.stdout.write(lines.map(([subject, text]) => `${subject.padEnd(11)}${text}\n`).join(''));
}

async function explainLive(flags: ExplainFlags): Promise<void> {
  if (flags.file !== undefined) throw usage('--live: the policy is the one in force, expected no --file');
  const { kind, final, principal, tenant, tier, type, label, room, identity } = flags;
  const { lines } = await askOperator<{ lines: readonly { readonly subject: string; readonly text: string }[] }>(
    flags,
    {
      method: 'POST',
      path: '/v1/policy/explain',
      body: JSON.stringify({ kind, final, principal, tenant, tier, type, label, room, identity }),
      headers: { 'content-type': 'application/json' },
    },
  );
  process.stdout.write(lines.map(({ subject, text }) => `${subject.padEnd(11)}${text}\n`).join(''));
}

function usage(line: string): CommandFailure {
  return new CommandFailure([line], 2);
}

async function goodPolicy(file: string | null): Promise<GoodPolicy> {
  const [source, { parsePolicy }] = await Promise.all([policySourceOf(file), import('../../classes/parse-policy.ts')]);
  const parsed = parsePolicy(source.text);
  if (!parsed.ok) throw new CommandFailure([`${source.file} cannot be used`], 1);
  return parsed;
}
