/** The control plane's counters at one moment, in the shape the supervisor takes. */
import type { IntervalHistogram } from 'node:perf_hooks';
import type { Edge } from '../edge/edge.ts';
import type { PlaneStart } from '../supervisor/plane-link.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import type { PlaneParts } from './plane-parts.ts';
import type { Session } from './session.ts';

const NS_PER_MS = 1e6;

/** Copies everything out and begins a new interval of loop delays. */
export function planeSnapshot(
  start: PlaneStart,
  parts: PlaneParts,
  edge: Edge<Session>,
  loopDelay: IntervalHistogram,
): PlaneSnapshot {
  const { counters, policy, pool } = parts;
  let bufferedBytes = 0;
  const sessions = { standard: 0, agent: 0 };
  edge.forEach((socket) => {
    bufferedBytes += socket.bufferedBytes();
    sessions[socket.principal.kind]++;
  });
  const loopDelayMs = {
    p50: delayMs(loopDelay.percentile(50)),
    p99: delayMs(loopDelay.percentile(99)),
    max: delayMs(loopDelay.max),
  };
  loopDelay.reset();
  const nodes = [...pool.nodes];
  return {
    plane: 'control',
    worker: start.worker,
    policyVersion: policy.version,
    classes: counters.classes,
    offered: [...counters.offered],
    admitted: [...counters.admitted],
    queued: [...counters.queued],
    outcomes: counters.outcomes(),
    bytesIn: [...counters.bytesIn],
    bytesOut: [...counters.bytesOut],
    deliveries: [...counters.deliveries],
    writes: counters.writes,
    finals: { received: counters.finalsReceived, delivered: counters.finalsDelivered },
    bufferedBytes,
    sessions,
    disconnects: { ...edge.disconnects },
    handshakes: { ...edge.handshakes },
    loopDelayMs,
    histograms: counters.histograms.map((histogram) => histogram.snapshot()),
    breakers: nodes.map(({ id, commands }) => ({ node: id, state: commands.breakerState })),
    nodes: nodes.map(({ id, role, sessions: held, load }) => ({ node: id, role, sessions: held, load })),
  };
}

/** The monitor reports how long its timer took, its own interval included; an idle loop has no delay worth the name. */
function delayMs(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS) : 0;
}
