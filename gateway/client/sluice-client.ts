/**
 * A client of the gateway, the same in browsers and in Node: one room, two sockets, typed requests and events.
 *
 *     const client = createClient({ signalUrl, accessToken, room });
 *     client.on('offer', …);
 *     await client.connect();
 *
 * The signalling socket carries the call; AI metadata comes on a second one, which may come and go without touching the
 * first. Where the second cannot be reached, the client changes to one mixed socket by itself.
 *
 * Invariants: after `connect()` resolved the client keeps itself connected until `close()`, `leave()` or a close that
 * forbids it; events of one socket are told in wire order; listeners added before `connect()` miss nothing.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type {
  CandidateEvent,
  ClientEvents,
  ClientState,
  ConnectOptions,
  DescriptionEvent,
  JoinedEvent,
  MediaStats,
  SubscriptionWish,
} from './client-types.ts';
import {
  descriptionEvent,
  emitSignalFrame,
  joinedEvent,
  subscriptionPayload,
  welcomeEvent,
} from './events-of-frames.ts';
import { encodingOf } from './frame-encoding.ts';
import { Listeners } from './listeners.ts';
import { MetadataExchange } from './metadata-exchange.ts';
import { MetadataRoute, MIXED } from './metadata-route.ts';
import { answerAfter } from './peer-answer.ts';
import type { PublishOutcome } from './publish-queue.ts';
import { SignalLink } from './signal-link.ts';
import { asSluiceError, ClientReason, SluiceError } from './sluice-error.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_ID_CHARACTERS = 256;

/** A client that is not connected yet, so that listeners can be added first. */
export function createClient(options: ConnectOptions): SluiceClient {
  return new SluiceClient(options);
}

/** A connected client, in its room. Rejects with a `SluiceError` that says why not. */
export async function connect(options: ConnectOptions): Promise<SluiceClient> {
  const client = new SluiceClient(options);
  await client.connect();
  return client;
}

export class SluiceClient {
  readonly #requestTimeoutMs: number;
  readonly #listeners = new Listeners<ClientEvents>();
  readonly #exchange: MetadataExchange;
  readonly #signal: SignalLink;
  readonly #route: MetadataRoute;
  #joined: JoinedEvent | null = null;
  #state: ClientState = 'connecting';
  #offers = 0;
  #wish: SubscriptionWish | null = null;

  constructor(options: ConnectOptions) {
    const { accessToken, room, capabilities = [], subprotocol = 'json', encoding } = options;
    const socket = {
      encoding: () => (encoding === undefined ? encodingOf(subprotocol) : Promise.resolve(encoding)),
      accessToken: typeof accessToken === 'string' ? () => Promise.resolve(accessToken) : accessToken,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    };
    this.#requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    const emit = this.#listeners.emit.bind(this.#listeners);
    this.#exchange = new MetadataExchange({
      metadata: (frame) => {
        emit('metadata', frame);
        if (frame.kind === Kind.caption) emit('caption', frame);
      },
      throttled: (event) => emit('throttled', event),
      credit: (event) => emit('credit', event),
      advice: (event) => emit('advice', event),
    });
    this.#signal = new SignalLink(
      {
        url: options.signalUrl,
        room,
        name: options.name ?? '',
        capabilities,
        requestTimeoutMs: this.#requestTimeoutMs,
        ...socket,
      },
      {
        opened: () => emit('open', undefined),
        welcomed: (frame) => emit('welcome', welcomeEvent(frame.welcome)),
        joined: (frame) => this.#enter(frame),
        received: (frame) => this.#received(frame),
        failed: (error) => emit('error', error),
        lost: (error, delayMs) => {
          this.#route.signalLost();
          this.#become('reconnecting', error, delayMs);
        },
        ended: (error) => this.#end(error),
      },
    );
    const separate = options.metadata !== false;
    this.#route = new MetadataRoute({ mixed: capabilities.includes(MIXED), separate, room, socket }, this.#exchange, {
      session: () => ({ session: this.#signal.session, resumeToken: this.#signal.resumeToken }),
      send: (frame) => this.#signal.send(frame),
      rejoin: (mixed) => this.#signal.rejoin(mixed ? [...capabilities, MIXED] : capabilities),
      told: (state, error) => emit('metadataState', { state, error }),
      failed: (error) => emit('error', error),
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The last `joined`; null before the first. */
  get joined(): JoinedEvent | null {
    return this.#joined;
  }

  /** Listens; returns the function that stops it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  /** Connects and joins the room. To be called once. Rejects with a `SluiceError`; the client is then closed. */
  async connect(): Promise<JoinedEvent> {
    await this.#signal.start();
    if (this.#joined === null) throw new SluiceError(0, ClientReason.badFrame, 'the gateway never said joined');
    return this.#joined;
  }

  /** Leaves the room, so that others see it at once, and closes. */
  async leave(): Promise<void> {
    try {
      await this.#signal.request('leave', {});
    } finally {
      this.close();
    }
  }

  /** Ends both sockets for good. Others see this participant leave once its resume time is over. */
  close(): void {
    this.#signal.stop();
  }

  /** Offers media on a connection and resolves with the answer: the SFU's, or the peer's on `peer:<identity>`. */
  async offer(connection: string, sdp: string): Promise<DescriptionEvent> {
    const offerId = `${++this.#offers}-${connection}`.slice(0, MAX_ID_CHARACTERS);
    if (connection.startsWith('peer:')) {
      const send = () => this.#signal.request('offer', { connection, offerId, sdp });
      return answerAfter(this.#listeners, offerId, this.#requestTimeoutMs, send);
    }
    const reply = await this.#signal.request('offer', { connection, offerId, sdp }, Kind.answer);
    return descriptionEvent(reply.answer);
  }

  /** Answers an `offer` event. */
  async answer(offer: DescriptionEvent, sdp: string): Promise<void> {
    await this.#signal.request('answer', { connection: offer.connection, offerId: offer.offerId, sdp });
  }

  /** Sends an ICE candidate; an empty `candidate` says that no more will come. */
  async candidate(candidate: CandidateEvent): Promise<void> {
    const { sdpMLineIndex, ...rest } = candidate;
    await this.#signal.request('candidate', sdpMLineIndex === undefined ? rest : { ...rest, sdpMLineIndex });
  }

  /** Mutes or unmutes one of our tracks for everybody. */
  async mute(track: string, muted: boolean): Promise<void> {
    await this.#signal.request('mute', { track, muted });
  }

  /** Says which metadata this session wants; asked again by itself when the session had to begin anew. */
  async subscribe(wish: SubscriptionWish): Promise<void> {
    this.#wish = wish;
    await this.#signal.request('subscribe', subscriptionPayload(wish));
  }

  async unsubscribe(wish: SubscriptionWish): Promise<void> {
    this.#wish = null;
    await this.#signal.request('unsubscribe', subscriptionPayload(wish));
  }

  /** The round trip to the gateway's control plane, ms. */
  async ping(): Promise<number> {
    const sentMs = performance.now();
    await this.#signal.request('ping', { sentMs }, Kind.pong);
    return performance.now() - sentMs;
  }

  /** Tells the gateway how our media fares. No reply; false when there is no connection. */
  stats(stats: MediaStats): boolean {
    return this.#signal.send({ kind: Kind.stats, stats });
  }

  /** Hands the gateway a fresh access token for the running sessions. */
  async renew(jwt: string): Promise<void> {
    await this.#signal.request('accessToken', { jwt });
  }

  /**
   * Publishes one metadata frame (`kind` and its payload; `final` on captions): sent now, or kept until there is credit
   * and a socket. Throws `queueFull` for a frame that must not be lost when too many wait to be accepted.
   */
  publish(frame: Frame): PublishOutcome {
    return this.#exchange.queue.publish(frame);
  }

  /** Resolves when everything published has left, and what must not be lost was accepted. */
  flushed(): Promise<void> {
    return this.#exchange.queue.flushed();
  }

  #enter(frame: Frame): void {
    const joined = joinedEvent(frame.joined, this.#signal.session);
    this.#joined = joined;
    this.#listeners.emit('joined', joined);
    this.#become('joined', undefined, 0);
    this.#route.joined(frame.joined?.metadataUrl ?? '', frame.joined?.classes ?? {});
    if (!joined.resumed && this.#wish !== null) this.subscribe(this.#wish).catch((thrown) => this.#report(thrown));
  }

  #received(frame: Frame): void {
    if (!this.#exchange.received(frame)) emitSignalFrame(this.#listeners, frame);
  }

  #become(state: ClientState, error: SluiceError | undefined, delayMs: number): void {
    this.#state = state;
    this.#listeners.emit('state', { state, error, delayMs });
  }

  #report(thrown: unknown): void {
    this.#listeners.emit('error', asSluiceError(thrown, ClientReason.connectionLost));
  }

  #end(error: SluiceError): void {
    if (this.#state === 'closed') return;
    this.#become('closed', error, 0);
    this.#route.stop();
  }
}
