/**
 * What experiment ladder needs: a gateway with its ladder, a stub SFU, a crowd that floods it with turns, listeners to that
 * crowd, and agents that talk to people. The agents and their people are before all others, for they stand for other machines.
 */
import { readFileSync } from 'node:fs';
import type { GatewayFigures } from '../processes/gateway-figures.ts';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import type { StubSfuCalls } from '../stub-sfu.ts';
import { ClassListeners } from '../traffic/class-listeners.ts';
import type { TalkingCalls } from '../traffic/talking-agents.ts';
import type { TurnCrowdCalls } from '../traffic/turn-crowd.ts';

const DEFAULT_POLICY = new URL('../../classes/default-policy.yaml', import.meta.url);
const ROOMS = CROWD_TENANTS.length;
const LISTENERS_PER_ROOM = 25;
/** So many that each keeps within what a socket may deliver in a turn of the event loop, however late that is. */
const AGENTS_PER_ROOM = 48;
export const CROWD_AGENTS = ROOMS * AGENTS_PER_ROOM;

/** What the operator API says of the ladder. */
export interface LadderSeen {
  readonly level: number;
  readonly cause: string | null;
  /** By plane, what was measured. */
  readonly load: Readonly<Record<string, { readonly schedulerDelayMs?: number }>>;
}

export interface LadderRig {
  readonly operatorUrl: string;
  readonly crowd: LoadProcess<TurnCrowdCalls>;
  readonly talking: LoadProcess<TalkingCalls>;
  ladder(): Promise<LadderSeen>;
  figures(): Promise<GatewayFigures>;
  stop(): Promise<void>;
}

/**
 * The delay of a worker from which the ladder climbs, ms. By default it is what the overload cursor aims at, so that it climbs
 * for what the cursor cannot keep down, which depends on the machine; half of that is a breach wherever the cursor is at work.
 */
export const BREACH_MS = 5;

/** What differs from the gateway as delivered, as it is printed. */
export function ladderDifference(stepDownAfterMs: number): string {
  const ladder = `the ladder climbs from ${BREACH_MS} ms of delay and descends after ${stepDownAfterMs} ms`;
  return `every rate of the policy is put out of the way, and ${ladder}`;
}

/** Starts it; whatever was started is stopped when a part fails. */
export async function startLadderRig(stepDownAfterMs: number): Promise<LadderRig> {
  const parts: { stop(): Promise<void> | void }[] = [];
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop();
  };
  try {
    const gateway = await startGateway({}, roomyPolicy(stepDownAfterMs));
    parts.push(gateway);
    const { target, operatorUrl } = gateway;
    const stub = new LoadProcess<StubSfuCalls>(new URL('../stub-sfu.ts', import.meta.url), 'stub SFU', 'first');
    parts.push(stub);
    await stub.call('attach', { address: `${target.host}:${target.nodeControlPort}`, nodeId: 'stub-sfu' });
    const talking = new LoadProcess<TalkingCalls>(talkingUrl, 'talking agents', 'first');
    parts.push(talking);
    const crowd = new LoadProcess<TurnCrowdCalls>(crowdUrl, 'crowd', 'last');
    parts.push(crowd);
    const listeners = new ClassListeners();
    parts.push(listeners);
    const tenants = CROWD_TENANTS;
    await talking.call('open', { target, tenants });
    await listeners.open({ target, tenants, rooms: ROOMS, perRoom: LISTENERS_PER_ROOM, decoding: 0 });
    await crowd.call('open', { target, tenants, agents: CROWD_AGENTS, perRoom: AGENTS_PER_ROOM });
    return {
      operatorUrl,
      crowd,
      talking,
      ladder: async () => (await (await fetch(`${operatorUrl}/v1/ladder`)).json()) as LadderSeen,
      figures: () => gateway.figures(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const talkingUrl = new URL('../traffic/talking-agents.ts', import.meta.url);
const crowdUrl = new URL('../traffic/turn-crowd.ts', import.meta.url);

/** The default policy with rates that nobody reaches. Throws when it is not written any more as this expects. */
function roomyPolicy(stepDownAfterMs: number): string {
  const policy = readFileSync(DEFAULT_POLICY, 'utf8');
  const roomy = policy.replaceAll(/\{rate: \d+, burst: \d+\}/g, '{rate: 1000000, burst: 1000000}');
  const wanted = [`stepDownAfterMs: ${stepDownAfterMs}`, `schedulerDelayMs: ${BREACH_MS}`];
  const changed = roomy.replace(/stepDownAfterMs: \d+/, wanted[0]!).replace(/schedulerDelayMs: \d+/, wanted[1]!);
  if (roomy === policy || !wanted.every((setting) => changed.includes(setting))) {
    throw new Error('the default policy has no rates, or no ladder, of the form this knows');
  }
  return changed;
}
