/**
 * The metadata plane's capacity in this run: the highest offered rate at which 99 % of the admitted captions reach all
 * ten subscribers of their room within the TTL.
 *
 * Every agent publishes a little below its own limit, so more rate means more agents and more rooms; a caption has
 * reached a subscriber when it, or a newer one of its segment that replaces it, has.
 */
import { pause } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { figuresBetween } from '../processes/gateway-figures.ts';
import { type Capacity, type RampStep, rampCapacity } from './capacity-ramp.ts';
import { AGENT_RATE, AGENTS_PER_ROOM, CAPTION_TTL_MS, type Rig } from './rig.ts';

const REACHED_SHARE = 0.99;
/** Planes report their counters once a second. */
const SNAPSHOT_MS = 1300;

/** One step of the ramp. Rates are per second. */
export interface CapacityStep extends RampStep {
  readonly agents: number;
  readonly offered: number;
  readonly admitted: number;
  /** Share of the admitted captions that reached all subscribers of their room in time. */
  readonly reachedShare: number;
  readonly deliveries: number;
  readonly ageP99Ms: number;
  /** How late the load client itself was, p99: a large one means that the load, not the gateway, was the limit. */
  readonly latenessP99Ms: number;
}

/** How far and how long to look. */
export interface CapacityPlan {
  readonly mostAgents: number;
  readonly stepMs: number;
  readonly refinements: number;
}

/** Ramps the rig's fleet up. Agents and listeners stay connected for what follows. */
export function measureCapacity(
  rig: Rig,
  plan: CapacityPlan,
  progress: (step: CapacityStep) => void,
): Promise<Capacity<CapacityStep>> {
  const ramp = {
    firstRate: AGENTS_PER_ROOM * 4 * AGENT_RATE,
    mostRate: plan.mostAgents * AGENT_RATE,
    refinements: plan.refinements,
  };
  return rampCapacity(ramp, async (rate) => {
    const step = await measureStep(rig, rate, plan.stepMs);
    progress(step);
    return step;
  });
}

/** How many agents it takes to publish at `ratePerSecond`, in whole rooms. */
export function agentsFor(ratePerSecond: number): number {
  return Math.ceil(ratePerSecond / AGENT_RATE / AGENTS_PER_ROOM) * AGENTS_PER_ROOM;
}

async function measureStep(rig: Rig, ratePerSecond: number, stepMs: number): Promise<CapacityStep> {
  const agents = agentsFor(ratePerSecond);
  await Promise.all([rig.flood.call('grow', agents), rig.listeners.call('grow', agents / AGENTS_PER_ROOM)]);
  await pause(SNAPSHOT_MS);
  const before = await rig.figures();
  await rig.listeners.call('restart', null);
  const published = await rig.flood.call('publish', {
    agents,
    framesPerSecond: ratePerSecond,
    durationMs: stepMs,
    cooperative: true,
  });
  await pause(Math.max(CAPTION_TTL_MS + 200, SNAPSHOT_MS));
  const heard = await rig.listeners.call('report', null);
  const after = await rig.figures();
  if (!before || !after) throw new Error('the capacity can only be measured of a gateway that counts');
  const seconds = stepMs / 1000;
  const { offered, admitted } = figuresBetween(before, after);
  const admittedCaptions = admitted.captions ?? 0;
  const reachedShare = admittedCaptions === 0 ? 0 : heard.reachedInTime / admittedCaptions;
  return {
    ratePerSecond,
    // What was withheld or refused was not carried: a rate only counts as held when it was really offered and admitted.
    held: reachedShare >= REACHED_SHARE && admittedCaptions >= REACHED_SHARE * published.intendedFrames,
    agents,
    offered: (offered.captions ?? 0) / seconds,
    admitted: admittedCaptions / seconds,
    reachedShare,
    deliveries: heard.deliveries / seconds,
    ageP99Ms: LatencyRecord.decode(heard.ages).percentileMs(99),
    latenessP99Ms: LatencyRecord.decode(published.lateness).percentileMs(99),
  };
}
