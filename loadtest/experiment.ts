/** `npm run experiment -- e1|e2|e3|e4|e5|e6 [--short] …`: runs an experiment and says PASS or what falls short. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { runE1 } from './scenarios/e1.ts';
import { E1_ARMS } from './scenarios/e1-arms.ts';
import { runE2 } from './scenarios/e2.ts';
import { runE3 } from './scenarios/e3.ts';
import { runE4 } from './scenarios/e4.ts';
import { runE5 } from './scenarios/e5.ts';
import { runE6 } from './scenarios/e6.ts';
import { runLadder } from './scenarios/ladder.ts';

interface E1Flags {
  readonly short?: true;
  readonly rounds?: number;
  readonly setups?: number;
  readonly arm?: string[];
  readonly agents?: number;
}

const program = new Command('experiment')
  .description('what Sluice must show, each beside a control arm that fails')
  .exitOverride();
program
  .command('e1')
  .description('call setup while AI floods')
  .option('--short', 'for CI: under two minutes; asserts failure counts and the control arm, not latencies')
  .option('--rounds <n>', 'rounds of all arms (5; short: 1)', wholeNumber)
  .option('--setups <n>', 'setups in each stretch (2000; short: 300)', wholeNumber)
  .option('--agents <n>', 'most agents the capacity ramp may connect (4096; short: 512)', wholeNumber)
  .option('--arm <name...>', `only these arms: ${E1_ARMS.map(({ name }) => name).join(', ')}`)
  .action(async (flags: E1Flags) => {
    const short = flags.short === true;
    const passed = await runE1(
      {
        short,
        rounds: flags.rounds ?? (short ? 1 : 5),
        setups: flags.setups ?? (short ? 300 : 2000),
        arms: flags.arm ?? [],
        mostAgents: flags.agents ?? (short ? 512 : 4096),
      },
      printLine,
    );
    process.exitCode = passed ? 0 : 1;
  });
program
  .command('e2')
  .description('goodput while agents of all classes offer up to twelve times what can be carried')
  .option('--short', 'about a minute; asserts premium and the order of shedding, not goodput')
  .option('--seconds <n>', 'of each stretch (4; short: 1)', wholeNumber)
  .option('--rounds <n>', 'rounds of all multiples (5; short: 1)', wholeNumber)
  .action(async (flags: { readonly short?: true; readonly seconds?: number; readonly rounds?: number }) => {
    const short = flags.short === true;
    const stepMs = 1000 * (flags.seconds ?? (short ? 1 : 4));
    const rounds = flags.rounds ?? (short ? 1 : 5);
    process.exitCode = (await runE2({ short, rounds, stepMs }, printLine)) ? 0 : 1;
  });
program
  .command('e3')
  .description('how soon the queue is short again after a step to 1.4 and to 10 times what can be carried')
  .option('--short', 'for CI: under a minute; asserts the order of shedding and the control arm, not delays')
  .option('--rounds <n>', 'steps to each load (5; short: 1)', wholeNumber)
  .action(async (flags: { readonly short?: true; readonly rounds?: number }) => {
    const short = flags.short === true;
    process.exitCode = (await runE3({ short, rounds: flags.rounds ?? (short ? 1 : 5) }, printLine)) ? 0 : 1;
  });
program
  .command('e4')
  .description('whole dialogs while signalling itself is offered at twice what can be served')
  .option('--short', 'for CI: a minute; asserts what is refused and the control arms, not how much is finished')
  .option('--rounds <n>', 'each with a capacity of its own (3; short: 1)', wholeNumber)
  .option('--seconds <n>', 'of each stretch (6; short: 4)', wholeNumber)
  .action(async (flags: { readonly short?: true; readonly rounds?: number; readonly seconds?: number }) => {
    const short = flags.short === true;
    const countedMs = 1000 * (flags.seconds ?? (short ? 4 : 6));
    process.exitCode = (await runE4({ short, rounds: flags.rounds ?? (short ? 1 : 3), countedMs }, printLine)) ? 0 : 1;
  });
program
  .command('e5')
  .description('whether mice feel an elephant of their class, and a tenant of one room one of a thousand')
  .option('--short', 'for CI: under a minute; asserts what came in time, not how soon')
  .option('--mice <n>', 'rooms that publish a little (1000; short: 250)', wholeNumber)
  .option('--rounds <n>', 'stretches without and with the elephant (5; short: 1)', wholeNumber)
  .action(async (flags: { readonly short?: true; readonly mice?: number; readonly rounds?: number }) => {
    const short = flags.short === true;
    const options = { short, mice: flags.mice ?? (short ? 250 : 1000), rounds: flags.rounds ?? (short ? 1 : 5) };
    process.exitCode = (await runE5(options, printLine)) ? 0 : 1;
  });
program
  .command('e6')
  .description('captions: finals exactly once, interims coalesced as well as an oracle would')
  .option('--short', 'for CI: under a minute; asserts counts and ratios, not staleness')
  .option('--rooms <n>', 'rooms of four speakers (200; short: 20)', wholeNumber)
  .option('--seconds <n>', 'how long they speak (60; short: 15)', wholeNumber)
  .action(async (flags: { readonly short?: true; readonly rooms?: number; readonly seconds?: number }) => {
    const short = flags.short === true;
    const options = { short, rooms: flags.rooms ?? (short ? 20 : 200), seconds: flags.seconds ?? (short ? 15 : 60) };
    process.exitCode = (await runE6(options, printLine)) ? 0 : 1;
  });
program
  .command('ladder')
  .description('overload given way to level by level, by load alone, and taken back')
  .option('--short', 'for CI: under a minute; asserts levels, order and parts, not times')
  .option('--rate <n>', 'frames of turns per second (150000)', wholeNumber)
  .option('--seconds <n>', 'how long agents are listened to under the flood (6; short: 2)', wholeNumber)
  .action(async (flags: { readonly short?: true; readonly rate?: number; readonly seconds?: number }) => {
    const short = flags.short === true;
    const talkMs = 1000 * (flags.seconds ?? (short ? 2 : 6));
    const options = { short, talkMs, framesPerSecond: flags.rate ?? 150_000 };
    process.exitCode = (await runLadder(options, printLine)) ? 0 : 1;
  });

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number above 0.');
  return value;
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong with the command line itself, or has printed the help that was asked for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`experiment: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof RangeError ? 2 : 1;
  }
}
