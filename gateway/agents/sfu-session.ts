/**
 * One participant of one room on the reference SFU: what it publishes, what it is sent, and its rights.
 *
 * Invariants: without canPublish nothing is taken, without canSubscribe nothing is offered; an error of this session's
 * is this session's alone.
 */
import type { NodeSignal } from '../../schemas/proto.ts';
import { type CandidateOf, CommandError, type OpenSession } from './node-control.ts';
import { PublishConnection } from './publish-connection.ts';
import type { PublishedTrack } from './published-track.ts';
import { SubscribeConnection } from './subscribe-connection.ts';

export const PUBLISH = 'publish';
export const SUBSCRIBE = 'subscribe:*';

/** What a session says unasked, and to whom its room belongs. */
export interface SfuSessionListener {
  offer(offer: NodeSignal): void;
  candidate(candidate: CandidateOf): void;
  /** The session's own tracks came or went. */
  tracksChanged(session: SfuSession): void;
  failed(session: SfuSession, error: unknown): void;
}

export class SfuSession {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
  #canPublish = false;
  #canSubscribe = false;
  readonly #publish: PublishConnection;
  readonly #subscribe: SubscribeConnection;

  /** `room` is the key of the room among those of all tenants. */
  constructor(open: OpenSession, room: string, interfaceAddress: string, listener: SfuSessionListener) {
    const session = open.session ?? '';
    this.id = session;
    this.room = room;
    this.identity = open.identity ?? '';
    this.allow(open);
    this.#publish = new PublishConnection(interfaceAddress, this.identity, {
      tracksChanged: () => listener.tracksChanged(this),
      candidate: (candidate) => listener.candidate({ ...candidate, session, connection: PUBLISH }),
    });
    this.#subscribe = new SubscribeConnection(interfaceAddress, {
      offer: (offerId, sdp) => listener.offer({ session, connection: SUBSCRIBE, offerId, sdp }),
      candidate: (candidate) => listener.candidate({ ...candidate, session, connection: SUBSCRIBE }),
      failed: (error) => listener.failed(this, error),
    });
  }

  /** The rights it has from now on; what it already publishes is not taken back. */
  allow(open: OpenSession): void {
    this.#canPublish = open.rights?.canPublish === true;
    this.#canSubscribe = open.rights?.canSubscribe === true;
  }

  get tracks(): Iterable<PublishedTrack> {
    return this.#publish.tracks;
  }

  get sent(): { packets: number; bytes: number } {
    return this.#subscribe.sent;
  }

  /** Takes an offer of the client's and resolves to the answer. */
  async offer(offer: NodeSignal): Promise<NodeSignal> {
    const { connection, offerId } = offer;
    if (connection !== PUBLISH)
      throw unsupported(`expected an offer for ${PUBLISH}, not for ${connection || 'nothing'}`);
    if (!this.#canPublish) throw new CommandError('forbidden', `${this.identity} may not publish`);
    const sdp = await this.#publish.accept(offer.sdp ?? '');
    return { session: this.id, connection, offerId: offerId ?? '', sdp };
  }

  /** Takes the client's answer; one that is too late is no error. */
  async answer(answer: NodeSignal): Promise<void> {
    const { connection } = answer;
    if (connection !== SUBSCRIBE)
      throw unsupported(`expected an answer for ${SUBSCRIBE}, not for ${connection || 'nothing'}`);
    await this.#subscribe.answer(answer.offerId ?? '', answer.sdp ?? '');
  }

  async candidate(candidate: CandidateOf): Promise<void> {
    const { connection } = candidate;
    if (connection !== PUBLISH && connection !== SUBSCRIBE) {
      throw unsupported(`expected a candidate for ${PUBLISH} or ${SUBSCRIBE}, not for ${connection || 'nothing'}`);
    }
    try {
      await (connection === PUBLISH ? this.#publish : this.#subscribe).candidate(candidate);
    } catch (error) {
      throw new CommandError('bad_candidate', error instanceof Error ? error.message : String(error));
    }
  }

  /** Mutes its tracks of that mid, id or kind. */
  mute(name: string, muted: boolean): void {
    const meant = [...this.tracks].filter((track) => track.isCalled(name));
    if (meant.length === 0) throw new CommandError('unknown_track', `${this.identity} publishes no track ${name}`);
    for (const track of meant) track.mute(muted);
  }

  /** Sends it these tracks, if it may have any. */
  want(tracks: readonly PublishedTrack[]): void {
    this.#subscribe.want(this.#canSubscribe ? tracks : []);
  }

  /** Ends both connections; their ports are free when this resolves. */
  async close(): Promise<void> {
    await Promise.all([this.#publish.close(), this.#subscribe.close()]);
  }
}

function unsupported(message: string): CommandError {
  return new CommandError('unsupported', message);
}
