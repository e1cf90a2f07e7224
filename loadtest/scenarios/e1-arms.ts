/** The floods of experiment e1: what each is called, how it begins, and by which bound it is judged. */
import type { FloodReport } from '../agents/flood-report.ts';
import type { RudeFrames } from '../agents/rude-fleet.ts';
import { CROWD_TENANTS } from '../processes/gateway-process.ts';
import { agentsFor } from './capacity.ts';
import { AGENTS_PER_ROOM, type Rig } from './rig.ts';

/** Which side the flood comes in on. */
export type ArmSide = 'metadata' | 'signal';

/** A flood that is under way. */
export interface ArmFlood {
  end(): Promise<FloodReport>;
}

/** One arm. */
export interface Arm {
  readonly name: string;
  readonly about: string;
  readonly side: ArmSide;
  /** Intended rate as a multiple of capacity; null where the flood is not one of frames per second. */
  readonly multiple: number | null;
  /** Begins the flood, for at most `mostMs`, at a rig whose capacity is `capacity` captions per second. */
  begin(rig: Rig, capacity: number, mostMs: number): Promise<ArmFlood>;
}

const RUDE_SOCKETS = 128;
const RUDE_SIGNAL_SOCKETS = 32;
const RUDE_ADDRESSES = 16;
const HANDSHAKES_AT_ONCE = 64;
const HANDSHAKE_ADDRESSES = 16;
const NODE_STREAMS = 4;

/** All arms, in the order of a round. */
export const E1_ARMS: readonly Arm[] = [
  publishing('cooperative', 'agents that obey credits and throttling', 1, true),
  publishing('over-rate', 'the same agents at four times their rate, ignoring both', 4, false),
  rude('rude', 'as fast as TCP takes, back at once with fresh identities', 'captions', 12),
  rude('signal-pings', 'rude, on the signalling socket: pings', 'pings', null),
  rude('signal-candidates', 'rude, on the signalling socket: candidates', 'candidates', null),
  rude('signal-mixed', 'rude, on the signalling socket: metadata of a mixed socket', 'mixed', null),
  {
    name: 'handshakes',
    about: 'handshakes without a token, on the signalling port',
    side: 'signal',
    multiple: null,
    async begin(rig) {
      const { target } = rig;
      await rig.flood.call('handshakes', { target, concurrency: HANDSHAKES_AT_ONCE, addresses: HANDSHAKE_ADDRESSES });
      return { end: () => rig.flood.call('stop', null) };
    },
  },
  {
    name: 'node-metadata',
    about: 'nodes that flood captions over gRPC, ignoring credit',
    side: 'metadata',
    multiple: null,
    async begin(rig, capacity) {
      const rooms = agentsFor(capacity) / AGENTS_PER_ROOM;
      await rig.flood.call('node', { target: rig.target, tenant: CROWD_TENANTS[0]!, streams: NODE_STREAMS, rooms });
      return { end: () => rig.flood.call('stop', null) };
    },
  },
];

/** The arms with these names, or all. Throws with the names there are. */
export function armsNamed(names: readonly string[]): readonly Arm[] {
  const unknown = names.find((name) => !E1_ARMS.some((arm) => arm.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`no arm is called ${unknown}; there are ${E1_ARMS.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? E1_ARMS : E1_ARMS.filter(({ name }) => names.includes(name));
}

function publishing(name: string, about: string, multiple: number, cooperative: boolean): Arm {
  return {
    name,
    about,
    side: 'metadata',
    multiple,
    async begin(rig, capacity, mostMs) {
      const agents = agentsFor(capacity);
      const framesPerSecond = capacity * multiple;
      const published = rig.flood.call('publish', { agents, framesPerSecond, durationMs: mostMs, cooperative });
      return {
        async end() {
          await rig.flood.call('halt', null);
          return published;
        },
      };
    },
  };
}

function rude(name: string, about: string, frames: RudeFrames, multiple: number | null): Arm {
  const onMetadata = frames === 'captions';
  return {
    name,
    about,
    side: onMetadata ? 'metadata' : 'signal',
    multiple,
    async begin(rig, capacity) {
      await rig.flood.call('rude', {
        target: rig.target,
        // On the metadata side the flooders are of the tenants whose rooms are listened to. On the signalling side they
        // are of a tenant of their own: a tenant's handshakes are one allowance, which its own flooders use up.
        tenants: onMetadata ? CROWD_TENANTS : ['rude'],
        frames,
        sockets: onMetadata ? RUDE_SOCKETS : RUDE_SIGNAL_SOCKETS,
        rooms: onMetadata ? Math.max(1, agentsFor(capacity) / AGENTS_PER_ROOM) : 16,
        addresses: RUDE_ADDRESSES,
      });
      return { end: () => rig.flood.call('stop', null) };
    },
  };
}
