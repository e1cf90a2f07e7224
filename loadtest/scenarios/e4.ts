/**
 * Experiment e4: dialogs of four messages while signalling itself is offered twice what the control plane can serve.
 *
 *     for each round: capacity, of a gateway that refuses nobody ─► twice that, to each arm ─► verdict
 *
 * All gateways run all the time, and idle while another is measured, so that each round is of one and the same machine.
 */

import { GATEWAY_DIFFERENCES } from '../processes/gateway-process.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { formatTable, shortCount } from '../report/table.ts';
import { rampCapacity } from './capacity-ramp.ts';
import { percent } from './e1-verdict.ts';
import { DIALOG_RIG_DIFFERENCE, type DialogRig, type DialogStretch, startDialogRig } from './e4-rig.ts';
import { E4_LOAD, finishedPart, judgeE4 } from './e4-verdict.ts';

export interface E4Options {
  readonly short: boolean;
  readonly rounds: number;
  /** Of each stretch that counts. */
  readonly countedMs: number;
}

const FIRST_RATE = 500;
const MOST_RATE = 16_000;
const HELD_SHARE = 0.99;
/** A rate at which dialogs take longer is not held: its queue grows, and the step is over before anybody gives up. */
const HELD_MS = 250;
const STEP_SETTLE_MS = 500;
/** A queue that nobody sheds takes a while to be longer than people wait. */
const SETTLE_MS = 5000;
const CLIENTS = 4000;
/** Where nobody is refused, everybody waits at once. */
const WAITING_CLIENTS = 10_000;
/** Of a round, where other work on the machine comes and goes. */
const MOST_TRIES = 3;
const AT_RANDOM = 1 - 1 / E4_LOAD;

interface E4Run {
  readonly capacity: number;
  readonly sluice: DialogStretch;
  readonly random: DialogStretch;
  readonly none: DialogStretch;
}

type Print = (line: string) => void;

/** Runs e4, printing as it goes; resolves to whether it passed. */
export async function runE4(options: E4Options, print: Print): Promise<boolean> {
  const machine = machineLine();
  print(`e4  whole dialogs while signalling is too much   ${machine}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(`    gateway as delivered, but ${GATEWAY_DIFFERENCES}, ${DIALOG_RIG_DIFFERENCE}`);
  print(
    `    control arms, one setting differs: another gate sheds ${percent(AT_RANDOM)} of all signalling at random, or nothing`,
  );
  const rigs: DialogRig[] = [];
  const rounds: E4Run[] = [];
  let residual = Number.NaN;
  try {
    for (const shedShare of [null, AT_RANDOM, 0]) {
      rigs.push(await startDialogRig(shedShare, shedShare === 0 ? WAITING_CLIENTS : CLIENTS));
    }
    for (let round = 1; round <= options.rounds; round++) {
      print(`\nround ${round} of ${options.rounds}`);
      rounds.push(await runRound(rigs as [DialogRig, DialogRig, DialogRig], round, options, print));
    }
    residual = await rigs[0]!.residual();
  } finally {
    for (const rig of rigs) await rig.stop();
  }
  const shortfalls = judgeE4(rounds, residual, { goodput: !options.short });
  print(`\n${e4Table(rounds)}\n`);
  print(`written to ${await writeResults('e4', { machine, busy, options, rounds, residual, shortfalls })}`);
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

async function runRound(
  [sluice, random, none]: readonly [DialogRig, DialogRig, DialogRig],
  round: number,
  { short, countedMs }: E4Options,
  print: Print,
): Promise<E4Run> {
  const held = async (rate: number) => {
    const stretch = await none.offer(rate, STEP_SETTLE_MS, countedMs, round);
    const holds = finishedPart(stretch) >= HELD_SHARE && stretch.tookP99Ms <= HELD_MS;
    print(stretchLine(`${shortCount(rate)}/s`, stretch, holds ? '' : '   fails'));
    return { ...stretch, held: holds };
  };
  const plan = { firstRate: FIRST_RATE, mostRate: MOST_RATE, refinements: short ? 2 : 4 };
  for (let tried = 1; ; tried++) {
    const { ratePerSecond: capacity } = await rampCapacity(plan, held);
    if (capacity === 0) throw new Error('the control plane did not hold even the lowest rate');
    const rate = E4_LOAD * capacity;
    const perfect = percent(capacity / rate);
    print(
      `  capacity ${shortCount(capacity)} dialogs/s; a perfect gateway finishes ${perfect} of ${shortCount(rate)}/s`,
    );
    const arm = async (name: string, rig: DialogRig): Promise<DialogStretch> => {
      const stretch = await rig.offer(rate, SETTLE_MS, countedMs, round);
      print(stretchLine(name, stretch, ''));
      return stretch;
    };
    const shed = await arm('sluice', sluice);
    // Twice what the machine could do a minute ago says nothing where it can do less now.
    if (!short && tried < MOST_TRIES && !(await held(capacity)).held && !(await held(capacity)).held) {
      print('  the capacity is not held any more: the machine has changed, and the round begins anew');
      continue;
    }
    return { capacity, sluice: shed, random: await arm('at random', random), none: await arm('nothing shed', none) };
  }
}

function stretchLine(name: string, stretch: DialogStretch, end: string): string {
  const { refusedJoins, refusedLater, unanswered, lost, noneFree, latenessP99Ms } = stretch;
  const [took, tookMost] = [stretch.tookP50Ms, stretch.tookP99Ms].map((ms) => ms.toFixed(0));
  const [control, stub, clients] = stretch.cpu.map((share) => share.toFixed(2));
  const ends = `refused ${refusedJoins} + ${refusedLater}, unanswered ${unanswered}, lost ${lost}, no client ${noneFree}`;
  const cpu = `CPUs ${control} control, ${stub} stub, ${clients} clients (late p99 ${latenessP99Ms.toFixed(0)} ms)`;
  return `  ${name.padEnd(13)} ${percent(finishedPart(stretch))} of ${stretch.begun} finished in p50 ${took} p99 ${tookMost} ms; ${ends}; ${cpu}${end}`;
}

function e4Table(rounds: readonly E4Run[]): string {
  const head = ['dialogs/s', 'capacity', 'offered', 'perfect', 'sluice', 'at random', 'nothing shed'];
  const rows = rounds.map(({ capacity, sluice, random, none }, index) => [
    `round ${index + 1}`,
    shortCount(capacity),
    shortCount(sluice.ratePerSecond),
    percent(capacity / sluice.ratePerSecond),
    ...[sluice, random, none].map((stretch) => percent(finishedPart(stretch))),
  ]);
  return `${formatTable(head, rows)}\nThe last three: the part of all dialogs that was finished, each message answered within a second.`;
}
