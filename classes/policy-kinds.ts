/** Which kinds a policy speaks of, and what may be said of each. Derived from the table of kinds, so a new one is known here at once. */
import { KIND_NAMES, KIND_USES, Kind, type KindName, KindUse } from '../schemas/kinds.ts';

/** Sent by clients on `/v1/signal`, but about what inference nodes do: their budgets are those of metadata. */
const ASKING: readonly KindName[] = ['request', 'cancel', 'interrupt'];
/** Frames about frames: charged by what they hold or acknowledge. */
const UNCHARGED: readonly KindName[] = ['ack', 'batch', 'attach'];

const named = KIND_NAMES.filter((name) => name !== undefined);
const hasUse = (name: KindName, use: number) => (KIND_USES[Kind[name]]! & use) !== 0;

/** Kinds whose class is one of the metadata plane. */
export const METADATA_KINDS: readonly KindName[] = named.filter(
  (name) => hasUse(name, KindUse.metadata) || ASKING.includes(name),
);

/** Kinds whose class is one of the control plane. */
export const CONTROL_KINDS: readonly KindName[] = named.filter(
  (name) => hasUse(name, KindUse.clientSignal) && !UNCHARGED.includes(name) && !ASKING.includes(name),
);

/** Every kind that a class must carry. */
export const CLASSED_KINDS: readonly KindName[] = [...CONTROL_KINDS, ...METADATA_KINDS];

/** Carried by the class of captions unless a class names it: it asks for a caption again. */
export const FOLLOWS_CAPTION: KindName = 'snapshotWanted';

/** Kinds with a `key` field, of which a newer value may replace an older one. */
export const KEYED_KINDS: readonly KindName[] = ['presence', 'gauge'];

/** Kinds that are worth something however late they come, beside those of the control plane. */
export const NEVER_STALE: readonly KindName[] = ['moderation', 'feedback'];

/** Who sends a frame, as rules name them. */
export const PRINCIPAL_KINDS = ['standard', 'agent', 'node'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** A frame as somebody describes it who has none: what policies look at, and who would send it. */
export interface DescribedFrame {
  readonly kind: KindName;
  readonly final: boolean;
  readonly principal: PrincipalKind;
  readonly tenant: string;
  /** Of a custom frame; empty where there are none. */
  readonly type: string;
  readonly label: string;
}
