/**
 * From a decoded control frame to its answer: one method per kind, one outcome per frame.
 *
 * Invariant: `dispatch` either returns the frame's outcome, or `AWAITED` after queueing it, and then it is settled
 * once when the answer is there.
 */
import { isMetadata, KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame, Subscription } from '../../schemas/proto.ts';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import { badField, checkSubscription } from './field-checks.ts';
import type { Joining } from './joining.ts';
import type { MediaSignals } from './media-signals.ts';
import { AWAITED, beginWait, type PlaneParts } from './plane-parts.ts';
import { Session } from './session.ts';
import type { SessionLife } from './session-life.ts';

const METADATA_KINDS = Object.values(Kind).filter((kind) => isMetadata(kind));

export class CallRequests {
  readonly #parts: PlaneParts;
  readonly #joining: Joining;
  readonly #media: MediaSignals;
  readonly #life: SessionLife;

  constructor(parts: PlaneParts, joining: Joining, media: MediaSignals, life: SessionLife) {
    this.#parts = parts;
    this.#joining = joining;
    this.#media = media;
    this.#life = life;
  }

  /** Answers a frame of a kind that clients send here, metadata and what belongs to it excepted. */
  dispatch(socket: EdgeSocket<Session>, frame: Frame, classIndex: number, nowMs: number): number {
    const session = socket.state;
    if (frame.ping) return this.#pong(session, frame.ping);
    if (frame.join) return this.#joining.join(socket, frame.join, classIndex, nowMs);
    if (frame.accessToken) return this.#renew(socket, frame.accessToken, classIndex);
    if (session.phase !== 'joined') {
      return this.#parts.replies.refuse(session, idOf(frame), {
        code: 409,
        reason: 'not_joined',
        message: `${KIND_NAMES[frame.kind ?? 0]}: expected a join, and its answer, before it`,
      });
    }
    if (frame.candidate) return this.#media.candidate(session, frame.candidate);
    if (frame.offer) return this.#media.offer(session, frame.offer, classIndex);
    if (frame.answer) return this.#media.answer(session, frame.answer, classIndex);
    if (frame.mute) return this.#media.mute(session, frame.mute, classIndex);
    if (frame.subscribe) return this.#subscribe(session, frame.subscribe, true);
    if (frame.unsubscribe) return this.#subscribe(session, frame.unsubscribe, false);
    if (frame.stats) {
      session.stats = frame.stats;
      return Outcome.delivered;
    }
    if (frame.leave) return this.#leave(socket, frame.leave.id ?? 0);
    return this.#parts.replies.refuse(session, idOf(frame), {
      code: 501,
      reason: 'unsupported',
      message: `${KIND_NAMES[frame.kind ?? 0]}: this gateway does not offer it`,
    });
  }

  #pong(session: Session, { id, sentMs }: NonNullable<Frame['ping']>): number {
    const sent = this.#parts.replies.send(session, { kind: Kind.pong, pong: { id: id ?? 0, sentMs: sentMs ?? 0 } });
    return sent ? Outcome.delivered : Outcome.undeliverable;
  }

  #renew(socket: EdgeSocket<Session>, { id, jwt }: NonNullable<Frame['accessToken']>, classIndex: number): number {
    const { replies, counters } = this.#parts;
    if (!jwt) return replies.refuse(socket.state, id ?? 0, badField('jwt', 'an access token'));
    beginWait(counters, classIndex);
    void socket.renew(jwt).then((fault) => {
      const session = socket.state;
      if (fault === null && socket.open) {
        session.principal = socket.principal;
        this.#life.inform(session);
      }
      const outcome =
        fault === null
          ? replies.ok(session, id ?? 0)
          : replies.refuse(session, id ?? 0, { code: 401, reason: 'unauthorised', message: fault });
      counters.settleQueued(classIndex, outcome);
    });
    return AWAITED;
  }

  /** A subscription says what is wanted from now on; unsubscribing takes away from it. */
  #subscribe(session: Session, wanted: Subscription, more: boolean): number {
    const { replies } = this.#parts;
    const id = wanted.id ?? 0;
    const refusal = checkSubscription(wanted);
    if (refusal) return replies.refuse(session, id, refusal);
    if (!session.principal.canSubscribe) {
      return replies.refuse(session, id, {
        code: 403,
        reason: 'no_right',
        message: 'the access token does not grant canSubscribe',
      });
    }
    session.subscription = more ? { ...wanted, id: 0 } : without(session.subscription, wanted);
    this.#life.inform(session);
    return replies.ok(session, id);
  }

  #leave(socket: EdgeSocket<Session>, id: number): number {
    const session = socket.state;
    const outcome = this.#parts.replies.ok(session, id);
    this.#life.end(session, 'the client left');
    session.socket = null;
    // The socket may join again, as another session: `joined` says which.
    const next = new Session(socket.principal);
    next.socket = socket;
    socket.state = next;
    return outcome;
  }
}

/** The ID of a request, null where its kind has none. */
export function idOf(frame: Frame): number | null {
  const payload = frame[KIND_NAMES[frame.kind ?? 0] as 'leave'];
  return frame.stats || !payload ? null : (payload.id ?? 0);
}

/** A subscription less what is no longer wanted; an `unsubscribe` that names no kinds ends it all. */
function without(present: Subscription | null, unwanted: Subscription): Subscription {
  const kinds = present?.kinds?.length ? present.kinds : METADATA_KINDS;
  const gone = unwanted.kinds?.length ? unwanted.kinds : METADATA_KINDS;
  const rest = kinds.filter((kind) => !gone.includes(kind));
  // An empty list would mean every kind.
  return { ...present, kinds: rest.length > 0 ? rest : [Kind.none] };
}
