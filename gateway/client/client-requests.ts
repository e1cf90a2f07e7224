/**
 * What an application may ask of the gateway once it is in a room: each request a promise, each telling an invariant.
 *
 * Invariants: a promise ends by the gateway's reply, its error, the deadline of replies or the loss of the socket; only
 * `stats` has no reply.
 */
import { Kind, type KindName } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { CandidateEvent, DescriptionEvent, InferenceWish, MediaStats, SubscriptionWish } from './client-types.ts';
import { descriptionEvent, subscriptionPayload } from './events-of-frames.ts';
import type { RequestPayload } from './signal-link.ts';

const MAX_ID_CHARACTERS = 256;

export abstract class ClientRequests {
  /** What metadata was last asked for; null: the gateway's default. */
  protected wish: SubscriptionWish | null = null;
  #offers = 0;

  /** Sends a request and resolves with its reply of kind `reply`, `ok` where none is named. */
  protected abstract ask(name: KindName, payload: RequestPayload, reply?: Kind): Promise<Frame>;
  /** Sends what has no reply; false when there is no connection. */
  protected abstract tell(frame: Frame): boolean;
  /** Sends an offer to a participant and resolves with that participant's answer. */
  protected abstract askPeer(offerId: string, payload: RequestPayload): Promise<DescriptionEvent>;

  /**
   * Offers media on a connection and resolves with the answer: the SFU's, or the peer's on `peer:<identity>`. `offerId`
   * is what the answer will bear; one of our own where absent.
   */
  async offer(connection: string, sdp: string, offerId?: string): Promise<DescriptionEvent> {
    const id = offerId ?? `${++this.#offers}-${connection}`.slice(0, MAX_ID_CHARACTERS);
    const payload = { connection, offerId: id, sdp };
    if (connection.startsWith('peer:')) return this.askPeer(id, payload);
    return descriptionEvent((await this.ask('offer', payload, Kind.answer)).answer);
  }

  /** Answers an `offer` event. */
  async answer(offer: DescriptionEvent, sdp: string): Promise<void> {
    await this.ask('answer', { connection: offer.connection, offerId: offer.offerId, sdp });
  }

  /** Sends an ICE candidate; an empty `candidate` says that no more will come. */
  async candidate(candidate: CandidateEvent): Promise<void> {
    const { sdpMLineIndex, ...rest } = candidate;
    await this.ask('candidate', sdpMLineIndex === undefined ? rest : { ...rest, sdpMLineIndex });
  }

  /** Mutes or unmutes one of our tracks for everybody. */
  async mute(track: string, muted: boolean): Promise<void> {
    await this.ask('mute', { track, muted });
  }

  /** Says which metadata this session wants; asked again by itself when the session had to begin anew. */
  async subscribe(wish: SubscriptionWish): Promise<void> {
    this.wish = wish;
    await this.ask('subscribe', subscriptionPayload(wish));
  }

  /** Takes out of the subscription what the wish names, or everything. */
  async unsubscribe(wish: SubscriptionWish): Promise<void> {
    this.wish = null;
    await this.ask('unsubscribe', subscriptionPayload(wish));
  }

  /** Asks an inference node; resolves with the request's number, which the `agentTurn` and `toolCall` frames bear. */
  async request({ feature, workflow = '', payload, deadlineMs }: InferenceWish): Promise<number> {
    const reply = await this.ask('request', { feature, workflow, payload, deadlineMs });
    return reply.ok?.id ?? 0;
  }

  /** Ends a request of ours at the node. */
  async cancel(request: number): Promise<void> {
    await this.ask('cancel', { request });
  }

  /** Breaks into an agent's turn: its node stops speaking. */
  async interrupt(turn: string): Promise<void> {
    await this.ask('interrupt', { turn });
  }

  /** Gives or takes back this participant's consent to a feature. */
  async feature(name: string, on: boolean): Promise<void> {
    await this.ask('feature', { name, on });
  }

  /** The round trip to the gateway's control plane, ms. */
  async ping(): Promise<number> {
    const sentMs = performance.now();
    await this.ask('ping', { sentMs }, Kind.pong);
    return performance.now() - sentMs;
  }

  /** Tells the gateway how our media fares. No reply; false when there is no connection. */
  stats(stats: MediaStats): boolean {
    return this.tell({ kind: Kind.stats, stats });
  }

  /** Hands the gateway a fresh access token for the running sessions. */
  async renew(jwt: string): Promise<void> {
    await this.ask('accessToken', { jwt });
  }
}
