/** What subscribers are promised of the frames of a kind. */
import { KIND_COUNT, Kind, type KindName } from '../schemas/kinds.ts';
import { KEYED_KINDS, NEVER_STALE } from './policy-kinds.ts';
import type { PolicyDocument } from './policy-schema.ts';

/** The promises, by the words of a policy. */
export const Delivery = { 'best-effort': 0, latest: 1, 'at-least-once': 2 } as const;
export type Delivery = (typeof Delivery)[keyof typeof Delivery];

/** Kinds that are delivered at least once where the policy does not say. */
const RELIABLE: readonly KindName[] = [...NEVER_STALE, 'toolCall'];

/** The promise of each kind, by kind number. Keyed kinds that are conflated are `latest` where the policy does not say. */
export function deliveryByKind(kinds: PolicyDocument['kinds']): Uint8Array {
  const deliveries = new Uint8Array(KIND_COUNT);
  for (const kind of RELIABLE) deliveries[Kind[kind]] = Delivery['at-least-once'];
  for (const kind of KEYED_KINDS) if (kinds[kind]?.conflate) deliveries[Kind[kind]] = Delivery.latest;
  for (const [name, kind] of Object.entries(kinds)) {
    if (kind?.delivery !== undefined) deliveries[Kind[name as KindName]] = Delivery[kind.delivery];
  }
  return deliveries;
}
