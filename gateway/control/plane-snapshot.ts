/** The control plane's figures at one moment, in the shape the supervisor takes. */
import type { Edge } from '../edge/edge.ts';
import { edgeFigures } from '../edge/edge-figures.ts';
import type { PlaneStart } from '../supervisor/plane-link.ts';
import { processMemory } from '../telemetry/held-bytes.ts';
import type { LoopDelay } from '../telemetry/loop-delay.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import type { PlaneParts } from './plane-parts.ts';
import type { Session } from './session.ts';

/** Copies everything out and begins a new interval of loop delays. */
export function planeSnapshot(
  start: PlaneStart,
  parts: PlaneParts,
  edge: Edge<Session>,
  loopDelay: LoopDelay,
): PlaneSnapshot {
  const { counters, policy, pool } = parts;
  const nodes = [...pool.nodes];
  return {
    plane: 'control',
    worker: start.worker,
    policyVersion: policy.version,
    ...counters.snapshot(),
    ...edgeFigures(edge),
    memory: processMemory(),
    loopDelayMs: loopDelay.take(),
    breakers: nodes.map(({ id, commands }) => ({ node: id, state: commands.breakerState })),
    nodes: nodes.map(({ id, role, sessions, load }) => ({ node: id, role, sessions, load })),
  };
}
