/**
 * Offers, answers, candidates and mutes: between a client and its SFU node, or between two participants.
 *
 * Invariants: a signal reaches only the room's own node or a participant of the same room; what a participant gets
 * from another bears the other's identity in its connection, whatever the sender wrote; a node can speak to sessions
 * of its own rooms only.
 */
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame, NodeCandidate, NodeCommand, NodeSignal } from '../../schemas/proto.ts';
import type { AttachedNode } from '../nodes/node-pool.ts';
import { BAD_CONNECTION, badField, checkDescription, connectionOf, peerConnection } from './field-checks.ts';
import { NO_NODE, type NodeSessions, refusalOf } from './node-sessions.ts';
import { AWAITED, beginWait, type PlaneParts } from './plane-parts.ts';
import type { Refusal } from './replies.ts';
import type { Session } from './session.ts';
import type { SetupTimes } from './setup-times.ts';

type Description = NonNullable<Frame['offer']>;
type Candidate = NonNullable<Frame['candidate']>;

const OPENING_RETRY_MS = 100;

const OPENING: Refusal = {
  code: 503,
  reason: 'node_unavailable',
  message: 'the session is being opened on an SFU node',
  retryAfterMs: OPENING_RETRY_MS,
};

export class MediaSignals {
  readonly #parts: PlaneParts;
  readonly #nodes: NodeSessions;
  readonly #times: SetupTimes;
  /** What nodes said of sessions that are not theirs or no more. */
  strayEvents = 0;

  constructor(parts: PlaneParts, nodes: NodeSessions, times: SetupTimes) {
    this.#parts = parts;
    this.#nodes = nodes;
    this.#times = times;
  }

  offer(session: Session, offer: Description, classIndex: number): number {
    const { replies, counters } = this.#parts;
    const id = offer.id ?? 0;
    const connection = connectionOf(offer.connection ?? '');
    const refusal = connection ? checkDescription(offer) : BAD_CONNECTION;
    if (refusal || !connection) return replies.refuse(session, id, refusal ?? BAD_CONNECTION);
    if (connection.to === 'peer') return this.#relay(session, connection.identity, id, Kind.offer, { offer });
    if (connection.name !== 'publish') {
      return replies.refuse(session, id, badField('connection', '"publish" in an offer: the server offers the others'));
    }
    if (!session.principal.canPublish) {
      return replies.refuse(session, id, {
        code: 403,
        reason: 'no_right',
        message: 'the access token does not grant canPublish',
      });
    }
    const room = session.room!;
    const node = this.#nodes.nodeOf(room, session.principal.region);
    if (!node) return replies.refuse(session, id, NO_NODE);
    if (session.onNode === 'opening') return replies.refuse(session, id, OPENING);
    beginWait(counters, classIndex);
    void this.#offerOn(session, node, offer).then((outcome) => counters.settleQueued(classIndex, outcome));
    return AWAITED;
  }

  /** An answer to what the node, or a participant, offered. */
  answer(session: Session, answer: Description, classIndex: number): number {
    const { replies } = this.#parts;
    const id = answer.id ?? 0;
    const connection = connectionOf(answer.connection ?? '');
    const refusal = connection ? checkDescription(answer) : BAD_CONNECTION;
    if (refusal || !connection) return replies.refuse(session, id, refusal ?? BAD_CONNECTION);
    if (connection.to === 'peer') return this.#relay(session, connection.identity, id, Kind.answer, { answer });
    return this.#command(session, id, classIndex, { answer: { session: session.id, ...descriptionOf(answer) } });
  }

  /** A candidate is acknowledged once it is on its way: nodes do not answer them. */
  candidate(session: Session, candidate: Candidate): number {
    const { replies } = this.#parts;
    const id = candidate.id ?? 0;
    const connection = connectionOf(candidate.connection ?? '');
    if (!connection) return replies.refuse(session, id, BAD_CONNECTION);
    if (connection.to === 'peer') return this.#relay(session, connection.identity, id, Kind.candidate, { candidate });
    const node = session.room?.node;
    if (!node || session.onNode !== 'yes') return replies.refuse(session, id, NO_NODE);
    const told = node.commands.tell({ candidate: { session: session.id, ...candidateOf(candidate) } });
    return told ? replies.ok(session, id) : replies.refuse(session, id, NO_NODE);
  }

  mute(session: Session, mute: NonNullable<Frame['mute']>, classIndex: number): number {
    const id = mute.id ?? 0;
    if (!mute.track) return this.#parts.replies.refuse(session, id, badField('track', 'the mid or ID of a track'));
    const { track } = mute;
    const muted = mute.muted ?? false;
    return this.#command(session, id, classIndex, { mute: { session: session.id, track, muted } });
  }

  /** The node offers, or answers late: a reliable event for the client. */
  fromNode(node: AttachedNode, kind: typeof Kind.offer | typeof Kind.answer, signal: NodeSignal): void {
    const session = this.#sessionOf(node, signal.session);
    if (!session) return;
    const description = descriptionOf(signal);
    this.#parts.replies.event(
      session,
      kind === Kind.offer ? { kind, offer: description } : { kind, answer: description },
    );
  }

  candidateFromNode(node: AttachedNode, from: NodeCandidate): void {
    const session = this.#sessionOf(node, from.session);
    if (!session) return;
    this.#parts.replies.event(session, { kind: Kind.candidate, candidate: candidateOf(from) });
  }

  #sessionOf(node: AttachedNode, id: string | null | undefined): Session | null {
    const session = this.#parts.sessions.get(id ?? '');
    if (session?.room?.node === node) return session;
    this.strayEvents++;
    return null;
  }

  async #offerOn(session: Session, node: AttachedNode, offer: Description): Promise<number> {
    const { replies } = this.#parts;
    const id = offer.id ?? 0;
    const signal = { session: session.id, ...descriptionOf(offer) };
    if (session.onNode === 'no') {
      const refusal = await this.#nodes.open(session, session.room!, node);
      if (refusal) return this.#setupFailed(session, id, refusal);
      if (session.phase === 'ended') {
        node.commands.tell({ close: { session: session.id, reason: 'the client went away' } });
        return Outcome.undeliverable;
      }
    }
    try {
      const reply = await node.commands.call({ offer: signal });
      if (reply.error) return this.#setupFailed(session, id, refusedBy(reply.error, reply.reason));
      const answer = { ...descriptionOf(offer), id, sdp: reply.answer?.sdp ?? '' };
      if (!replies.send(session, { kind: Kind.answer, answer })) return Outcome.undeliverable;
      if (session.setupSinceMs > 0)
        this.#times.answered(session.principal.tenant, performance.now() - session.setupSinceMs);
      session.setupSinceMs = 0;
      return Outcome.delivered;
    } catch (failure) {
      return this.#setupFailed(session, id, refusalOf(failure));
    }
  }

  #setupFailed(session: Session, id: number, refusal: Refusal): number {
    if (session.setupSinceMs > 0) this.#times.failed(performance.now() - session.setupSinceMs);
    session.setupSinceMs = 0;
    return this.#parts.replies.refuse(session, id, refusal);
  }

  /** Sends a command that the client wants acknowledged. */
  #command(session: Session, id: number, classIndex: number, command: NodeCommand): number {
    const { replies, counters } = this.#parts;
    const node = session.room?.node;
    if (!node || session.onNode !== 'yes') return replies.refuse(session, id, NO_NODE);
    beginWait(counters, classIndex);
    void node.commands
      .call(command)
      .then(
        ({ error, reason }) =>
          error ? replies.refuse(session, id, refusedBy(error, reason)) : replies.ok(session, id),
        (failure: unknown) => replies.refuse(session, id, refusalOf(failure)),
      )
      .then((outcome) => counters.settleQueued(classIndex, outcome));
    return AWAITED;
  }

  #relay(session: Session, identity: string, id: number, kind: number, frame: Frame): number {
    const { replies } = this.#parts;
    const peer = session.room?.sessions.get(identity);
    if (!peer || peer === session) {
      return replies.refuse(session, id, {
        code: 404,
        reason: 'unknown_peer',
        message: `nobody else of the identity ${JSON.stringify(identity)} is in the room`,
      });
    }
    const connection = peerConnection(session.principal.identity);
    if (frame.offer) replies.event(peer, { kind, offer: { ...frame.offer, id: 0, connection } });
    else if (frame.answer) replies.event(peer, { kind, answer: { ...frame.answer, id: 0, connection } });
    else replies.event(peer, { kind, candidate: { ...frame.candidate, id: 0, connection } });
    return replies.ok(session, id);
  }
}

function descriptionOf({ connection, offerId, sdp }: Description | NodeSignal) {
  return { connection: connection ?? '', offerId: offerId ?? '', sdp: sdp ?? '' };
}

function candidateOf({ connection, candidate, sdpMid, sdpMLineIndex }: Candidate | NodeCandidate) {
  return {
    connection: connection ?? '',
    candidate: candidate ?? '',
    sdpMid: sdpMid ?? '',
    sdpMLineIndex: sdpMLineIndex ?? null,
  };
}

/** The node answered that it will not do it. */
function refusedBy(error: string, reason: string | null | undefined): Refusal {
  if (reason === 'overloaded' || reason === 'unavailable' || reason === 'internal') {
    return { ...NO_NODE, message: `the SFU node could not: ${error}` };
  }
  return { code: 400, reason: reason || 'node_refused', message: `the SFU node refused: ${error}` };
}
