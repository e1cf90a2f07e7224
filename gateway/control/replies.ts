/**
 * Everything the control plane says to a client goes through here: replies, and reliable events with their numbers.
 *
 * Invariants: each refusal ends its frame in the one outcome that belongs to its code; a message the socket lost ends
 * that socket, so that the session can resume by number.
 */

import type { Policy } from '../../classes/policy.ts';
import { CloseCode } from '../../schemas/close-codes.ts';
import { encodeFrame } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import { type EdgeSocket, SendOutcome } from '../edge/edge-socket.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { Outbox } from './outbox.ts';
import type { Session } from './session.ts';

/** Why a request is refused. `code` reads as HTTP's. */
export interface Refusal {
  readonly code: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 501 | 503 | 504;
  /** One word a program can switch on. */
  readonly reason: string;
  /** A sentence for a person. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The outcome of a frame refused with a code. */
export function outcomeOf(code: Refusal['code']): number {
  switch (code) {
    case 400:
    case 413:
      return Outcome.malformed;
    case 401:
    case 403:
      return Outcome.unauthorised;
    case 404:
    case 409:
      return Outcome.undeliverable;
    case 429:
      return Outcome.rejected_session;
    default:
      return Outcome.failed;
  }
}

export class Replies {
  readonly #counters: PlaneCounters;
  readonly #policy: Policy;

  constructor(counters: PlaneCounters, policy: Policy) {
    this.#counters = counters;
    this.#policy = policy;
  }

  /** Sends a frame to whoever is connected. False when it could not be handed to the socket. */
  send(session: Session, frame: Frame): boolean {
    const { socket } = session;
    return socket !== null && this.sendTo(socket, frame);
  }

  /** Sends a frame on a socket, whatever session it bears. */
  sendTo(socket: EdgeSocket<Session>, frame: Frame): boolean {
    if (!socket.open) return false;
    const message = encodeFrame(frame, socket.json);
    this.#counters.writes++;
    this.#counters.bytesOut[this.#counters.row(this.#policy.classByKind[frame.kind ?? 0] ?? -1)]! += message.length;
    if (socket.send(message) !== SendOutcome.lost) return true;
    socket.disconnect(CloseCode.slowConsumer, 'a message was lost; resume the session');
    return false;
  }

  /** Numbers an event, keeps it for a resume, and sends it if someone is connected. */
  event(session: Session, frame: Frame): void {
    session.outbox ??= new Outbox();
    const seq = session.outbox.add(frame);
    this.send(session, { ...frame, seq });
  }

  /** Answers a request well; the outcome to settle it with. */
  ok(session: Session, id: number): number {
    return this.send(session, { kind: Kind.ok, ok: { id } }) ? Outcome.delivered : Outcome.undeliverable;
  }

  /** Refuses a request; the outcome to settle it with. Without `id` the client cannot know which request it was. */
  refuse(session: Session, id: number | null, refusal: Refusal): number {
    if (session.socket) this.refuseOn(session.socket, id, refusal);
    return outcomeOf(refusal.code);
  }

  /** The same on a socket, whatever session it bears. */
  refuseOn(socket: EdgeSocket<Session>, id: number | null, refusal: Refusal): void {
    this.sendTo(socket, { kind: Kind.error, error: id === null ? refusal : { ...refusal, id } });
  }
}
