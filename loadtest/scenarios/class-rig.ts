/**
 * What e2 and e3 need: a gateway, agents of all classes in a process of their own, and subscribers in this one.
 *
 * The policy is the default one with every rate put out of the way: what is shown is what happens when there is more work
 * than can be done, not that agents are held to their rates.
 */
import { readFileSync } from 'node:fs';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import type { ClassAgentCalls, ClassAgentsReport, RatePiece } from '../traffic/class-agents.ts';
import { ClassListeners } from '../traffic/class-listeners.ts';
import { type GatewayPart, type RigKind, startClasslessGateway } from './rig.ts';

const DEFAULT_POLICY = new URL('../../classes/default-policy.yaml', import.meta.url);
const AGENTS = 400;
const ROOMS = 8;
/** What each frame is multiplied by: so much that twelve times what can be carried can still be offered and read. */
const LISTENERS_PER_ROOM = 50;
/** Those of them whose deliveries are counted: reading all would take the time of what is measured. */
export const COUNTED_PER_ROOM = 5;

/** What differs from the gateway as delivered, as it is printed. */
export const CLASS_RIG_DIFFERENCE = 'every rate of the policy is put out of the way';

/** A gateway with its load around it. */
export interface ClassRig {
  readonly listeners: ClassListeners;
  readonly agents: number;
  publish(pieces: readonly RatePiece[]): Promise<ClassAgentsReport>;
  /** Largest residual of the gateway's books; NaN where it keeps none. */
  residual(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it; whatever was started is stopped when a part fails. */
export async function startClassRig(kind: RigKind): Promise<ClassRig> {
  const parts: { stop(): Promise<void> | void }[] = [];
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop();
  };
  try {
    const gateway: GatewayPart =
      kind === 'sluice' ? await startGateway({}, roomyPolicy()) : await startClasslessGateway();
    parts.push(gateway);
    const { target } = gateway;
    const agents = new LoadProcess<ClassAgentCalls>(
      new URL('../traffic/class-agents.ts', import.meta.url),
      'agents',
      'last',
    );
    parts.push(agents);
    const listeners = new ClassListeners();
    parts.push(listeners);
    const tenants = CROWD_TENANTS;
    await listeners.open({ target, tenants, rooms: ROOMS, perRoom: LISTENERS_PER_ROOM, decoding: COUNTED_PER_ROOM });
    await agents.call('open', { target, tenants, agents: AGENTS, perRoom: AGENTS / ROOMS });
    return {
      listeners,
      agents: AGENTS,
      publish: (pieces) => agents.call('publish', pieces),
      residual: async () => (await gateway.figures())?.residual ?? Number.NaN,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The default policy with rates that nobody reaches. Throws when it has none any more. */
function roomyPolicy(): string {
  const policy = readFileSync(DEFAULT_POLICY, 'utf8');
  const roomy = policy.replaceAll(/\{rate: \d+, burst: \d+\}/g, '{rate: 1000000, burst: 1000000}');
  if (roomy === policy) throw new Error('the default policy has no rates of the form {rate: …, burst: …}');
  return roomy;
}
