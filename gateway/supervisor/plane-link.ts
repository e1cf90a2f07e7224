/** What the supervisor and its planes say to each other over the process channel, and what a plane must offer. */
import type { LadderLoad } from '../../backpressure/ladder.ts';
import type { LeaseDemand, LeaseShares } from '../../classes/leased-shares.ts';
import type { Config } from '../config/config.ts';
import type { PolicySource } from '../config/policy-source.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import type { FrameQuestion, LiveAnswer } from './frame-question.ts';

export type PlaneName = 'control' | 'metadata';

/** Everything a plane needs to start. Sent once, first. */
export interface PlaneStart {
  readonly plane: PlaneName;
  readonly worker: number;
  readonly config: Config;
  /** The secret by which the control plane shows metadata workers that it is the control plane (gRPC bearer token). */
  readonly internalToken: string;
  /** The policy in force, checked already; each process compiles the same text. Absent: the default policy. */
  readonly policy?: PolicySource;
  /**
   * The part of tenants' and the gateway's limits that the plane may use until it is told more. Absent: it has them to
   * itself, and is asked for no demand.
   */
  readonly leaseShare?: number;
  /** The level of overload that the gateway is at. Absent: 0. */
  readonly ladderLevel?: number;
}

/** Whether a plane is alive and whether it may be sent traffic; `reasons` say why it is not ready. */
export interface Health {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** A running plane, as its process sees it. */
export interface Plane {
  snapshot(): PlaneSnapshot;
  health(): Health;
  /**
   * Goes by another policy from the next frame on, keeping what waits and what everybody has left. Throws one clear
   * error when it cannot, and then goes by the old one as before.
   */
  adopt(source: PolicySource): void;
  /** Of planes whose limits are shared with other workers. */
  readonly leases?: LeaseHolder | undefined;
  /** The policy on trial; absent where the plane tries none. */
  readonly shadow?: { take(source: PolicySource | null): void };
  /** What would happen to a frame now; absent where the plane decides about none. */
  explain?(question: FrameQuestion): LiveAnswer;
  /** Absent where the plane neither measures its load nor gives anything up. */
  readonly ladder?: LadderClimber;
  /** Refuses new sessions, tells the present ones to go, and resolves when they have or `drainMs` is over. */
  drain(): Promise<void>;
  /** Closes every listener and socket at once. For tests; processes just exit. */
  stop(): Promise<void>;
}

/** A plane's side of the ladder of overload. */
export interface LadderClimber {
  /** What it measured since this was asked last. */
  load(): LadderLoad;
  /** Gives up what the level says, from the next frame on. */
  climb(level: number): void;
}

/** A plane's side of the leases. */
export interface LeaseHolder {
  /** What asked for room since this was asked last. */
  demand(): LeaseDemand;
  /** Goes by other shares. */
  take(shares: LeaseShares): void;
}

/** `startControlPlane` and `startMetadataPlane` have this shape. Rejects with one clear line, e.g. for a taken port. */
export type StartPlane = (start: PlaneStart) => Promise<Plane>;

/** Supervisor → plane. */
export type PlaneOrder =
  | { readonly type: 'start'; readonly start: PlaneStart }
  | { readonly type: 'policy'; readonly source: PolicySource; readonly hash: string }
  | { readonly type: 'shadow'; readonly source: PolicySource | null }
  | { readonly type: 'question'; readonly id: number; readonly question: FrameQuestion }
  | { readonly type: 'shares'; readonly shares: LeaseShares }
  | { readonly type: 'ladder'; readonly level: number }
  | { readonly type: 'drain' };

/** Plane → supervisor. */
export type PlaneReport =
  | { readonly type: 'listening'; readonly ports: Readonly<Record<string, number>> }
  | { readonly type: 'failed'; readonly message: string }
  | {
      readonly type: 'snapshot';
      readonly snapshot: PlaneSnapshot;
      readonly health: Health;
      /** Of planes that share their limits. */
      readonly demand?: LeaseDemand;
    }
  | { readonly type: 'load'; readonly load: LadderLoad }
  | { readonly type: 'answer'; readonly id: number; readonly answer: LiveAnswer | null }
  /** How a policy order ended; `error` is null where it was adopted. */
  | { readonly type: 'policy'; readonly hash: string; readonly error: string | null }
  | { readonly type: 'drained' };
