/**
 * Ingest: what one caption costs the metadata worker, admitted or refused, beside a bare uWebSockets.js sink that only
 * counts, at the same priority. The same load client writes the same bytes in the same pattern to both, one after the
 * other, and each one's CPU time (all threads, kernel included) is divided by the frames it took; so both are compared at
 * the same traffic, and neither the load client nor a socket that is cut for flooding decides the figure. The first round
 * is not counted: in it, most of the time goes into compiling what the others run.
 */
import type { FleetRun } from '../agents/publisher-fleet.ts';
import type { BareCalls } from '../baselines/bare-server.ts';
import { pause } from '../clock.ts';
import type { FloodCalls } from '../processes/flood-process.ts';
import { total } from '../processes/gateway-figures.ts';
import { CROWD_TENANTS, type GatewayUnderTest, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { cpuMsOf } from '../processes/process-figures.ts';
import { shortCount } from '../report/table.ts';
import type { LoadTarget } from '../wire/load-target.ts';
import type { Bench, Comparison, Print } from './bench-result.ts';

const AGENTS = 2000;
const DURATION_MS = 5000;
const ROUNDS = 3;
/** Within every agent's rate (30/s), in the bursts a recogniser makes of a second. */
const ADMITTED: FleetRun = {
  agents: AGENTS,
  framesPerSecond: AGENTS * 28,
  durationMs: DURATION_MS,
  cooperative: true,
  burst: 28,
};
/** Far over the rate, but below what gets a socket cut (2000 refusals a second), also where some wait a second to be read. */
const REFUSED: FleetRun = {
  agents: 400,
  framesPerSecond: 400 * 800,
  durationMs: DURATION_MS,
  cooperative: false,
  burst: 80,
  finals: false,
};

interface Cost {
  readonly frames: number;
  readonly nsPerFrame: number;
}

/** The benchmark. */
export const ingestBench: Bench = {
  name: 'ingest',
  about: 'metadata worker against a bare sink, per caption',
  async run(print) {
    const gateway = await startGateway();
    const sink = new LoadProcess<BareCalls>(
      new URL('../baselines/bare-server.ts', import.meta.url),
      'sink',
      'metadata',
    );
    try {
      const port = await sink.call('listen', 'sink');
      const bare: LoadTarget = { ...gateway.target, metadataPort: port };
      const sinkPid = sink.pid ?? 0;
      const counts = async () => (await sink.call('report', null)).frames;
      const atSink = { name: 'bare sink', target: bare, pid: sinkPid, counts };
      const atGateway = {
        name: 'gateway',
        target: gateway.target,
        pid: gateway.planes.metadata,
        counts: offered(gateway),
      };
      const admitted = await bothCosts(print, 'admitted', ADMITTED, atSink, atGateway);
      const refused = await bothCosts(print, 'refused', REFUSED, atSink, atGateway);
      return [ingestComparison(admitted.bare, admitted.ours), refusalComparison(refused.bare, refused.ours)];
    } finally {
      await sink.stop();
      await gateway.stop();
    }
  },
};

interface Side {
  readonly name: string;
  readonly target: LoadTarget;
  readonly pid: number;
  counts(): Promise<number>;
}

function offered(gateway: GatewayUnderTest): () => Promise<number> {
  return async () => total((await gateway.figures()).offered);
}

/** Medians of the rounds after the first, the sides in turn. */
async function bothCosts(print: Print, what: string, run: FleetRun, bare: Side, ours: Side) {
  const [bareCosts, ourCosts]: [Cost[], Cost[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [side, costs] of [
      [bare, bareCosts],
      [ours, ourCosts],
    ] as const) {
      const cost = await costOf(side, run);
      if (round > 0) costs.push(cost);
      const rate = shortCount((1000 * cost.frames) / DURATION_MS);
      const figure = `${cost.nsPerFrame.toFixed(0)} ns of CPU per caption at ${rate} captions/s`;
      print(`  ${what}, ${side.name}: ${figure}${round > 0 ? '' : ' (to warm up)'}`);
    }
  }
  return { bare: middle(bareCosts), ours: middle(ourCosts) };
}

async function costOf(side: Side, run: FleetRun): Promise<Cost> {
  const flood = new LoadProcess<FloodCalls>(new URL('../processes/flood-process.ts', import.meta.url), 'flood');
  try {
    await flood.call('open', { target: side.target, tenants: CROWD_TENANTS, agentsPerRoom: 16 });
    await flood.call('grow', run.agents);
    await pause(1500);
    const idleMs = await cpuOver(side.pid, () => pause(1000));
    const before = await side.counts();
    const busyMs = await cpuOver(side.pid, async () => {
      await flood.call('publish', run);
    });
    await pause(1300);
    const frames = (await side.counts()) - before;
    return { frames, nsPerFrame: ((busyMs - (idleMs * DURATION_MS) / 1000) * 1e6) / frames };
  } finally {
    await flood.stop();
  }
}

async function cpuOver(pid: number, stretch: () => Promise<void>): Promise<number> {
  const before = cpuMsOf(pid);
  await stretch();
  return cpuMsOf(pid) - before;
}

function middle(costs: readonly Cost[]): Cost {
  return [...costs].sort((a, b) => a.nsPerFrame - b.nsPerFrame)[costs.length >> 1]!;
}

function ingestComparison(bare: Cost, ours: Cost): Comparison {
  const share = bare.nsPerFrame / ours.nsPerFrame;
  return {
    what: 'ingest of admitted captions, per CPU second',
    ours: 1e9 / ours.nsPerFrame,
    other: 1e9 / bare.nsPerFrame,
    beside: 'bare sink',
    unit: 'captions/s',
    ratio: `${(100 * share).toFixed(0)} % of it`,
    target: '≥ 60 %',
    met: share >= 0.6,
  };
}

function refusalComparison(bare: Cost, ours: Cost): Comparison {
  const moreNs = ours.nsPerFrame - bare.nsPerFrame;
  return {
    what: 'refusing an over-limit caption',
    ours: ours.nsPerFrame,
    other: bare.nsPerFrame,
    beside: 'bare sink',
    unit: 'ns',
    ratio: `${moreNs.toFixed(0)} ns of policy`,
    target: '≤ 150 ns',
    met: moreNs <= 150,
  };
}
