/**
 * How a joined session goes: away when its socket drops without a word, ended at once when it is meant, or when nobody
 * came back in time. The others in the room are told of each step.
 *
 * Invariants: a session ends once, and then neither its room, its node nor its metadata worker knows it any more;
 * hidden participants are announced to nobody; sessions go away and end in the same order, as all wait equally long.
 */
import { CloseCode } from '../../schemas/close-codes.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { NodeSessions } from './node-sessions.ts';
import type { PlaneParts } from './plane-parts.ts';
import type { Session } from './session.ts';
import type { SetupTimes } from './setup-times.ts';

/** After these the client will not resume: 1005 is a close without a code, as browsers send by default. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  1000,
  1001,
  1005,
  CloseCode.badFrame,
  CloseCode.unauthorised,
  CloseCode.kindMismatch,
  CloseCode.replaced,
  CloseCode.sessionEnded,
  CloseCode.tooLarge,
  CloseCode.overBudget,
  CloseCode.draining,
]);

export const ParticipantState = { joined: 0, away: 1, left: 2 } as const;
export type ParticipantState = (typeof ParticipantState)[keyof typeof ParticipantState];

export class SessionLife {
  readonly #parts: PlaneParts;
  readonly #nodes: NodeSessions;
  /** Counts set-ups that ended with the join. */
  readonly #times: Pick<SetupTimes, 'joinedOnly'>;
  readonly #away = new Set<Session>();

  constructor(parts: PlaneParts, nodes: NodeSessions, times: Pick<SetupTimes, 'joinedOnly'>) {
    this.#parts = parts;
    this.#nodes = nodes;
    this.#times = times;
  }

  /** The session's socket has closed with `code`. */
  closed(session: Session, code: number, nowMs: number): void {
    session.socket = null;
    session.waiting = null;
    session.waitingBytes = 0;
    if (session.phase !== 'joined') session.phase = 'ended';
    else if (FINAL_CODES.has(code)) this.end(session, `closed with ${code}`);
    else {
      session.phase = 'away';
      session.awayUntilMs = nowMs + this.#parts.config.resumeMs;
      this.#away.add(session);
      this.announce(session, ParticipantState.away);
    }
  }

  /** The client came back. */
  returned(session: Session): void {
    this.#away.delete(session);
    if (session.phase !== 'away') return;
    session.phase = 'joined';
    this.announce(session, ParticipantState.joined);
  }

  /** Ends a session that has joined. Its socket, if any, is left as it is. */
  end(session: Session, reason: string): void {
    const { room } = session;
    if (session.phase === 'ended' || !room) return;
    this.#away.delete(session);
    session.phase = 'ended';
    session.room = null;
    this.#parts.sessions.delete(session.id);
    if (session.setupSinceMs > 0) this.#times.joinedOnly(session.principal.tenant, session.joinMs);
    this.#nodes.close(session, room, reason);
    this.#parts.forwarder.update(room.worker, { session: session.id, ended: true });
    if (room.sessions.get(session.principal.identity) === session) {
      room.sessions.delete(session.principal.identity);
      this.#announceIn(room.sessions.values(), session, ParticipantState.left);
    }
    this.#parts.rooms.release(room);
  }

  /** Ends the sessions that nobody came back to in time. */
  sweep(nowMs: number): void {
    for (const session of this.#away) {
      if (session.awayUntilMs > nowMs) return;
      this.end(session, 'did not come back in time');
    }
  }

  /** Tells the room's worker what it has to know of the session. */
  inform(session: Session): void {
    const { room, principal, mixed, captionDelta, resumeToken, subscription } = session;
    if (!room) return;
    this.#parts.forwarder.update(room.worker, {
      session: session.id,
      tenant: room.tenant,
      room: room.name,
      identity: principal.identity,
      rights: session.rights,
      agent: principal.kind === 'agent',
      ...(principal.classes !== null && { bound: true, classes: [...principal.classes] }),
      resumeToken,
      mixed,
      captionDelta,
      json: session.socket?.json ?? false,
      subscription,
    });
  }

  /** Tells the others in the room. */
  announce(session: Session, state: ParticipantState): void {
    if (session.room) this.#announceIn(session.room.sessions.values(), session, state);
  }

  #announceIn(others: Iterable<Session>, session: Session, state: ParticipantState): void {
    if (session.principal.hidden) return;
    const frame: Frame = { kind: Kind.participant, participant: participantOf(session, state) };
    for (const other of others) {
      if (other !== session) this.#parts.replies.event(other, frame);
    }
  }
}

/** What others are told of a session. */
export function participantOf(session: Session, state: ParticipantState): NonNullable<Frame['participant']> {
  const { principal, name } = session;
  return { identity: principal.identity, state, name, kind: principal.kind };
}
