/**
 * What classes of traffic exist and what each may have. Until operators bring their own policy, this default is
 * in force; its shape is what a compiled policy looks like to the planes.
 */
import { KIND_COUNT, Kind, type KindName } from '../schemas/kinds.ts';
import type { BucketLimit } from './gcra.ts';

/** One class of traffic. */
export interface TrafficClass {
  readonly name: string;
  readonly plane: 'control' | 'metadata';
  readonly match: readonly KindName[];
  /** What one session may send. */
  readonly session: BucketLimit;
  /** What one session may send of finals, apart from the above; null where the class has none. */
  readonly finals: BucketLimit | null;
}

/** A policy as the planes read it. Class indexes are positions in `classes`. */
export interface Policy {
  readonly version: number;
  readonly classes: readonly TrafficClass[];
  /** Class index by kind number; -1 where no class carries the kind. */
  readonly classByKind: Int8Array;
  /** How long a frame of a kind may wait before it is worthless, ms; Infinity: it never is. */
  readonly ttlMsByKind: Float64Array;
  /** 1 where a newer value of the same key replaces an older one. */
  readonly conflateByKind: Uint8Array;
  /** Time between two looks at a caption segment, ms. */
  readonly tickMs: number;
}

/** The label of frames that could not be given a class. */
export const UNCLASSIFIED = 'unclassified';

const CLASSES: readonly TrafficClass[] = [
  {
    name: 'call-setup',
    plane: 'control',
    match: ['join', 'offer', 'answer', 'candidate', 'leave'],
    session: { ratePerSecond: 50, burst: 200 },
    finals: null,
  },
  {
    name: 'call-control',
    plane: 'control',
    match: ['mute', 'subscribe', 'unsubscribe', 'ping', 'stats', 'feature', 'accessToken'],
    session: { ratePerSecond: 20, burst: 100 },
    finals: null,
  },
  {
    name: 'premium',
    plane: 'metadata',
    match: ['agentTurn', 'toolCall', 'moderation', 'feedback', 'request', 'cancel', 'interrupt'],
    session: { ratePerSecond: 50, burst: 100 },
    finals: null,
  },
  {
    name: 'captions',
    plane: 'metadata',
    match: ['caption', 'snapshotWanted'],
    session: { ratePerSecond: 30, burst: 60 },
    finals: { ratePerSecond: 5, burst: 20 },
  },
  {
    name: 'standard',
    plane: 'metadata',
    match: ['presence', 'gauge', 'retrieval', 'custom'],
    session: { ratePerSecond: 20, burst: 40 },
    finals: null,
  },
  {
    name: 'deferred',
    plane: 'metadata',
    match: ['summary', 'embedding', 'modelState'],
    session: { ratePerSecond: 5, burst: 10 },
    finals: null,
  },
];

const TTL_MS: Partial<Record<KindName, number>> = {
  agentTurn: 2000,
  caption: 500,
  presence: 1000,
  gauge: 1000,
  retrieval: 5000,
  custom: 5000,
  summary: 30_000,
  embedding: 30_000,
  modelState: 30_000,
};

const CONFLATED: readonly KindName[] = ['presence', 'gauge'];

/** Compiles classes into the tables the planes index by kind. */
export function compilePolicy(version: number, classes: readonly TrafficClass[], tickMs: number): Policy {
  const classByKind = new Int8Array(KIND_COUNT).fill(-1);
  classes.forEach((trafficClass, index) => {
    for (const name of trafficClass.match) classByKind[Kind[name]] = index;
  });
  const ttlMsByKind = new Float64Array(KIND_COUNT).fill(Number.POSITIVE_INFINITY);
  for (const [name, ttlMs] of Object.entries(TTL_MS)) ttlMsByKind[Kind[name as KindName]] = ttlMs;
  const conflateByKind = new Uint8Array(KIND_COUNT);
  for (const name of CONFLATED) conflateByKind[Kind[name]] = 1;
  return Object.freeze({ version, classes, classByKind, ttlMsByKind, conflateByKind, tickMs });
}

/** The policy in force when operators have not brought one. */
export const DEFAULT_POLICY: Policy = compilePolicy(1, CLASSES, 100);

/** The class of a kind by name, or `UNCLASSIFIED`. */
export function classNameOf(policy: Policy, kind: number): string {
  return policy.classes[policy.classByKind[kind] ?? -1]?.name ?? UNCLASSIFIED;
}
