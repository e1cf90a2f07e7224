/**
 * The metadata socket's own conversation: attach, ack, subscribe, unsubscribe, ping, accessToken. Everything else a
 * client sends there is metadata, or wrong.
 */
import { CloseCode } from '../../../schemas/close-codes.ts';
import { KIND_NAMES, Kind } from '../../../schemas/kinds.ts';
import type { Frame } from '../../../schemas/proto.ts';
import type { Moment } from '../rooms/room-frame.ts';
import type { Audience } from './audience.ts';
import type { MetadataSession } from './metadata-session.ts';
import { type KnownSession, mayAttach, type SessionDirectory } from './session-directory.ts';

export class Conversation {
  readonly #audience: Audience;
  readonly #directory: SessionDirectory;

  constructor(audience: Audience, directory: SessionDirectory) {
    this.#audience = audience;
    this.#directory = directory;
  }

  /** Answers one frame of a client that is not metadata. */
  converse(session: MetadataSession, frame: Frame, { nowMs }: Moment): void {
    switch (frame.kind) {
      case Kind.ack:
        return this.#audience.acked(session, frame.ack?.upTo ?? 0, nowMs);
      case Kind.ping:
        return session.outlet.tell({
          kind: Kind.pong,
          pong: { id: frame.ping?.id ?? 0, sentMs: frame.ping?.sentMs ?? 0 },
        });
      case Kind.attach:
        return this.#attach(session, frame, nowMs);
      case Kind.subscribe:
        this.#audience.subscribe(session, frame.subscribe ?? null, nowMs);
        return session.outlet.tell({ kind: Kind.ok, ok: { id: frame.subscribe?.id ?? 0 } });
      case Kind.unsubscribe:
        this.#audience.unsubscribe(session, frame.unsubscribe ?? {}, nowMs);
        return session.outlet.tell({ kind: Kind.ok, ok: { id: frame.unsubscribe?.id ?? 0 } });
      case Kind.accessToken:
        return this.#renew(session, frame.accessToken?.id ?? 0, frame.accessToken?.jwt ?? '');
      default: {
        const message = `${KIND_NAMES[frame.kind ?? 0]} frames are not sent on /v1/metadata`;
        session.outlet.tell({ kind: Kind.error, error: { code: 400, reason: 'badFrame', message } });
        session.outlet.disconnect(CloseCode.badFrame);
      }
    }
  }

  #attach(session: MetadataSession, frame: Frame, nowMs: number): void {
    const { session: id = '', resumeToken = '', lastNumber = 0 } = frame.attach ?? {};
    const attempt = (atMs: number): boolean => {
      if (session.closed) return true;
      const known = this.#directory.get(id ?? '');
      if (known === undefined) return false;
      this.#attachTo(session, known, id ?? '', resumeToken ?? '', lastNumber ?? 0, atMs);
      return true;
    };
    const giveUp = (atMs: number): void => {
      this.#audience.join(session, atMs);
      this.#refuse(session, 'unknown_session', 'no such signalling session in this room: join on /v1/signal first');
    };
    if (!attempt(nowMs) && !this.#directory.waitFor(nowMs, attempt, giveUp)) giveUp(nowMs);
  }

  #attachTo(
    session: MetadataSession,
    known: KnownSession,
    id: string,
    resumeToken: string,
    lastNumber: number,
    nowMs: number,
  ): void {
    if (!mayAttach(session, known.update, resumeToken)) {
      this.#audience.join(session, nowMs);
      return this.#refuse(session, 'wrong_session', 'the session, its resume token or its room is not this socket’s');
    }
    session.mustResume = false;
    const older = known.attached;
    if (older !== null && older !== session) {
      this.#audience.leave(older, true, nowMs);
      older.outlet.disconnect(CloseCode.replaced);
    }
    if (known.mixed !== null) this.#audience.leave(known.mixed, false, nowMs);
    const former = session.sessionId === id ? undefined : this.#directory.get(session.sessionId);
    if (former?.attached === session) former.attached = null;
    known.attached = session;
    session.sessionId = id;
    session.captionDelta = known.update.captionDelta === true;
    if (lastNumber > 0) this.#audience.resume(session, lastNumber, nowMs);
    else this.#audience.join(session, nowMs);
    if (known.update.subscription) this.#audience.subscribe(session, known.update.subscription, nowMs);
  }

  #renew(session: MetadataSession, id: number, jwt: string): void {
    session.outlet.renew(jwt).then((fault) => {
      if (fault === null) session.outlet.tell({ kind: Kind.ok, ok: { id } });
      else this.#refuse(session, 'bad_token', fault, 401, id);
    });
  }

  #refuse(session: MetadataSession, reason: string, message: string, code = 403, id?: number): void {
    const error = { code, reason, message, ...(id === undefined ? {} : { id }) };
    session.outlet.tell({ kind: Kind.error, error });
  }
}
