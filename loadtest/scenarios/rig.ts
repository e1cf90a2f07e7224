/**
 * Everything a run needs, each in a process of its own: a gateway (ours or the classless one), the stub SFU, callers,
 * listeners and flooders. Ours and the control arm differ in the gateway's process and in nothing else.
 *
 * All of them stand for other machines, and what they do to each other on this one is not the gateway's doing. So the
 * flooders run at a lower priority, and the callers and the stub SFU, whose own delays would be counted as the
 * gateway's, before all others as far as this is permitted. The gateway's priorities are its own; the classless one, a
 * single process, has that of the control plane.
 */
import { CLASSLESS_SETTING, type ClasslessCalls } from '../baselines/classless-gateway.ts';
import type { CallerCalls } from '../processes/caller-process.ts';
import type { FloodCalls } from '../processes/flood-process.ts';
import type { GatewayFigures } from '../processes/gateway-figures.ts';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import type { ListenerCalls } from '../processes/listener-process.ts';
import type { LoadPriority } from '../processes/load-priority.ts';
import { type Calls, LoadProcess } from '../processes/load-process.ts';
import { StallWatch } from '../processes/stall-watch.ts';
import type { StubSfuCalls } from '../stub-sfu.ts';
import type { LoadTarget } from '../wire/load-target.ts';

export const SUBSCRIBERS_PER_ROOM = 10;
export const AGENTS_PER_ROOM = 16;
/** What one agent publishes per second at 1×; its limit is 30. */
export const AGENT_RATE = 28;
/** How old a caption may be when it reaches a subscriber. */
export const CAPTION_TTL_MS = 500;

/** The processes a setup passes through: what each waits for a CPU is part of the setup's latency. */
export interface SetupPath {
  readonly callers: number;
  /** The control plane; of the classless gateway, its one process. */
  readonly gateway: number;
  readonly stub: number;
}

/** A gateway with its load around it. */
export interface Rig {
  readonly target: LoadTarget;
  readonly callers: LoadProcess<CallerCalls>;
  readonly flood: LoadProcess<FloodCalls>;
  readonly listeners: LoadProcess<ListenerCalls>;
  /** Process ids of those a setup passes through. */
  readonly path: SetupPath;
  /** The gateway's figures; null where it keeps none, or cannot be reached any more. */
  figures(): Promise<GatewayFigures | null>;
  /** What the gateway printed at its start. */
  readonly report: string;
  /** Null where there is none. */
  readonly operatorUrl: string | null;
  /** Of the machine; null where it cannot be watched. */
  readonly stalls: StallWatch | null;
  stop(): Promise<void>;
}

export type RigKind = 'sluice' | 'classless';

/**
 * Starts a rig whose callers' pool holds `callers` sockets. Whatever was started is stopped when a part fails.
 * `overrides` change the configuration of our gateway; the classless one has none.
 */
export async function startRig(
  kind: RigKind,
  callers: number,
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<Rig> {
  const parts: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop();
  };
  const spawned = <C extends Calls>(module: string, name: string, priority: LoadPriority): LoadProcess<C> => {
    const part = new LoadProcess<C>(new URL(module, import.meta.url), name, priority);
    parts.push(part);
    return part;
  };
  try {
    const gateway = kind === 'sluice' ? await startGateway(overrides) : await startClasslessGateway();
    parts.push(gateway);
    const { target, report, operatorUrl } = gateway;
    const stub = spawned<StubSfuCalls>('../stub-sfu.ts', 'stub SFU', 'first');
    await stub.call('attach', { address: `${target.host}:${target.nodeControlPort}`, nodeId: 'stub-sfu' });
    const callersProcess = spawned<CallerCalls>('../processes/caller-process.ts', 'callers', 'first');
    const stalls = StallWatch.start();
    if (stalls) parts.push(stalls);
    const rig: Rig = {
      target,
      report,
      operatorUrl,
      stalls,
      path: { callers: callersProcess.pid ?? 0, gateway: gateway.planes.control, stub: stub.pid ?? 0 },
      figures: () => gateway.figures(),
      callers: callersProcess,
      flood: spawned<FloodCalls>('../processes/flood-process.ts', 'flood', 'last'),
      listeners: spawned<ListenerCalls>('../processes/listener-process.ts', 'listeners', 'ordinary'),
      stop,
    };
    const tenants = CROWD_TENANTS;
    const gapMs = 1000 / AGENT_RATE;
    await rig.listeners.call('open', { target, tenants, perRoom: SUBSCRIBERS_PER_ROOM, ttlMs: CAPTION_TTL_MS, gapMs });
    await rig.flood.call('open', { target, tenants, agentsPerRoom: AGENTS_PER_ROOM });
    await rig.callers.call('open', { target, tenant: 'calls', callers });
    return rig;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a rig needs of a gateway. */
export interface GatewayPart {
  readonly target: LoadTarget;
  readonly report: string;
  readonly operatorUrl: string | null;
  /** `metadata` is worker 0; the classless gateway has one process for both. */
  readonly planes: { readonly control: number; readonly metadata: number };
  figures(): Promise<GatewayFigures | null>;
  stop(): Promise<void>;
}

/** Starts the classless gateway in a process of its own. */
export async function startClasslessGateway(): Promise<GatewayPart> {
  const module = new URL('../baselines/classless-gateway.ts', import.meta.url);
  const gateway = new LoadProcess<ClasslessCalls>(module, 'classless gateway', 'gateway');
  const { port, nodePort } = await gateway.call('listen', null);
  return {
    target: {
      host: '127.0.0.1',
      signalPort: port,
      metadataPort: port,
      nodeControlPort: nodePort,
      nodeMetadataPort: nodePort,
      key: { apiKey: 'unchecked', secret: 'the classless gateway checks no signature' },
    },
    operatorUrl: null,
    planes: { control: gateway.pid ?? 0, metadata: gateway.pid ?? 0 },
    report: `the classless gateway: ${CLASSLESS_SETTING}`,
    figures: async () => null,
    stop: () => gateway.stop(),
  };
}
