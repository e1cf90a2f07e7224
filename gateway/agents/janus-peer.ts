/**
 * One participant of one room on Janus: the handle it publishes by, the one it subscribes by, and its rights.
 *
 * Invariants: without canPublish nothing is taken, without canSubscribe nothing is asked for; an error of this session's
 * is this session's alone.
 */
import type { NodeSignal } from '../../schemas/proto.ts';
import type { JanusCandidate, JanusFeed, JanusId } from './janus-message.ts';
import { JanusPublisher } from './janus-publisher.ts';
import type { JanusRooms } from './janus-rooms.ts';
import type { JanusSession } from './janus-session.ts';
import { JanusSubscriber } from './janus-subscriber.ts';
import { type CandidateOf, CommandError, type OpenSession } from './node-control.ts';

const PUBLISH = 'publish';
const SUBSCRIBE = 'subscribe:*';

/** What a session says unasked. */
export interface JanusPeerListener {
  offer(offer: NodeSignal): void;
  candidate(candidate: CandidateOf): void;
  failed(session: string, error: unknown): void;
}

export class JanusPeer {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
  readonly #session: JanusSession;
  readonly #listener: JanusPeerListener;
  readonly #publisher: JanusPublisher;
  #subscriber: JanusSubscriber | null = null;
  readonly #feeds = new Map<JanusId, JanusFeed>();
  #canPublish = false;
  #canSubscribe = false;

  /** `room` is the key of the room among those of all tenants. */
  constructor(open: OpenSession, room: string, session: JanusSession, rooms: JanusRooms, listener: JanusPeerListener) {
    const id = open.session ?? '';
    this.id = id;
    this.room = room;
    this.identity = open.identity ?? '';
    this.#session = session;
    this.#listener = listener;
    this.#publisher = new JanusPublisher(session, rooms, room, this.identity, {
      candidate: (candidate) => listener.candidate({ ...candidate, session: id, connection: PUBLISH }),
      published: (feeds) => {
        for (const feed of feeds) this.#feeds.set(feed.id, feed);
        this.#want();
      },
      unpublished: (feed) => {
        this.#feeds.delete(feed);
        this.#want();
      },
    });
    this.allow(open);
  }

  /** The rights it has from now on; what it already publishes is not taken back. */
  allow(open: OpenSession): void {
    this.#canPublish = open.rights?.canPublish === true;
    this.#canSubscribe = open.rights?.canSubscribe === true;
    this.#want();
  }

  /** Goes into the room. Rejects with a JanusError. */
  async join(): Promise<void> {
    const room = await this.#publisher.join();
    const { id: session } = this;
    this.#subscriber = new JanusSubscriber(this.#session, room, {
      offer: (offerId, sdp) => this.#listener.offer({ session, connection: SUBSCRIBE, offerId, sdp }),
      candidate: (candidate) => this.#listener.candidate({ ...candidate, session, connection: SUBSCRIBE }),
      failed: (error) => this.#listener.failed(session, error),
    });
    this.#want();
  }

  /** Takes an offer of the client's and resolves to the answer. */
  async offer({ connection, offerId, sdp }: NodeSignal): Promise<NodeSignal> {
    if (connection !== PUBLISH) throw unsupported(`an offer for ${PUBLISH}`, connection);
    if (!this.#canPublish) throw new CommandError('forbidden', `${this.identity} may not publish`);
    return { session: this.id, connection, offerId: offerId ?? '', sdp: await this.#publisher.offer(sdp ?? '') };
  }

  /** Takes the client's answer; one that is too late is no error. */
  async answer({ connection, offerId, sdp }: NodeSignal): Promise<void> {
    if (connection !== SUBSCRIBE) throw unsupported(`an answer for ${SUBSCRIBE}`, connection);
    await this.#subscriber?.answer(offerId ?? '', sdp ?? '');
  }

  candidate(candidate: CandidateOf): void {
    const { connection } = candidate;
    if (connection === PUBLISH) this.#publisher.candidate(candidateFor(candidate));
    else if (connection === SUBSCRIBE) this.#subscriber?.candidate(candidateFor(candidate));
    else throw unsupported(`a candidate for ${PUBLISH} or ${SUBSCRIBE}`, connection);
  }

  mute(name: string, muted: boolean): Promise<void> {
    return this.#publisher.mute(name, muted);
  }

  /** Gives both handles back: Janus itself does not notice that a browser is gone. */
  async close(): Promise<void> {
    await Promise.all([this.#subscriber?.close(), this.#publisher.close()]);
  }

  #want(): void {
    this.#subscriber?.want(this.#canSubscribe ? this.#feeds.values() : []);
  }
}

/** The client's candidate as Janus wants it; null ends them. */
function candidateFor({ candidate, sdpMid, sdpMLineIndex }: CandidateOf): JanusCandidate | null {
  if (!candidate) return null;
  return {
    candidate: candidate.replace(/^a=/, ''),
    ...(sdpMid ? { sdpMid } : {}),
    ...(sdpMLineIndex == null ? {} : { sdpMLineIndex }),
  };
}

function unsupported(wanted: string, connection: string | null | undefined): CommandError {
  return new CommandError('unsupported', `expected ${wanted}, not for ${connection || 'nothing'}`);
}
