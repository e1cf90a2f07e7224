/** `sluice policy simulate`: what a policy would admit of imagined traffic, without a gateway. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ParsedPolicy } from '../../classes/parse-policy.ts';
import { METADATA_KINDS, PRINCIPAL_KINDS, type PrincipalKind } from '../../classes/policy-kinds.ts';
import type { SimulatedTraffic } from '../../classes/policy-simulation.ts';
import type { KindName } from '../../schemas/kinds.ts';
import { CommandFailure } from './command-failure.ts';
import { policySourceOf } from './policy-options.ts';

interface SimulateOptions {
  readonly against?: string;
  readonly kind: KindName;
  readonly final?: boolean;
  readonly type: string;
  readonly label: string;
  readonly principal: PrincipalKind;
  readonly tenant: string;
  readonly sessions: number;
  readonly users?: number;
  readonly rooms: number;
  readonly rate: number;
  readonly seconds: number;
}

const HELP = `
  sluice policy simulate policy.yaml --kind caption --principal agent --sessions 50 --rate 40
  sluice policy simulate new.yaml --against old.yaml --kind custom --type alert.fire --sessions 10 --users 1 --rate 30

Frames of every session come evenly spaced. Only classes and limits are simulated: no queue and no overload.`;

/** Adds `simulate` to `sluice policy`. */
export function addSimulateCommand(policy: Command): void {
  policy
    .command('simulate')
    .description('what a policy would admit of traffic that you describe: sessions that all send the same')
    .argument('<file>', 'policy, YAML or JSON')
    .option('--against <file>', 'another policy, for comparison')
    .addOption(new Option('--kind <kind>', 'kind of the frames').choices(METADATA_KINDS).makeOptionMandatory())
    .addOption(new Option('--principal <kind>', 'who sends them').choices(PRINCIPAL_KINDS).default('standard'))
    .option('--tenant <name>', 'whose they are', '')
    .option('--type <type>', 'type of custom frames', '')
    .option('--label <label>', 'label of custom frames', '')
    .option('--final', 'final captions')
    .requiredOption('--rate <frames>', 'frames a second of each session', positive)
    .option('--sessions <count>', 'how many sessions', whole, 1)
    .option('--users <count>', 'of how many users; as many as sessions when left out', whole)
    .option('--rooms <count>', 'in how many rooms', whole, 1)
    .option('--seconds <seconds>', 'for how long', positive, 10)
    .addHelpText('after', HELP)
    .action(simulate);
}

async function simulate(file: string, options: SimulateOptions): Promise<void> {
  const { simulatePolicy, MOST_SIMULATED_FRAMES } = await import('../../classes/policy-simulation.ts');
  const { rate, seconds, sessions, users = sessions, final = false, against, ...rest } = options;
  const frames = rate * seconds * sessions;
  if (frames > MOST_SIMULATED_FRAMES) {
    const line = `${Math.round(frames)} frames are too many: expected at most ${MOST_SIMULATED_FRAMES}; fewer --seconds will do`;
    throw new CommandFailure([line], 2);
  }
  const traffic = { ...rest, final, sessions, users, framesPerSecond: rate };
  const run = async (name: string) => {
    const [{ compilePolicy }, parsed] = await Promise.all([import('../../classes/policy.ts'), parsedOf(name)]);
    return simulatePolicy(compilePolicy(parsed.document), [traffic], seconds)[0]!;
  };
  if (against !== undefined) process.stdout.write(`${'before'.padEnd(10)}${textOf(await run(against))}\n`);
  process.stdout.write(
    `${(against === undefined ? '' : 'after').padEnd(against === undefined ? 0 : 10)}${textOf(await run(file))}\n`,
  );
}

/** `captions: 500 offered, 360 admitted (72 %), 140 rejected by session`. */
function textOf(result: SimulatedTraffic): string {
  const share = result.offered === 0 ? 0 : Math.round((100 * result.admitted) / result.offered);
  const rejected = Object.entries(result.rejected).map(([who, count]) => `${count} rejected by ${who}`);
  return [`${result.class}: ${result.offered} offered`, `${result.admitted} admitted (${share} %)`, ...rejected].join(
    ', ',
  );
}

async function parsedOf(file: string): Promise<Extract<ParsedPolicy, { ok: true }>> {
  const [source, { parsePolicy }] = await Promise.all([policySourceOf(file), import('../../classes/parse-policy.ts')]);
  const parsed = parsePolicy(source.text);
  if (!parsed.ok) throw new CommandFailure([`${source.file} cannot be used`], 1);
  return parsed;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 100_000)) throw new InvalidArgumentError('expected a number above 0.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number from 1 on.');
  return value;
}
