/** What e3 measures of one gateway: the rate it holds, and what a step of the load does to it. */
import { monotonicMs } from '../clock.ts';
import type { LawWindow } from '../processes/judged-gateway.ts';
import { TRAFFIC_CLASSES } from '../traffic/stamped-frame.ts';
import { type Capacity, type RampStep, rampCapacity } from './capacity-ramp.ts';
import { type ClassRig, COUNTED_PER_ROOM } from './class-rig.ts';
import { CURVE_BIN_MS, type StepCurves } from './e3-verdict.ts';

/** One gateway with its load, and its own windows where it keeps any. */
export interface SteppedRig extends ClassRig {
  windows(): Promise<readonly LawWindow[] | null>;
}

/** What was seen of one step, and how late the load client was itself, p99, ms. */
export interface SeenStep extends StepCurves {
  readonly latenessP99Ms: number;
}

/** The lowest rate that is tried, frames per second. */
export const FIRST_RATE = 2000;
const MOST_RATE = 64_000;
/** Of premium and standard, what must come in time at a rate that counts as held; and how old things may be at its end. */
const HELD_SHARE = 0.99;
const HELD_AGE_MS = 100;
const BEFORE_LOAD = 0.7;
const BEFORE_MS = 1000;
/** Of the time before the step, what the delay is compared with. */
const BASE_MS = 600;
const AFTER_MS = 2000;
/** Captions are merged; of the others every frame is expected. */
const [PREMIUM, , STANDARD, DEFERRED] = [0, 1, 2, 3] as const;
const START_IN_MS = 150;

/** The highest rate, frames per second, at which nothing is lost or gets ever later. */
export async function heldRate(
  rig: SteppedRig,
  plan: { readonly stepMs: number; readonly refinements: number },
  print: (line: string) => void,
): Promise<Capacity<RampStep>> {
  const ramp = { firstRate: FIRST_RATE, mostRate: MOST_RATE, refinements: plan.refinements };
  await offer(rig, FIRST_RATE, plan.stepMs);
  return rampCapacity(ramp, async (ratePerSecond) => {
    const held = await offer(rig, ratePerSecond, plan.stepMs);
    print(`    ${ratePerSecond}/s ${held ? 'held' : 'not held'}`);
    return { ratePerSecond, held };
  });
}

async function offer(rig: SteppedRig, framesPerSecond: number, durationMs: number): Promise<boolean> {
  const startMs = monotonicMs() + START_IN_MS;
  rig.listeners.restart(startMs);
  await rig.publish([{ framesPerSecond, durationMs }], startMs);
  const endMs = startMs + durationMs;
  await rig.listeners.quiet();
  const parts = partsOf(rig, (framesPerSecond * durationMs) / 1000);
  const ageMs = rig.listeners.meanAgeMs(endMs - durationMs / 3, endMs);
  return (parts.premium + parts.standard) / 2 >= HELD_SHARE && ageMs <= HELD_AGE_MS;
}

/** One step from 0.7 times the capacity, frames per second, to `load` times. */
export async function stepOnce(rig: SteppedRig, capacity: number, load: number): Promise<SeenStep> {
  const startMs = monotonicMs() + START_IN_MS;
  const stepMs = startMs + BEFORE_MS;
  rig.listeners.restart(stepMs);
  const pieces = [
    { framesPerSecond: BEFORE_LOAD * capacity, durationMs: BEFORE_MS },
    { framesPerSecond: load * capacity, durationMs: AFTER_MS },
  ];
  const { latenessP99Ms } = await rig.publish(pieces, startMs);
  await rig.listeners.quiet();
  const baseMs = rig.listeners.meanAgeMs(stepMs - BASE_MS, stepMs);
  const bins = Array.from({ length: AFTER_MS / CURVE_BIN_MS }, (_, bin) => stepMs + bin * CURVE_BIN_MS);
  const outsideMs = bins.map((fromMs) => {
    // Two bins are a tick: in each half of one, what has waited for it is of another age.
    const ageMs = rig.listeners.meanAgeMs(fromMs - CURVE_BIN_MS, fromMs + CURVE_BIN_MS);
    // Where nothing came, in the bin or before the step, nothing is known to have been short.
    return Number.isNaN(ageMs - baseMs) ? Number.POSITIVE_INFINITY : Math.max(0, ageMs - baseMs);
  });
  const windows = await rig.windows();
  const ownMs =
    windows && bins.map((fromMs) => windows.find(({ atMs }) => atMs >= fromMs)?.delayMs ?? Number.POSITIVE_INFINITY);
  const parts = partsOf(rig, (load * capacity * AFTER_MS) / 1000);
  return { load, outsideMs, ownMs, parts, latenessP99Ms };
}

/** Parts of `frames` of all classes together that came in time. */
function partsOf({ listeners }: SteppedRig, frames: number): StepCurves['parts'] {
  const { inTime } = listeners.counts();
  const each = (COUNTED_PER_ROOM * frames) / TRAFFIC_CLASSES.length;
  return { premium: inTime[PREMIUM]! / each, standard: inTime[STANDARD]! / each, deferred: inTime[DEFERRED]! / each };
}
