/**
 * What it takes to read a load at all: the CPU time of a bare uWebSockets.js sink, which counts messages and does nothing else,
 * under the same agents. No gateway on one event loop can do with less.
 */
import type { BareCalls } from '../baselines/bare-server.ts';
import { pause } from '../clock.ts';
import { CROWD_TENANTS } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import type { ClassAgentCalls } from '../traffic/class-agents.ts';

const DURATION_MS = 2000;
const SETTLE_MS = 500;

/** What was read, and at what cost. */
export interface ReadingCost {
  readonly framesPerSecond: number;
  /** CPU time of the sink's process, kernel included, per frame. */
  readonly nsPerFrame: number;
}

/** Offers `framesPerSecond` of all classes by `agents` agents to a sink of its own. */
export async function readingCost(agents: number, framesPerSecond: number): Promise<ReadingCost> {
  const sink = new LoadProcess<BareCalls>(new URL('../baselines/bare-server.ts', import.meta.url), 'sink');
  const module = new URL('../traffic/class-agents.ts', import.meta.url);
  const load = new LoadProcess<ClassAgentCalls>(module, 'agents', 'last');
  try {
    const port = await sink.call('listen', 'sink');
    const key = { apiKey: 'unchecked', secret: 'the sink checks no signature at all' };
    const ports = { signalPort: port, metadataPort: port, nodeControlPort: port, nodeMetadataPort: port };
    const target = { host: '127.0.0.1', ...ports, key };
    await load.call('open', { target, tenants: CROWD_TENANTS, agents, perRoom: agents });
    await pause(SETTLE_MS);
    const before = await sink.call('report', null);
    await load.call('publish', { pieces: [{ framesPerSecond, durationMs: DURATION_MS }] });
    await pause(SETTLE_MS);
    const after = await sink.call('report', null);
    const frames = after.frames - before.frames;
    const nsPerFrame = ((after.cpuMs - before.cpuMs) * 1e6) / Math.max(1, frames);
    return { framesPerSecond: (1000 * frames) / DURATION_MS, nsPerFrame };
  } finally {
    await load.stop();
    await sink.stop();
  }
}
