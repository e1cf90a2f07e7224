/** Where each kind of frame goes on /v1/signal, as a table the path of a frame looks into, and what each way may carry. */
import type { Policy } from '../../classes/policy.ts';
import { KIND_COUNT, KIND_USES, Kind, KindUse } from '../../schemas/kinds.ts';
import type { LaneLimits } from './policing.ts';

/** What a mixed socket may publish, and how much of what it may not ends it. */
const METADATA_LIMIT = { ratePerSecond: 20, burst: 40 };
const ACK_LIMIT = { ratePerSecond: 50, burst: 100 };
const CONTROL_CEILING = 4;
const METADATA_CEILING = 10;

/** Where a kind goes. */
export const Route = { setup: 0, control: 1, metadata: 2, ack: 3, refused: 4 } as const;

/** Route by kind number. Kinds that clients do not send here are `refused`. */
export function routesOf(policy: Policy): Uint8Array {
  const routes = new Uint8Array(KIND_COUNT).fill(Route.refused);
  for (let kind = 0; kind < KIND_COUNT; kind++) {
    const uses = KIND_USES[kind]!;
    if (kind === Kind.ack) routes[kind] = Route.ack;
    else if (kind === Kind.batch || (uses & KindUse.metadata) !== 0) routes[kind] = Route.metadata;
    else if ((uses & KindUse.clientSignal) !== 0) {
      routes[kind] = policy.classes[policy.classByKind[kind]!]?.band === 0 ? Route.setup : Route.control;
    }
  }
  return routes;
}

/** What one socket may send beside signalling, and how much too much of everything ends it; in the order of `PolicedLane`. */
export function lanesOf(policy: Policy): LaneLimits {
  const limitOf = (wanted: 0 | 1) => {
    const { session } = policy.classes.find(({ band }) => band === wanted)!;
    return { limit: null, ceiling: CONTROL_CEILING * session.burst };
  };
  return [
    limitOf(0),
    limitOf(1),
    { limit: METADATA_LIMIT, ceiling: METADATA_CEILING * METADATA_LIMIT.burst },
    { limit: ACK_LIMIT, ceiling: CONTROL_CEILING * ACK_LIMIT.burst },
  ];
}
