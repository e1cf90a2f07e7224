/** One stretch of e1: setups on schedule, idle or while a flood lasts, and what the gateway made of both. */
import type { FloodReport } from '../agents/flood-report.ts';
import type { SetupReport } from '../callers/setup-load.ts';
import { monotonicMs, pause } from '../clock.ts';
import { LatencyRecord, type LatencySummary } from '../latency-record.ts';
import { figuresBetween, type GatewayFigures, total } from '../processes/gateway-figures.ts';
import { cpuWaitMsOf } from '../processes/process-figures.ts';
import type { MachineStalls } from '../processes/stall-watch.ts';
import type { Arm } from './e1-arms.ts';
import type { Stretch } from './e1-verdict.ts';
import type { Rig, SetupPath } from './rig.ts';

/** How setups are placed in each stretch. */
export interface StretchPlan {
  readonly setups: number;
  readonly ratePerSecond: number;
  readonly coldEvery: number;
  readonly deadlineMs: number;
}

/** A stretch with all that is reported of it. */
export interface StretchReport extends Stretch {
  readonly failures: Readonly<Record<string, number>>;
  readonly warm: LatencySummary;
  readonly cold: LatencySummary;
  readonly lateness: LatencySummary;
  readonly reopened: number;
  /** What each process on a setup's path waited for a CPU, ms per second: the machine's share of the latency. */
  readonly cpuWait: Readonly<Record<keyof SetupPath, number>>;
  /** How long the machine itself stood still meanwhile; null where it cannot be watched. */
  readonly stalls: MachineStalls | null;
}

/** The flood of a stretch, from both ends. Rates are per second. */
export interface FloodSeen {
  readonly flood: FloodReport;
  /** Metadata and control frames the flood gave to the kernel. */
  readonly writtenRate: number;
  /** What the gateway counted meanwhile, setups included; null where it does not count. */
  readonly figures: GatewayFigures | null;
  readonly offeredRate: number;
  readonly admittedRate: number;
  readonly refusedRate: number;
}

/** A flood needs a moment to reach its rate before setups are measured. */
const FLOOD_LEAD_MS = 700;
const SNAPSHOT_MS = 1300;

/** Setups without a flood. */
export async function idleStretch(rig: Rig, plan: StretchPlan, seed: number): Promise<StretchReport> {
  return placeSetups(rig, plan, seed);
}

async function placeSetups(rig: Rig, plan: StretchPlan, seed: number): Promise<StretchReport> {
  const [before, sinceMs] = [cpuWaits(rig.path), monotonicMs()];
  await rig.stalls?.take();
  const report = await rig.callers.call('run', runOf(plan, seed));
  const stalls = (await rig.stalls?.take()) ?? null;
  const [after, seconds] = [cpuWaits(rig.path), (monotonicMs() - sinceMs) / 1000];
  const perSecond = (name: keyof SetupPath) => (after[name] - before[name]) / seconds;
  const cpuWait = { callers: perSecond('callers'), gateway: perSecond('gateway'), stub: perSecond('stub') };
  return { ...stretchReport(report), cpuWait, stalls };
}

function cpuWaits({ callers, gateway, stub }: SetupPath): SetupPath {
  return { callers: cpuWaitMsOf(callers), gateway: cpuWaitMsOf(gateway), stub: cpuWaitMsOf(stub) };
}

/** Setups while the arm's flood lasts. */
export async function floodedStretch(
  rig: Rig,
  arm: Arm,
  capacity: number,
  plan: StretchPlan,
  seed: number,
): Promise<{ readonly setups: StretchReport; readonly seen: FloodSeen }> {
  const before = await rig.figures();
  const mostMs = (2 * 1000 * plan.setups) / plan.ratePerSecond + 20_000;
  const flood = await arm.begin(rig, capacity, mostMs);
  await pause(FLOOD_LEAD_MS);
  const setups = await placeSetups(rig, plan, seed);
  const report = await flood.end();
  await pause(SNAPSHOT_MS);
  const after = await rig.figures();
  return { setups, seen: floodSeen(report, before, after) };
}

function floodSeen(flood: FloodReport, before: GatewayFigures | null, after: GatewayFigures | null): FloodSeen {
  const seconds = flood.elapsedMs / 1000;
  const figures = before && after ? figuresBetween(before, after) : null;
  const refused = figures
    ? Object.entries(figures.outcomes).filter(([outcome]) => outcome.startsWith('rejected_') || outcome === 'malformed')
    : [];
  return {
    flood,
    writtenRate: flood.writtenFrames / seconds,
    figures,
    offeredRate: total(figures?.offered ?? {}) / seconds,
    admittedRate: total(figures?.admitted ?? {}) / seconds,
    refusedRate: total(Object.fromEntries(refused)) / seconds,
  };
}

function runOf(plan: StretchPlan, seed: number) {
  const { ratePerSecond, setups, coldEvery, deadlineMs } = plan;
  return { ratePerSecond, durationMs: (1000 * setups) / ratePerSecond, seed, coldEvery, deadlineMs };
}

function stretchReport(report: SetupReport): Omit<StretchReport, 'cpuWait' | 'stalls'> {
  const warm = LatencyRecord.decode(report.warm).summary();
  return {
    setups: report.setups,
    failed: total(report.failures),
    p99: warm.p99,
    p999: warm.p999,
    failures: report.failures,
    warm,
    cold: LatencyRecord.decode(report.cold).summary(),
    lateness: LatencyRecord.decode(report.lateness).summary(),
    reopened: report.reopened,
  };
}
