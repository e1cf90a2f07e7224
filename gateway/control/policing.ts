/**
 * What one socket may send on the signalling port, decided before anything is decoded: a GCRA bucket per lane, a
 * limited number of notices, and a ceiling above which the socket is cut.
 *
 *     admit ──no──► refuse ─► quiet: counted only      (most of a flood ends here)
 *                          ├► tell:  at most one notice per NOTICE_MS and lane
 *                          └► cut:   more than the lane's ceiling refused within a second
 *
 * Invariants: nothing is allocated except when the table grows; a socket's rows are reset when it opens.
 */
import {
  type Bucket,
  type BucketLimit,
  bucketOf,
  gcraAllows,
  gcraCommit,
  gcraRetryAfterMs,
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
  readonly limit: BucketLimit;
  readonly ceiling: number;
}

/** Limits in the order of `PolicedLane`. */
export type LaneLimits = readonly [LaneLimit, LaneLimit, LaneLimit, LaneLimit];

export class Policing {
  #buckets: readonly Bucket[];
  #ceilings: readonly number[];
  #tats: readonly Float64Array[];
  #windowEndMs: readonly Float64Array[];
  #noticeAtMs: readonly Float64Array[];
  #refused: readonly Uint32Array[];
  #untold: readonly Uint32Array[];

  constructor(lanes: LaneLimits, sockets = 1024) {
    this.#buckets = lanes.map(({ limit }) => bucketOf(limit));
    this.#ceilings = lanes.map(({ ceiling }) => ceiling);
    this.#tats = rows(() => new Float64Array(sockets));
    this.#windowEndMs = rows(() => new Float64Array(sockets));
    this.#noticeAtMs = rows(() => new Float64Array(sockets));
    this.#refused = rows(() => new Uint32Array(sockets));
    this.#untold = rows(() => new Uint32Array(sockets));
  }

  /** Other limits hold from now on; what a socket has used up stays used up. */
  adopt(lanes: LaneLimits): void {
    this.#buckets = lanes.map(({ limit }) => bucketOf(limit));
    this.#ceilings = lanes.map(({ ceiling }) => ceiling);
  }

  /** A socket has opened: it begins with full buckets. */
  open(socket: number): void {
    if (socket >= this.#tats[0]!.length) this.#grow(socket + 1);
    for (let lane = 0; lane < LANES; lane++) {
      this.#tats[lane]![socket] = 0;
      this.#windowEndMs[lane]![socket] = 0;
      this.#noticeAtMs[lane]![socket] = 0;
      this.#refused[lane]![socket] = 0;
      this.#untold[lane]![socket] = 0;
    }
  }

  /** Whether one more frame may pass; if so it is charged. */
  admit(socket: number, lane: PolicedLane, nowMs: number): boolean {
    const tats = this.#tats[lane]!;
    const bucket = this.#buckets[lane]!;
    if (!gcraAllows(tats, socket, bucket, 1, nowMs)) return false;
    gcraCommit(tats, socket, bucket, 1, nowMs);
    return true;
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

  /** When the next frame would pass, ms from `nowMs`, at least 1. */
  retryAfterMs(socket: number, lane: PolicedLane, nowMs: number): number {
    return Math.max(1, Math.ceil(gcraRetryAfterMs(this.#tats[lane]!, socket, this.#buckets[lane]!, 1, nowMs)));
  }

  #grow(atLeast: number): void {
    const length = Math.max(atLeast, this.#tats[0]!.length * 2);
    this.#tats = this.#tats.map((row) => grownFloats(row, length));
    this.#windowEndMs = this.#windowEndMs.map((row) => grownFloats(row, length));
    this.#noticeAtMs = this.#noticeAtMs.map((row) => grownFloats(row, length));
    this.#refused = this.#refused.map((row) => grownIntegers(row, length));
    this.#untold = this.#untold.map((row) => grownIntegers(row, length));
  }
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
