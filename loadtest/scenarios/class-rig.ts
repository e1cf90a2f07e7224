/**
 * What e2 and e3 need: a gateway, agents of all classes in a process of their own, and subscribers in this one.
 *
 * The policy is the default one with every rate put out of the way: what is shown is what happens when there is more work
 * than can be done, not that agents are held to their rates.
 */
import { readFileSync } from 'node:fs';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { pinLadder } from '../processes/pin-ladder.ts';
import type { ClassAgentCalls, ClassAgentsReport, RatePiece } from '../traffic/class-agents.ts';
import { ClassListeners } from '../traffic/class-listeners.ts';
import { type GatewayPart, type RigKind, startClasslessGateway } from './rig.ts';

const DEFAULT_POLICY = new URL('../../classes/default-policy.yaml', import.meta.url);
/** How many, and who reads what it is sent. */
export interface ClassCrowd {
  readonly agents: number;
  readonly rooms: number;
  readonly listenersPerRoom: number;
}

/**
 * Each frame is multiplied by so much that twelve times what can be carried can still be offered and read. With 50 listeners,
 * twelve times was 1.5 million frames a second, which take more than a CPU to read alone, whatever is done with them; with 250
 * it was 336 000, and of the worker's time a fifth was left out to read them.
 */
const CROWD: ClassCrowd = { agents: 400, rooms: 2, listenersPerRoom: 2000 };
/** Those of them whose deliveries are counted: reading all would take the time of what is measured. */
export const COUNTED_PER_ROOM = 5;

/** What differs from the gateway as delivered, as it is printed. */
export const CLASS_RIG_DIFFERENCE =
  'every rate of the policy is put out of the way, a tenant’s handshakes are not limited, and the ladder is held at 0';
/** All sockets come from one machine here. */
export const CLASS_RIG_OVERRIDES = { limits: { handshakesPerSecondPerTenant: 100_000 } };

/** A gateway with its load around it. */
export interface ClassRig {
  readonly listeners: ClassListeners;
  readonly agents: number;
  /** Process id of the metadata worker. */
  readonly worker: number;
  /** `startMs`: of the machine's clock; absent: at once. */
  publish(pieces: readonly RatePiece[], startMs?: number): Promise<ClassAgentsReport>;
  /** Largest residual of the gateway's books; NaN where it keeps none. */
  residual(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it; whatever was started is stopped when a part fails. `start`: brings another gateway, with the policy it is given. */
export async function startClassRig(
  kind: RigKind,
  { agents: agentCount, rooms, listenersPerRoom }: ClassCrowd = CROWD,
  start: (policy: string) => Promise<GatewayPart> = kind === 'sluice'
    ? (policy) => startGateway(CLASS_RIG_OVERRIDES, policy)
    : startClasslessGateway,
): Promise<ClassRig> {
  const parts: { stop(): Promise<void> | void }[] = [];
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop();
  };
  try {
    const gateway = await start(roomyPolicy());
    parts.push(gateway);
    const { target, operatorUrl } = gateway;
    // It would answer first, and for ten seconds after any trouble.
    if (operatorUrl !== null) await pinLadder(operatorUrl, 0);
    const agents = new LoadProcess<ClassAgentCalls>(
      new URL('../traffic/class-agents.ts', import.meta.url),
      'agents',
      'last',
    );
    parts.push(agents);
    const listeners = new ClassListeners();
    parts.push(listeners);
    const tenants = CROWD_TENANTS;
    await listeners.open({ target, tenants, rooms, perRoom: listenersPerRoom, decoding: COUNTED_PER_ROOM });
    await agents.call('open', { target, tenants, agents: agentCount, perRoom: agentCount / rooms });
    return {
      listeners,
      agents: agentCount,
      worker: gateway.planes.metadata,
      publish: (pieces, startMs) => agents.call('publish', { pieces, startMs }),
      residual: async () => (await gateway.figures())?.residual ?? Number.NaN,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The default policy with rates that nobody reaches. Throws when it has none any more. */
export function roomyPolicy(): string {
  const policy = readFileSync(DEFAULT_POLICY, 'utf8');
  const roomy = policy.replaceAll(/\{rate: \d+, burst: \d+\}/g, '{rate: 1000000, burst: 1000000}');
  if (roomy === policy) throw new Error('the default policy has no rates of the form {rate: …, burst: …}');
  return roomy;
}
