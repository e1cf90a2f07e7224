/**
 * Experiment e1: call setup while AI floods.
 *
 *     capacity ─► for each round: for each arm: idle stretch, flooded stretch ─► control arm ─► verdict
 *
 * Idle and flooded stretches alternate, so that whatever the machine does over the minutes falls on both.
 */
import { GATEWAY_DIFFERENCES } from '../processes/gateway-process.ts';
import { pinLadder } from '../processes/pin-ladder.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { shortCount } from '../report/table.ts';
import { measureCapacity } from './capacity.ts';
import { type Arm, armsNamed, E1_ARMS } from './e1-arms.ts';
import { runClassless } from './e1-classless.ts';
import type { ArmReports, E1Options, E1Results } from './e1-results.ts';
import { type FloodSeen, floodedStretch, idleStretch, type StretchPlan } from './e1-stretch.ts';
import { e1Tables } from './e1-tables.ts';
import { judge, LEAST_SETUPS } from './e1-verdict.ts';
import { type Rig, startRig } from './rig.ts';
import { stretchLine } from './stretch-line.ts';

const SETUPS_PER_SECOND = 250;
const CALLERS = 400;
const COLD_EVERY = 8;
const DEADLINE_MS = 1000;
/** The control arm fails so plainly that more rounds of it would show nothing more. */
const CLASSLESS_ROUNDS = 3;

/** Runs e1, printing as it goes; resolves to whether it passed. */
export async function runE1(options: E1Options, print: (line: string) => void): Promise<boolean> {
  const arms = armsNamed(options.arms);
  const { setups } = options;
  const plan = { setups, ratePerSecond: SETUPS_PER_SECOND, coldEvery: COLD_EVERY, deadlineMs: DEADLINE_MS };
  print(`e1  call setup while AI floods   ${machineLine()}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(`    gateway as delivered, but ${GATEWAY_DIFFERENCES}`);
  print(`    its ladder is held at 0: it would refuse agents, and then there is no flood to stand`);
  const rig = await startRig('sluice', CALLERS);
  let measured: Omit<E1Results, 'classless' | 'verdict'>;
  try {
    print(indent(rig.report));
    if (rig.operatorUrl !== null) await pinLadder(rig.operatorUrl, 0);
    const capacity = await capacityOf(rig, options, print);
    const reports = await runRounds(rig, arms, capacity.ratePerSecond, options.rounds, plan, print);
    const residual = (await rig.figures())?.residual ?? Number.NaN;
    measured = { machine: machineLine(), busy, options, plan, capacity, arms: reports, residual };
  } finally {
    await rig.stop();
  }
  const classless = await runClassless(
    measured.capacity.ratePerSecond,
    Math.min(options.rounds, CLASSLESS_ROUNDS),
    plan,
    print,
  );
  const verdict = judge(
    measured.arms.map(({ arm, idle, flooded }) => ({ name: arm.name, side: arm.side, idle, flooded })),
    { rude: classless.rude },
    measured.residual,
    { latencies: !options.short, leastSetups: options.short || arms.length < E1_ARMS.length ? 0 : LEAST_SETUPS },
  );
  const results: E1Results = { ...measured, classless, verdict };
  print(`\n${e1Tables(results)}\n`);
  print(`written to ${await writeResults('e1', results)}`);
  const { shortfalls } = verdict;
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

async function capacityOf(rig: Rig, options: E1Options, print: (line: string) => void) {
  print('\ncapacity of the metadata plane: captions per second that reach all of 10 subscribers within 500 ms');
  const plan = {
    mostAgents: options.mostAgents,
    stepMs: options.short ? 1000 : 2500,
    refinements: options.short ? 0 : 2,
  };
  const capacity = await measureCapacity(rig, plan, (step) => {
    const reached = `${(100 * step.reachedShare).toFixed(2)} % reached`;
    const flow = `${shortCount(step.ratePerSecond)}/s by ${step.agents} agents: admitted ${shortCount(step.admitted)}/s`;
    const ages = `age p99 ${step.ageP99Ms.toFixed(0)} ms, load late p99 ${step.latenessP99Ms.toFixed(0)} ms`;
    print(`  ${flow}, ${reached}, ${shortCount(step.deliveries)} deliveries/s, ${ages}${step.held ? '' : '   fails'}`);
  });
  const bound = capacity.bounded ? '' : ', the most this load client was allowed to offer';
  print(`  capacity ${shortCount(capacity.ratePerSecond)} captions/s${bound}`);
  if (capacity.ratePerSecond === 0) throw new Error('the metadata plane did not hold even the lowest rate');
  return capacity;
}

async function runRounds(
  rig: Rig,
  arms: readonly Arm[],
  capacity: number,
  rounds: number,
  plan: StretchPlan,
  print: (line: string) => void,
): Promise<ArmReports[]> {
  const reports = arms.map((arm): ArmReports => {
    const { name, about, side, multiple } = arm;
    return { arm: { name, about, side, multiple }, idle: [], flooded: [], seen: [] };
  });
  // The first setups of all pay for code that nobody has run before.
  await idleStretch(rig, plan, 999);
  for (let round = 1; round <= rounds; round++) {
    print(`\nround ${round} of ${rounds}: ${plan.setups} setups at ${plan.ratePerSecond}/s, idle and flooded in turn`);
    for (const [index, arm] of arms.entries()) {
      const report = reports[index]!;
      const seed = round * 100 + index;
      const idle = await idleStretch(rig, plan, seed);
      const { setups, seen } = await floodedStretch(rig, arm, capacity, plan, seed);
      report.idle.push(idle);
      report.flooded.push(setups);
      report.seen.push(seen);
      print(stretchLine('idle', idle, ''));
      print(stretchLine(arm.name, setups, floodText(seen)));
    }
  }
  return reports;
}

function floodText(seen: FloodSeen): string {
  const [written, offered] = [shortCount(seen.writtenRate), shortCount(seen.offeredRate)];
  const [admitted, refused] = [shortCount(seen.admittedRate), shortCount(seen.refusedRate)];
  return `   flood/s: written ${written}, offered ${offered}, admitted ${admitted}, refused ${refused}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ').trimEnd();
}
