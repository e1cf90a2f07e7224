/**
 * Call set-up before everything else, within a turn of the event loop and under backlog.
 *
 *     received ─► band 0 (call-setup)   ─► at once, up to DIRECT frames a turn ─┐
 *              └► band 1 (call-control) ─► at once, while few came this turn    ─┴► dispatch
 *                                        else queued, and dispatched after the turn in slices of 1 ms, band 0 first
 *
 * Invariants: frames of one socket and band keep their order; every frame taken over is dispatched exactly once; a
 * slice lasts about `SLICE_MS`, then the loop gets to read again.
 */
import { setImmediate } from 'node:timers';
import { copyBytes } from '../../schemas/copy-bytes.ts';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import type { Session } from './session.ts';

const SLICE_MS = 1;
/** Frames a band may have dispatched at once in one turn. */
const DIRECT_FRAMES: readonly [number, number] = [256, 16];
/** The clock is read every so many frames. */
const CLOCK_FRAMES = 8;
/** A queue is cut down to what waits after so many frames. */
const COMPACT_FRAMES = 1024;

export type DispatchFrame = (
  socket: EdgeSocket<Session>,
  kind: number,
  classIndex: number,
  bytes: Uint8Array,
  receivedMs: number,
  queued: boolean,
) => void;

interface QueuedFrame {
  readonly socket: EdgeSocket<Session>;
  readonly kind: number;
  readonly classIndex: number;
  readonly bytes: Uint8Array;
  readonly receivedMs: number;
}

export class TurnBands {
  readonly #dispatch: DispatchFrame;
  readonly #queues: [QueuedFrame[], QueuedFrame[]] = [[], []];
  readonly #heads: [number, number] = [0, 0];
  readonly #direct: [number, number] = [0, 0];
  #awake = false;
  readonly #afterTurn = (): void => this.#slice();

  constructor(dispatch: DispatchFrame) {
    this.#dispatch = dispatch;
  }

  /** Frames that wait. */
  get queued(): number {
    return this.#queues[0].length - this.#heads[0] + this.#queues[1].length - this.#heads[1];
  }

  /** How long the first waiting frame of each band has waited at `nowMs`, the longer of the two, ms. */
  headWaitMs(nowMs: number): number {
    let since = nowMs;
    for (const band of [0, 1] as const) {
      const frame = this.#queues[band][this.#heads[band]];
      if (frame) since = Math.min(since, frame.receivedMs);
    }
    return nowMs - since;
  }

  /**
   * Takes an admitted frame. True: it has been dispatched; false: a copy waits, and will be dispatched as `queued`.
   * `bytes` need only be valid during the call; `classIndex` and `receivedMs` (monotonic) are passed on: a frame that
   * waits keeps its class, whatever policy comes meanwhile.
   */
  take(
    band: 0 | 1,
    socket: EdgeSocket<Session>,
    kind: number,
    classIndex: number,
    bytes: Uint8Array,
    receivedMs: number,
  ): boolean {
    if (!this.#awake) {
      this.#awake = true;
      setImmediate(this.#afterTurn);
    }
    const empty = this.#queues[band].length === 0 && (band === 0 || this.#queues[0].length === 0);
    if (empty && this.#direct[band] < DIRECT_FRAMES[band]) {
      this.#direct[band]++;
      this.#dispatch(socket, kind, classIndex, bytes, receivedMs, false);
      return true;
    }
    this.#queues[band].push({ socket, kind, classIndex, bytes: copyBytes(bytes), receivedMs });
    return false;
  }

  #slice(): void {
    this.#direct[0] = 0;
    this.#direct[1] = 0;
    if (this.queued === 0) {
      this.#awake = false;
      return;
    }
    const endMs = performance.now() + SLICE_MS;
    for (let count = 1; ; count++) {
      const band = this.#heads[0] < this.#queues[0].length ? 0 : 1;
      const queue = this.#queues[band];
      const frame = queue[this.#heads[band]++];
      if (!frame) break;
      this.#dispatch(frame.socket, frame.kind, frame.classIndex, frame.bytes, frame.receivedMs, true);
      if (this.#heads[band] === queue.length || this.#heads[band] >= COMPACT_FRAMES) {
        queue.splice(0, this.#heads[band]);
        this.#heads[band] = 0;
      }
      if (this.queued === 0 || (count % CLOCK_FRAMES === 0 && performance.now() >= endMs)) break;
    }
    setImmediate(this.#afterTurn);
  }
}
