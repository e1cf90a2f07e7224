/**
 * Experiment e2: what reaches listeners in time while agents of all classes offer up to twelve times what can be carried.
 */
import { CLASSLESS_SETTING } from '../baselines/classless-gateway.ts';
import { monotonicMs, pause } from '../clock.ts';
import { GATEWAY_DIFFERENCES } from '../processes/gateway-process.ts';
import { cpuWaitMsOf } from '../processes/process-figures.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { formatTable, shortCount } from '../report/table.ts';
import { TIMELY_MS } from '../traffic/class-listeners.ts';
import { TRAFFIC_CLASSES } from '../traffic/stamped-frame.ts';
import { rampCapacity } from './capacity-ramp.ts';
import { CLASS_RIG_DIFFERENCE, type ClassRig, COUNTED_PER_ROOM, startClassRig } from './class-rig.ts';
import { percent } from './e1-verdict.ts';
import { type ClassRate, type GoodputStep, goodputOf, judgeE2, medianSteps } from './e2-verdict.ts';
import { readingCost } from './reading-cost.ts';

export interface E2Options {
  readonly short: boolean;
  /** Times that every multiple is measured, one after the other; medians count. */
  readonly rounds: number;
  /** Of each measured stretch. */
  readonly stepMs: number;
}

const MULTIPLES = [1, 2, 4, 8, 12];
const CONTROL_MULTIPLES = [1, 12];
const FIRST_RATE = 1000;
const MOST_RATE = 128_000;
/** The classless gateway writes every event to every listener: it holds far less. */
const CONTROL_FIRST_RATE = 125;
/**
 * The share of premium and standard that must arrive in time at a rate that counts as held. Captions are merged, and
 * deferred is given up by the ladder for ten seconds after any trouble.
 */
const HELD_SHARE = 0.99;
/** What is due this soon in a stretch does not count: the gateway has yet to find out how much there is. */
const SETTLE_MS = 500;
const REST_MS = 2500;
const WARM_STRETCHES = 2;

type Print = (line: string) => void;

interface MeasuredStep extends GoodputStep {
  readonly ratePerSecond: number;
  readonly held: boolean;
  readonly latenessP99Ms: number;
  readonly agentsLost: number;
  /** Connections of listeners that were cut for not keeping up; they come back. */
  readonly listenersLost: number;
  /** Of the time, what the worker was ready to run and had no CPU: the machine's doing, and the load's on it. */
  readonly workerWaited: number;
}

/** Runs e2, printing as it goes; resolves to whether it passed. */
export async function runE2(options: E2Options, print: Print): Promise<boolean> {
  const machine = machineLine();
  print(`e2  goodput under overload, all classes   ${machine}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(`    gateway as delivered, but ${GATEWAY_DIFFERENCES}, ${CLASS_RIG_DIFFERENCE}`);
  const rig = await startClassRig('sluice');
  const rounds: MeasuredStep[][] = [];
  let capacity = 0;
  let residual = Number.NaN;
  try {
    print(
      `\ncapacity: frames per second, of whose premium and standard 99 % are with ${COUNTED_PER_ROOM} counting listeners a room in time`,
    );
    const held = await capacityOf(rig, FIRST_RATE, options, print);
    if (held === 0 && !options.short) throw new Error('the gateway did not hold even the lowest rate');
    // On a machine that stutters nothing is held for long: what is asserted of the short form does not need it.
    capacity = held === 0 ? FIRST_RATE : held;
    print(`  capacity ${shortCount(capacity)} frames/s by ${rig.agents} agents`);
    print(await readingLine(rig.agents, capacity * MULTIPLES.at(-1)!));
    for (let round = 0; round < options.rounds; round++) {
      const steps: MeasuredStep[] = [];
      for (const multiple of MULTIPLES) {
        steps.push(await measured(rig, multiple, capacity * multiple, options.stepMs, print));
      }
      rounds.push(steps);
    }
    await pause(REST_MS);
    residual = await rig.residual();
  } finally {
    await rig.stop();
  }
  print(`\ncontrol arm: ${CLASSLESS_SETTING}; multiples of what it holds itself, a fresh gateway for each`);
  const control = await controlSteps(options, capacity, print);
  const steps = medianSteps(rounds);
  const shortfalls = judgeE2(steps, control, residual, { latencies: !options.short });
  print(`\n${e2Table(steps, control)}\n`);
  print(
    `written to ${await writeResults('e2', { machine, busy, options, capacity, steps, rounds, control, residual, shortfalls })}`,
  );
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

/** `offered`: what was taken for our capacity. In the short form the control arm is not ramped: it gets what ours got. */
async function controlSteps({ short, stepMs }: E2Options, offered: number, print: Print): Promise<MeasuredStep[]> {
  const steps: MeasuredStep[] = [];
  const measureAt = async (multiple: number, rate: number, forMs: number) => {
    const step = await onFresh(async (rig) => {
      await warmUp(rig, CONTROL_FIRST_RATE, stepMs);
      return measured(rig, multiple, rate, forMs, print);
    });
    steps.push(step);
  };
  if (short) {
    // So few frames are due in a second that one more or less would count.
    await measureAt(1, CONTROL_FIRST_RATE, 3 * stepMs);
    await measureAt(MULTIPLES.at(-1)!, offered * MULTIPLES.at(-1)!, stepMs);
    return steps;
  }
  const plan = { short: true, stepMs };
  const capacity = await onFresh((rig) => capacityOf(rig, CONTROL_FIRST_RATE, plan, print));
  if (capacity === 0) throw new Error('the control arm did not hold even the lowest rate');
  print(`  capacity ${shortCount(capacity)} frames/s`);
  for (const multiple of CONTROL_MULTIPLES) await measureAt(multiple, capacity * multiple, stepMs);
  return steps;
}

/** A classless gateway keeps what it was flooded with, so that each measurement has one of its own. */
async function onFresh<T>(measurement: (rig: ClassRig) => Promise<T>): Promise<T> {
  const rig = await startClassRig('classless');
  try {
    return await measurement(rig);
  } finally {
    await rig.stop();
  }
}

/** What the highest multiple takes to be read at all. */
async function readingLine(agents: number, framesPerSecond: number): Promise<string> {
  const cost = await readingCost(agents, framesPerSecond);
  const share = percent((framesPerSecond * cost.nsPerFrame) / 1e9);
  const offered = `${shortCount(framesPerSecond)} frames/s`;
  return `  to read ${offered} takes a bare sink ${share} of a CPU (${cost.nsPerFrame.toFixed(0)} ns each)`;
}

async function capacityOf(
  rig: ClassRig,
  firstRate: number,
  { short, stepMs }: Pick<E2Options, 'short' | 'stepMs'>,
  print: Print,
): Promise<number> {
  await warmUp(rig, firstRate, stepMs);
  const plan = { firstRate, mostRate: MOST_RATE, refinements: short ? 0 : 2 };
  const { ratePerSecond, bounded } = await rampCapacity(plan, (rate) => measured(rig, 0, rate, stepMs, print));
  if (!bounded) print('  nothing failed up to the highest rate this load client may offer: capacity is at least that');
  return ratePerSecond;
}

/** The first frames of all pay for code that nobody has run before. */
async function warmUp(rig: ClassRig, rate: number, stepMs: number): Promise<void> {
  for (let warmed = 0; warmed < WARM_STRETCHES; warmed++) await measure(rig, 0, rate, stepMs);
}

async function measured(
  rig: ClassRig,
  multiple: number,
  rate: number,
  stepMs: number,
  print: Print,
): Promise<MeasuredStep> {
  const step = await measure(rig, multiple, rate, stepMs);
  const parts = step.classes.map(({ name, offered, inTime }) => `${name} ${percent(inTime / Math.max(1, offered))}`);
  const name = multiple === 0 ? `${shortCount(rate)}/s` : `${multiple} ×`;
  const late = `load late p99 ${step.latenessP99Ms.toFixed(0)} ms, worker without a CPU ${percent(step.workerWaited)}`;
  const lost = [
    ...(step.agentsLost === 0 ? [] : [`, ${step.agentsLost} agents lost`]),
    ...(step.listenersLost === 0 ? [] : [`, ${step.listenersLost} listeners lost`]),
  ].join('');
  print(`  ${name.padEnd(9)} in time: ${parts.join(', ')}; ${shortCount(goodputOf(step))}/s; ${late}${lost}`);
  return step;
}

async function measure(rig: ClassRig, multiple: number, rate: number, stepMs: number): Promise<MeasuredStep> {
  const durationMs = SETTLE_MS + stepMs;
  const fromMs = monotonicMs() + SETTLE_MS;
  rig.listeners.restart(fromMs);
  const lostBefore = rig.listeners.lost;
  const waitedBeforeMs = cpuWaitMsOf(rig.worker);
  const sinceMs = monotonicMs();
  const report = await rig.publish([{ framesPerSecond: rate, durationMs }]);
  const workerWaited = (cpuWaitMsOf(rig.worker) - waitedBeforeMs) / (monotonicMs() - sinceMs);
  await pause(TIMELY_MS + 200);
  const { inTime } = rig.listeners.counts();
  const countedMs = report.startMs + durationMs - fromMs;
  const classes = TRAFFIC_CLASSES.map((name, index): ClassRate => {
    const offered = (1000 * report.due[index]!) / durationMs;
    return { name, offered, inTime: (1000 * inTime[index]!) / COUNTED_PER_ROOM / countedMs };
  });
  await pause(REST_MS);
  const events = classes.filter(({ name }) => name === 'premium' || name === 'standard');
  const sum = (of: (rate: ClassRate) => number) => events.reduce((total, rate) => total + of(rate), 0);
  const held = sum((rate) => rate.inTime) >= HELD_SHARE * sum((rate) => rate.offered);
  const { latenessP99Ms, lost: agentsLost } = report;
  return {
    multiple,
    classes,
    ratePerSecond: rate,
    held,
    latenessP99Ms,
    agentsLost,
    listenersLost: rig.listeners.lost - lostBefore,
    workerWaited,
  };
}

function e2Table(steps: readonly GoodputStep[], control: readonly GoodputStep[]): string {
  const head = ['frames/s', 'offered', 'in time', 'of peak', ...TRAFFIC_CLASSES.map((name) => `${name}, part in time`)];
  const rowsOf = (arm: string, of: readonly GoodputStep[]) => {
    const peak = Math.max(1, ...of.map(goodputOf));
    return of.map((step) => [
      `${arm} ${step.multiple} ×`,
      shortCount(step.classes.reduce((sum, { offered }) => sum + offered, 0)),
      shortCount(goodputOf(step)),
      percent(goodputOf(step) / peak),
      ...step.classes.map(({ offered, inTime }) => percent(inTime / Math.max(1, offered))),
    ]);
  };
  const table = formatTable(head, [...rowsOf('sluice', steps), ...rowsOf('classless', control)]);
  return `${table}\n(medians of the rounds)`;
}
