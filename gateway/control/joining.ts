/**
 * The way into a room: a full join, or taking an older session over.
 *
 * Invariants: a join ends in exactly one `joined` or `error`; whoever joins with the identity of another session takes
 * its place only once their own join has succeeded; a resume needs the session's secret and an access token of the
 * same identity, and sends every event the client has missed, or is none.
 */
import { kindClasses } from '../../classes/kind-classes.ts';
import { Principal } from '../../classes/rule-table.ts';
import { CloseCode } from '../../schemas/close-codes.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { EdgeSocket } from '../edge/edge-socket.ts';
import { equalSecrets } from '../edge/equal-secrets.ts';
import { metadataUrl } from '../fabric/metadata-url.ts';
import { checkJoin } from './field-checks.ts';
import type { NodeSessions } from './node-sessions.ts';
import type { PlaneLadder } from './plane-ladder.ts';
import { AWAITED, beginWait, type PlaneParts } from './plane-parts.ts';
import type { Refusal } from './replies.ts';
import type { Room } from './rooms.ts';
import { newResumeToken, type Session } from './session.ts';
import { ParticipantState, participantOf, type SessionLife } from './session-life.ts';
import type { SetupTimes } from './setup-times.ts';

type Join = NonNullable<Frame['join']>;

/** How long a client is asked to wait when calls are refused under overload, ms. */
const OVER_CAPACITY_RETRY_MS = 2000;
/** How long a client is asked to wait when a room is full, ms. */
const ROOM_FULL_RETRY_MS = 5000;

export class Joining {
  readonly #parts: PlaneParts;
  readonly #nodes: NodeSessions;
  readonly #life: SessionLife;
  readonly #times: SetupTimes;
  readonly #ladder: PlaneLadder;

  constructor(parts: PlaneParts, nodes: NodeSessions, life: SessionLife, times: SetupTimes, ladder: PlaneLadder) {
    this.#parts = parts;
    this.#nodes = nodes;
    this.#life = life;
    this.#times = times;
    this.#ladder = ladder;
  }

  /** Answers a join; the outcome to settle its frame with, or `AWAITED`. */
  join(socket: EdgeSocket<Session>, join: Join, classIndex: number, nowMs: number): number {
    const session = socket.state;
    const { replies, rooms, config, counters } = this.#parts;
    const id = join.id ?? 0;
    const name = join.room ?? '';
    const refusal = checkJoin(join) ?? this.#refusal(session, name);
    if (refusal) return replies.refuse(session, id, refusal);

    const older = join.resume ? this.#resumable(session, join) : null;
    if (older) return this.#resume(socket, older, join);

    const shed = this.#shed(session);
    if (shed) {
      this.#times.failed(0);
      replies.refuse(session, id, shed);
      return Outcome.evicted_ladder;
    }
    const { principal } = session;
    const room = rooms.open(principal.tenant, name);
    if (room.sessions.size + room.joining >= config.limits.sessionsPerRoom && !room.sessions.has(principal.identity)) {
      rooms.release(room);
      this.#times.failed(0);
      return replies.refuse(session, id, {
        code: 503,
        reason: 'room_full',
        message: `the room holds ${config.limits.sessionsPerRoom} sessions already`,
        retryAfterMs: ROOM_FULL_RETRY_MS,
      });
    }
    session.phase = 'joining';
    session.room = room;
    session.name = join.name || principal.name;
    session.mixed = join.capabilities?.includes('mixed') ?? false;
    session.captionDelta = join.capabilities?.includes('captionDelta') ?? false;
    session.setupSinceMs = nowMs;
    room.joining++;
    const node = this.#nodes.nodeOf(room, principal.region);
    if (!node) return this.#finish(session, room, id, null);
    beginWait(counters, classIndex);
    void this.#nodes.open(session, room, node).then((failure) => {
      counters.settleQueued(classIndex, this.#finish(session, room, id, failure));
    });
    return AWAITED;
  }

  #refusal(session: Session, room: string): Refusal | null {
    const { principal, phase } = session;
    if (phase !== 'idle') return { code: 409, reason: 'already_joined', message: 'this socket has joined a room' };
    if (!principal.roomJoin) {
      return { code: 403, reason: 'no_right', message: 'the access token does not grant roomJoin' };
    }
    if (principal.room !== '' && principal.room !== room) {
      return { code: 403, reason: 'wrong_room', message: 'the access token is for another room' };
    }
    return null;
  }

  /** Why nobody new may come in under overload; whoever was here before may. */
  #shed({ principal }: Session): Refusal | null {
    const { level, effects } = this.#parts.ladder;
    const agent = principal.kind === 'agent' && effects.refusesAgentSessions;
    if (!agent && !effects.refusesCalls) return null;
    const what = effects.refusesCalls ? 'new calls' : 'new sessions of agents';
    const message = `the gateway is overloaded (level ${level}) and takes no ${what}`;
    return { code: 503, reason: 'over_capacity', message, retryAfterMs: OVER_CAPACITY_RETRY_MS };
  }

  #finish(session: Session, room: Room, id: number, failure: Refusal | null): number {
    const { replies, rooms, sessions } = this.#parts;
    const { identity } = session.principal;
    room.joining--;
    const { socket } = session;
    if (failure || !socket) {
      this.#times.failed(performance.now() - session.setupSinceMs);
      this.#nodes.close(session, room, 'the client went away');
      session.room = null;
      session.setupSinceMs = 0;
      if (socket) session.phase = 'idle';
      rooms.release(room);
      return failure ? replies.refuse(session, id, failure) : Outcome.undeliverable;
    }
    const older = room.sessions.get(identity);
    if (older) this.#replace(older);
    session.phase = 'joined';
    room.sessions.set(identity, session);
    sessions.set(session.id, session);
    session.joinMs = performance.now() - session.setupSinceMs;
    const answered = this.#joined(session, room, id, false);
    if (session.room !== room) return Outcome.undeliverable; // the answer was lost, and with it the session
    this.#life.announce(session, ParticipantState.joined);
    this.#life.inform(session);
    this.#ladder.joined(session);
    return answered ? Outcome.delivered : Outcome.undeliverable;
  }

  #replace(older: Session): void {
    const { socket } = older;
    this.#life.end(older, 'the same identity joined again');
    socket?.disconnect(CloseCode.replaced);
  }

  /** The session that the join wants to take over and may; null when it is to be a full join. */
  #resumable(session: Session, join: Join): Session | null {
    const older = this.#parts.sessions.get(join.resume?.session ?? '');
    if (!older?.room || (older.phase !== 'away' && older.phase !== 'joined')) return null;
    const { principal } = session;
    if (older.principal.identity !== principal.identity || older.principal.kind !== principal.kind) return null;
    if (older.room.tenant !== principal.tenant || older.room.name !== join.room) return null;
    if (!equalSecrets(older.resumeToken, join.resume?.resumeToken ?? '')) return null;
    return missedBy(older, join) === null ? null : older;
  }

  #resume(socket: EdgeSocket<Session>, session: Session, join: Join): number {
    const room = session.room!;
    const previous = session.socket;
    const lastSeq = join.resume?.lastSeq ?? 0;
    const missed = missedBy(session, join) ?? [];
    socket.state.phase = 'ended';
    socket.state = session;
    session.socket = socket;
    session.principal = socket.principal;
    if (join.capabilities) {
      session.mixed = join.capabilities.includes('mixed');
      session.captionDelta = join.capabilities.includes('captionDelta');
    }
    session.resumeToken = newResumeToken();
    // Only now: the older socket's end must not be taken for the session's.
    previous?.disconnect(CloseCode.replaced);
    const answered = this.#joined(session, room, join.id ?? 0, true);
    let seq = lastSeq;
    for (const frame of missed) this.#parts.replies.send(session, { ...frame, seq: ++seq });
    if (session.socket === socket) {
      this.#life.returned(session);
      this.#life.inform(session);
      this.#ladder.joined(session);
    }
    return answered ? Outcome.delivered : Outcome.undeliverable;
  }

  #joined(session: Session, room: Room, id: number, resumed: boolean): boolean {
    const { config, policy, replies } = this.#parts;
    const { classes, tenant } = session.principal;
    const sender = this.#parts.classes.sender(Principal.standard, tenant, classes);
    const participants: NonNullable<Frame['participant']>[] = [];
    for (const other of room.sessions.values()) {
      if (other === session || other.principal.hidden) continue;
      participants.push(participantOf(other, other.phase === 'away' ? ParticipantState.away : ParticipantState.joined));
    }
    const budgets: Record<string, { ratePerSecond: number; burst: number }> = {};
    for (const { name, session: limit, retired } of policy.classes) {
      const { ratePerSecond, burst } = limit;
      if (!retired && (classes === null || classes.includes(name))) budgets[name] = { ratePerSecond, burst };
    }
    return replies.send(session, {
      kind: Kind.joined,
      joined: {
        id,
        room: room.name,
        participants,
        metadataUrl: metadataUrl(config, room.worker, session.socket?.host ?? ''),
        budgets,
        features: { media: session.onNode === 'yes', mixed: session.mixed },
        session: session.id,
        resumeToken: session.resumeToken,
        resumed,
        // Elsewhere the welcome of the metadata socket tells them.
        classes: session.mixed ? kindClasses(policy, (kind) => sender.classOf(kind)) : {},
      },
    });
  }
}

/** The events a returning client has not seen; null when they are no longer known. */
function missedBy(session: Session, join: Join): readonly Frame[] | null {
  const lastSeq = join.resume?.lastSeq ?? 0;
  return session.outbox ? session.outbox.after(lastSeq) : lastSeq === 0 ? [] : null;
}
