/** Where each kind of frame goes on /v1/signal, as a table the path of a frame looks into. */
import type { Policy } from '../../classes/policy.ts';
import { KIND_COUNT, KIND_USES, Kind, KindUse } from '../../schemas/kinds.ts';

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
