/**
 * What kinds of frames exist and who may send them where: one table, from which everything else is looked up.
 *
 * Invariants: numbers are those of `Kind` in frame.proto and below 128; a kind's payload field is number + 16.
 */

/** Wire numbers by name. The names are the JSON words and the payload's member in a decoded frame. */
export const Kind = {
  none: 0,
  join: 1,
  leave: 2,
  offer: 3,
  answer: 4,
  candidate: 5,
  mute: 6,
  subscribe: 7,
  unsubscribe: 8,
  request: 9,
  cancel: 10,
  interrupt: 11,
  feature: 12,
  stats: 13,
  accessToken: 14,
  ping: 15,
  welcome: 16,
  joined: 17,
  participant: 18,
  ok: 19,
  error: 20,
  goaway: 21,
  pong: 22,
  attach: 32,
  ack: 33,
  batch: 34,
  accepted: 35,
  credit: 36,
  throttled: 37,
  advice: 38,
  caption: 64,
  moderation: 65,
  presence: 66,
  gauge: 67,
  agentTurn: 68,
  toolCall: 69,
  retrieval: 70,
  summary: 71,
  embedding: 72,
  modelState: 73,
  feedback: 74,
  snapshotWanted: 75,
  custom: 76,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
export type KindName = Exclude<keyof typeof Kind, 'none'>;

/** Kinds fit in seven bits, so tables indexed by kind have this many entries. */
export const KIND_COUNT = 128;

/** The payload's field number of a kind is the kind's number plus this. */
export const PAYLOAD_FIELD_OFFSET = 16;

/** Name by number; `undefined` where no kind has the number. */
export const KIND_NAMES: readonly (KindName | undefined)[] = tableBy<KindName | undefined>(undefined, (name) => name);

/** Who may send a kind, and on which socket. One frame may have several. */
export const KindUse = {
  clientSignal: 1, // client → gateway on /v1/signal
  serverSignal: 2, // gateway → client on /v1/signal
  clientMetadata: 4, // client → gateway on /v1/metadata, the socket's own conversation
  serverMetadata: 8, // gateway → client there
  metadata: 16, // AI metadata: published by clients and nodes, fanned out in batches
} as const;

const CLIENT_SIGNAL: readonly KindName[] = [
  'join',
  'leave',
  'offer',
  'answer',
  'candidate',
  'mute',
  'subscribe',
  'unsubscribe',
  'request',
  'cancel',
  'interrupt',
  'feature',
  'stats',
  'accessToken',
  'ping',
  'ack',
  'batch',
];
const SERVER_SIGNAL: readonly KindName[] = [
  'welcome',
  'joined',
  'participant',
  'offer',
  'answer',
  'candidate',
  'ok',
  'error',
  'goaway',
  'pong',
  'batch',
  'accepted',
  'credit',
  'throttled',
  'advice',
];
const CLIENT_METADATA: readonly KindName[] = [
  'attach',
  'subscribe',
  'unsubscribe',
  'ack',
  'ping',
  'accessToken',
  'batch',
];
const SERVER_METADATA: readonly KindName[] = [
  'welcome',
  'ok',
  'error',
  'pong',
  'batch',
  'accepted',
  'credit',
  'throttled',
  'advice',
  'goaway',
];

/** Bit set of `KindUse` by kind number; 0 where no kind has the number. */
export const KIND_USES: Uint8Array = Uint8Array.from(
  tableBy(0, (name, kind) => {
    const uses = { clientSignal: CLIENT_SIGNAL, serverSignal: SERVER_SIGNAL, clientMetadata: CLIENT_METADATA };
    let bits = kind >= Kind.caption ? KindUse.metadata : 0;
    if (uses.clientSignal.includes(name)) bits |= KindUse.clientSignal;
    if (uses.serverSignal.includes(name)) bits |= KindUse.serverSignal;
    if (uses.clientMetadata.includes(name)) bits |= KindUse.clientMetadata;
    if (SERVER_METADATA.includes(name)) bits |= KindUse.serverMetadata;
    return bits;
  }),
);

/** Whether frames of the kind are AI metadata. */
export function isMetadata(kind: number): boolean {
  return (KIND_USES[kind]! & KindUse.metadata) !== 0;
}

/** Whether `final` (field 2) means something for the kind; elsewhere it must be absent. */
export function mayBeFinal(kind: number): boolean {
  return kind === Kind.caption;
}

function tableBy<T>(missing: T, value: (name: KindName, kind: number) => T): T[] {
  const table = new Array<T>(KIND_COUNT).fill(missing);
  for (const [name, kind] of Object.entries(Kind)) {
    if (kind !== Kind.none) table[kind] = value(name as KindName, kind);
  }
  return table;
}
