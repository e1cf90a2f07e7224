/**
 * What a client is told of signalling frames that were refused: at most one answer and one `throttled` in a while, unless it
 * asked for a dialog; and the end of those who go on regardless.
 *
 * Invariant: the frames have been counted and settled before.
 */
import { Decision } from '../../classes/admission-hierarchy.ts';
import { UNCLASSIFIED } from '../../classes/policy.ts';
import { CloseCode } from '../../schemas/close-codes.ts';
import { decodeFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import { idOf } from './call-requests.ts';
import type { PlaneParts } from './plane-parts.ts';
import { PolicedLane, type Policing, RefusedFrame } from './policing.ts';
import type { Session } from './session.ts';

type Socket = EdgeSocket<Session>;

/** What a client is told to wait whose join was too much. */
const BUSY_RETRY_MS = 1000;
const OVER_RATE = 'more than this session may send';
const USE_METADATA = 'publish metadata on /v1/metadata: this socket takes little of it';
/** By who refuses a dialog. */
const NO_DIALOG: Readonly<Partial<Record<Decision, string>>> = {
  [Decision.user]: 'this user opens more calls than it may',
  [Decision.tenant]: 'this tenant opens more calls than it may',
  [Decision.gateway]: 'the gateway takes no more calls at the moment',
};

export class SignalRefusals {
  readonly #parts: PlaneParts;
  readonly #policing: Policing;

  constructor(parts: PlaneParts, policing: Policing) {
    this.#parts = parts;
    this.#policing = policing;
  }

  /** A frame over the rate of its session: says so at times, or ends a flood. False: the socket has been cut. */
  overRate(
    socket: Socket,
    lane: PolicedLane,
    kind: number,
    classIndex: number,
    bytes: Uint8Array | null,
    nowMs: number,
  ): boolean {
    const verdict = this.#policing.refuse(socket.index, lane, nowMs);
    if (verdict === RefusedFrame.quiet) return true;
    if (verdict === RefusedFrame.cut) {
      this.#throttled(socket, lane, classIndex, nowMs);
      socket.cut(CloseCode.overBudget, this.#parts.config.limits.penaltyMs);
      return false;
    }
    if (kind === Kind.ping || kind === Kind.ack) return true;
    if (bytes) this.#answer(socket, lane, classIndex, bytes, OVER_RATE, nowMs);
    this.#throttled(socket, lane, classIndex, nowMs);
    return true;
  }

  /** A dialog that user, tenant or gateway have no room for: every one is answered, as the session has paid for it. */
  noDialog(
    socket: Socket,
    lane: PolicedLane,
    classIndex: number,
    decision: Decision,
    bytes: Uint8Array,
    nowMs: number,
  ): void {
    this.#answer(socket, lane, classIndex, bytes, NO_DIALOG[decision] ?? OVER_RATE, nowMs);
  }

  /**
   * A join while the process cannot keep up: says so, and is false for one that goes on with a session it had, or that is
   * broken: those are not refused.
   */
  busy(socket: Socket, bytes: Uint8Array): boolean {
    const frame = decodeFrame(bytes, socket.json);
    const id = isFrameError(frame) ? null : idOf(frame);
    if (isFrameError(frame) || id === null || this.#parts.sessions.has(frame.join?.resume?.session ?? '')) return false;
    const message = 'the gateway has more calls to set up than it can at the moment';
    const retryAfterMs = BUSY_RETRY_MS;
    this.#parts.replies.refuseOn(socket, id, { code: 503, reason: 'overloaded', message, retryAfterMs });
    return true;
  }

  /** Answers a refused request; its ID costs a decode. */
  #answer(
    socket: Socket,
    lane: PolicedLane,
    classIndex: number,
    bytes: Uint8Array,
    message: string,
    nowMs: number,
  ): void {
    const frame = decodeFrame(bytes, socket.json);
    if (isFrameError(frame)) return;
    const id = idOf(frame);
    if (id === null) return;
    const retryAfterMs = this.#policing.retryAfterMs(socket.index, lane, classIndex, nowMs);
    this.#parts.replies.refuseOn(socket, id, { code: 429, reason: 'over_rate', message, retryAfterMs });
  }

  #throttled(socket: Socket, lane: PolicedLane, classIndex: number, nowMs: number): void {
    this.#parts.replies.sendTo(socket, {
      kind: Kind.throttled,
      throttled: {
        class: this.#parts.policy.classes[classIndex]?.name ?? UNCLASSIFIED,
        dropped: this.#policing.takeUntold(socket.index, lane),
        retryAfterMs: this.#policing.retryAfterMs(socket.index, lane, classIndex, nowMs),
        message: lane === PolicedLane.metadata ? USE_METADATA : OVER_RATE,
      },
    });
  }
}
