/**
 * Experiment e3: how soon the queue is short again after the load steps from 0.7 to 1.4 and to 10 times what can be carried.
 *
 * Every arm is a gateway on real sockets under the same crowd. The arms of ours differ in the law of overload alone; each gateway
 * is stepped from what it holds itself.
 */
import { CLASSLESS_SETTING } from '../baselines/classless-gateway.ts';
import { GATEWAY_DIFFERENCES } from '../processes/gateway-process.ts';
import { type JudgedGateway, type LawName, startJudgedGateway } from '../processes/judged-gateway.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { formatTable, shortCount } from '../report/table.ts';
import { CLASS_RIG_DIFFERENCE, CLASS_RIG_OVERRIDES, type ClassCrowd, startClassRig } from './class-rig.ts';
import { percent } from './e1-verdict.ts';
import { FIRST_RATE, heldRate, type SeenStep, type SteppedRig, stepOnce } from './e3-step.ts';
import { CURVE_BIN_MS, E3_STEPS, type E3Arm, judgeE3, medianCurve, medianOf, recoveryMs } from './e3-verdict.ts';

export interface E3Options {
  readonly short: boolean;
  readonly rounds: number;
}

/** Rooms of many listeners: a frame costs so much more than its refusal that ten times what can be carried can be read. */
const CROWD: ClassCrowd = { agents: 400, rooms: 8, listenersPerRoom: 250 };

/** What differs from the gateway as delivered in the arms that are ours. */
const LAWS: Readonly<Record<LawName, string>> = {
  cursor: 'the overload law of the gateway',
  dagor: 'DAGOR with its published constants as overload law',
  codel: 'folly’s CoDel, asked on the way in, as overload law',
  none: 'no overload law',
};
const CONTROL_LAWS: readonly LawName[] = ['dagor', 'codel'];

interface ArmRun extends E3Arm {
  readonly setting: string;
  readonly capacity: number;
  readonly residual: number;
  readonly rounds: readonly SeenStep[];
}

type Print = (line: string) => void;

/** Runs e3, printing as it goes; resolves to whether it passed. */
export async function runE3(options: E3Options, print: Print): Promise<boolean> {
  const machine = machineLine();
  print(`e3  queue delay after a step of the load   ${machine}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(`    gateway as delivered, but ${GATEWAY_DIFFERENCES}, ${CLASS_RIG_DIFFERENCE}`);
  const gateway = await lawArm('sluice', 'cursor', options, null, print);
  const controls: ArmRun[] = [];
  for (const law of options.short ? [] : CONTROL_LAWS) {
    controls.push(await lawArm(law, law, options, gateway.capacity, print));
  }
  controls.push(await classlessArm(options, print));
  const shortfalls = judgeE3(gateway, controls, gateway.residual, { latencies: !options.short });
  print(`\n${e3Table([gateway, ...controls])}\n`);
  print(`written to ${await writeResults('e3', { machine, busy, options, gateway, controls, shortfalls })}`);
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

/** `capacity`: that of an arm before, which differs in the law alone; null: to be measured. */
async function lawArm(
  name: string,
  law: LawName,
  options: E3Options,
  capacity: number | null,
  print: Print,
): Promise<ArmRun> {
  let started: JudgedGateway | null = null;
  const rig = await startClassRig('sluice', CROWD, async (policy) => {
    started = await startJudgedGateway(law, policy, CLASS_RIG_OVERRIDES);
    return started;
  });
  const gateway = started as JudgedGateway | null;
  return runArm({ ...rig, windows: async () => gateway?.windows() ?? null }, name, LAWS[law], options, capacity, print);
}

async function classlessArm(options: E3Options, print: Print): Promise<ArmRun> {
  const rig = await startClassRig('classless', CROWD);
  return runArm({ ...rig, windows: async () => null }, 'classless', CLASSLESS_SETTING, options, null, print);
}

async function runArm(
  rig: SteppedRig,
  name: string,
  setting: string,
  { short, rounds }: E3Options,
  capacityBefore: number | null,
  print: Print,
): Promise<ArmRun> {
  try {
    print(`\n${name}: ${setting}`);
    const plan = short ? { stepMs: 500, refinements: 0 } : { stepMs: 1500, refinements: 2 };
    const held = capacityBefore ?? (await heldRate(rig, plan, print)).ratePerSecond;
    if (held === 0 && !short) throw new Error(`${name} did not hold even the lowest rate`);
    // On a machine that stutters nothing is held for long: what is asserted of the short form does not need it.
    const capacity = held === 0 ? FIRST_RATE : held;
    print(`  steps from 0.7 × ${shortCount(capacity)} frames/s`);
    const seen: SeenStep[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const { load } of E3_STEPS) {
        const step = await stepOnce(rig, capacity, load);
        seen.push(step);
        print(`  ${`${load} ×`.padEnd(6)} ${stepLine(step)}; load late p99 ${step.latenessP99Ms.toFixed(0)} ms`);
      }
    }
    const steps = E3_STEPS.map(({ load }) => medianStep(seen.filter((step) => step.load === load)));
    return { name, setting, capacity, residual: await rig.residual(), rounds: seen, steps };
  } finally {
    await rig.stop();
  }
}

function medianStep(rounds: readonly SeenStep[]): SeenStep {
  const own = rounds.flatMap(({ ownMs }) => (ownMs === null ? [] : [ownMs]));
  const partOf = (name: keyof SeenStep['parts']) => medianOf(rounds.map(({ parts }) => parts[name]));
  return {
    load: rounds[0]!.load,
    outsideMs: medianCurve(rounds.map(({ outsideMs }) => outsideMs)),
    ownMs: own.length === 0 ? null : medianCurve(own),
    parts: { premium: partOf('premium'), standard: partOf('standard'), deferred: partOf('deferred') },
    latenessP99Ms: medianOf(rounds.map(({ latenessP99Ms }) => latenessP99Ms)),
  };
}

function stepLine({ outsideMs, ownMs }: SeenStep): string {
  const own = ownMs === null ? '' : `; by its own figure ${told(recoveryMs(ownMs))}`;
  return `short again ${told(recoveryMs(outsideMs))}, worst ${Math.max(...outsideMs).toFixed(0)} ms${own}`;
}

function told(afterMs: number): string {
  if (afterMs === 0) return 'all along';
  return afterMs === Number.POSITIVE_INFINITY ? 'never' : `after ${afterMs} ms`;
}

function e3Table(arms: readonly ArmRun[]): string {
  const head = ['arm', 'step', 'short again', 'own figure', 'worst ms', 'premium in time', 'standard', 'deferred'];
  const rows = arms.flatMap(({ name, steps }) =>
    steps.map(({ load, outsideMs, ownMs, parts }) => [
      name,
      `0.7 → ${load} ×`,
      told(recoveryMs(outsideMs)),
      ownMs === null ? '–' : told(recoveryMs(ownMs)),
      `${Math.max(...outsideMs).toFixed(0)}`,
      ...[parts.premium, parts.standard, parts.deferred].map(percent),
    ]),
  );
  return `${formatTable(head, rows)}\n(bins of ${CURVE_BIN_MS} ms, medians of the rounds)`;
}
