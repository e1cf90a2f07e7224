/**
 * What one socket may send on the signalling port, decided before anything is decoded: the buckets of its session, user,
 * tenant and gateway for signalling, a bucket each for metadata and acknowledgements, a limited number of notices, and a
 * ceiling above which the socket is cut.
 *
 *     admit ──no──► refuse ─► quiet: counted only      (most of a flood ends here)
 *                          ├► tell:  at most one notice per NOTICE_MS and lane
 *                          └► cut:   more than the lane's ceiling refused within a second
 *
 * Around the session, only what opens a dialog (a join) is ever refused: what belongs to one that is open is counted
 * there, and never refused.
 *
 * Invariants: nothing is allocated except when the table grows; a socket's rows are reset when it opens.
 */
import { AdmissionHierarchy, Decision } from '../../classes/admission-hierarchy.ts';
import type { AdmissionPolicy } from '../../classes/admission-levels.ts';
import {
  type Bucket,
  type BucketLimit,
  bucketOf,
  gcraAllows,
  gcraCommit,
  gcraRetryAfterMs,
  toldWaitMs,
} from '../../classes/gcra.ts';

/** Lanes that are policed apart from each other. */
export const PolicedLane = { setup: 0, control: 1, metadata: 2, ack: 3 } as const;
export type PolicedLane = (typeof PolicedLane)[keyof typeof PolicedLane];
const LANES = 4;

/** What to do with a refused frame beside counting it. */
export const RefusedFrame = { quiet: 0, tell: 1, cut: 2 } as const;
export type RefusedFrame = (typeof RefusedFrame)[keyof typeof RefusedFrame];

/** Time between two notices to one socket about one lane, ms. */
export const NOTICE_MS = 500;
const WINDOW_MS = 1000;

/** One lane's limit, and how many refusals within a second end the socket. */
export interface LaneLimit {
  /** Null for signalling, which goes by the policy. */
  readonly limit: BucketLimit | null;
  readonly ceiling: number;
}

/** Limits in the order of `PolicedLane`. */
export type LaneLimits = readonly [LaneLimit, LaneLimit, LaneLimit, LaneLimit];

/** Users, tenants and what they used up are looked through this often. */
const SWEEP_MS = 1000;

export class Policing {
  readonly #admission: AdmissionHierarchy;
  /** By socket: its flow in the hierarchy; -1 while it is closed. */
  #flows: Int32Array;
  #sweptMs = 0;
  #buckets: readonly (Bucket | null)[];
  #ceilings: readonly number[];
  #tats: readonly Float64Array[];
  #windowEndMs: readonly Float64Array[];
  #noticeAtMs: readonly Float64Array[];
  #refused: readonly Uint32Array[];
  #untold: readonly Uint32Array[];

  constructor(policy: AdmissionPolicy, lanes: LaneLimits, sockets = 1024) {
    this.#admission = new AdmissionHierarchy(policy, 'control');
    this.#flows = new Int32Array(sockets).fill(-1);
    this.#buckets = bucketsOf(lanes);
    this.#ceilings = lanes.map(({ ceiling }) => ceiling);
    this.#tats = rows(() => new Float64Array(sockets));
    this.#windowEndMs = rows(() => new Float64Array(sockets));
    this.#noticeAtMs = rows(() => new Float64Array(sockets));
    this.#refused = rows(() => new Uint32Array(sockets));
    this.#untold = rows(() => new Uint32Array(sockets));
  }

  /** Other limits hold from now on; what a socket has used up stays used up. */
  adopt(policy: AdmissionPolicy, lanes: LaneLimits, nowMs: number): void {
    this.#admission.adopt(policy, nowMs);
    this.#buckets = bucketsOf(lanes);
    this.#ceilings = lanes.map(({ ceiling }) => ceiling);
  }

  /** A socket of a user has opened: it begins with full buckets, and in what state its user and tenant are. */
  open(socket: number, { tenant, identity }: { readonly tenant: string; readonly identity: string }): void {
    if (socket >= this.#flows.length) this.#grow(socket + 1);
    this.#flows[socket] = this.#admission.open({ tenant, identity, room: null });
    for (let lane = 0; lane < LANES; lane++) {
      this.#tats[lane]![socket] = 0;
      this.#windowEndMs[lane]![socket] = 0;
      this.#noticeAtMs[lane]![socket] = 0;
      this.#refused[lane]![socket] = 0;
      this.#untold[lane]![socket] = 0;
    }
  }

  /** A socket has closed. */
  close(socket: number, nowMs: number): void {
    const flow = this.#flows[socket] ?? -1;
    if (flow < 0) return;
    this.#flows[socket] = -1;
    this.#admission.close(flow, nowMs);
  }

  /** Forgets users and tenants that are gone, at most once a second. */
  sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = nowMs;
    this.#admission.sweep(nowMs);
  }

  /** Whether one more frame of metadata or acknowledgements may pass; if so it is charged. */
  admit(socket: number, lane: typeof PolicedLane.metadata | typeof PolicedLane.ack, nowMs: number): boolean {
    const tats = this.#tats[lane]!;
    const bucket = this.#buckets[lane]!;
    if (!gcraAllows(tats, socket, bucket, 1, nowMs)) return false;
    gcraCommit(tats, socket, bucket, 1, nowMs);
    return true;
  }

  /**
   * Decides one signalling frame and charges it. Who asks for a dialog and is refused by his user, tenant or gateway has
   * used up one of his session's frames all the same: an answer is not free.
   */
  admitSignal(socket: number, classIndex: number, opensDialog: boolean, nowMs: number): Decision {
    const flow = this.#flows[socket]!;
    const session = this.#admission.sessionOf(flow);
    if (!opensDialog) {
      const decision = this.#admission.admitSession(session, classIndex, false, nowMs);
      if (decision === Decision.admitted) this.#admission.chargeAround(flow, classIndex, nowMs);
      return decision;
    }
    const look = this.#admission.look(session, classIndex, false, nowMs);
    if (look !== Decision.admitted) return look;
    const decision = this.#admission.admit(flow, classIndex, false, nowMs);
    if (decision !== Decision.admitted) this.#admission.admitSession(session, classIndex, false, nowMs);
    return decision;
  }

  /** Notes a refused frame and says what is to be done. */
  refuse(socket: number, lane: PolicedLane, nowMs: number): RefusedFrame {
    const refused = this.#refused[lane]!;
    if (nowMs >= this.#windowEndMs[lane]![socket]!) {
      this.#windowEndMs[lane]![socket] = nowMs + WINDOW_MS;
      refused[socket] = 0;
    }
    this.#untold[lane]![socket]! += 1;
    refused[socket]! += 1;
    if (refused[socket]! > this.#ceilings[lane]!) return RefusedFrame.cut;
    if (nowMs < this.#noticeAtMs[lane]![socket]!) return RefusedFrame.quiet;
    this.#noticeAtMs[lane]![socket] = nowMs + NOTICE_MS;
    return RefusedFrame.tell;
  }

  /** Frames refused since the last time this was asked. */
  takeUntold(socket: number, lane: PolicedLane): number {
    const untold = this.#untold[lane]![socket]!;
    this.#untold[lane]![socket] = 0;
    return untold;
  }

  /** When the next frame of a lane would pass, ms from `nowMs`, at least 1. `classIndex`: of a signalling frame. */
  retryAfterMs(socket: number, lane: PolicedLane, classIndex: number, nowMs: number): number {
    const bucket = this.#buckets[lane] ?? null;
    const waitMs =
      bucket === null
        ? this.#admission.retryAfterMs(this.#flows[socket]!, classIndex, false, nowMs)
        : gcraRetryAfterMs(this.#tats[lane]!, socket, bucket, 1, nowMs);
    return Math.max(1, toldWaitMs(waitMs));
  }

  #grow(atLeast: number): void {
    const length = Math.max(atLeast, this.#flows.length * 2);
    const flows = new Int32Array(length).fill(-1);
    flows.set(this.#flows);
    this.#flows = flows;
    this.#tats = this.#tats.map((row) => grownFloats(row, length));
    this.#windowEndMs = this.#windowEndMs.map((row) => grownFloats(row, length));
    this.#noticeAtMs = this.#noticeAtMs.map((row) => grownFloats(row, length));
    this.#refused = this.#refused.map((row) => grownIntegers(row, length));
    this.#untold = this.#untold.map((row) => grownIntegers(row, length));
  }
}

function bucketsOf(lanes: LaneLimits): (Bucket | null)[] {
  return lanes.map(({ limit }) => (limit === null ? null : bucketOf(limit)));
}

function rows<T>(row: () => T): T[] {
  return Array.from({ length: LANES }, row);
}

function grownFloats(row: Float64Array, length: number): Float64Array {
  const grown = new Float64Array(length);
  grown.set(row);
  return grown;
}

function grownIntegers(row: Uint32Array, length: number): Uint32Array {
  const grown = new Uint32Array(length);
  grown.set(row);
  return grown;
}
