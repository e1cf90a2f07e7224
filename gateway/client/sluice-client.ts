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
import { Kind, type KindName } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { AdviceEvent } from './advice.ts';
import { ClientRequests } from './client-requests.ts';
import type {
  ClientEvents,
  ClientState,
  ConnectOptions,
  DescriptionEvent,
  JoinedEvent,
  ResumePoint,
} from './client-types.ts';
import { emitSignalFrame, joinedEvent, welcomeEvent } from './events-of-frames.ts';
import { encodingOf } from './frame-encoding.ts';
import { Listeners } from './listeners.ts';
import { MetadataExchange } from './metadata-exchange.ts';
import { MetadataRoute, MIXED } from './metadata-route.ts';
import { answerAfter } from './peer-answer.ts';
import type { PublishOptions, PublishOutcome } from './publish-queue.ts';
import { type RequestPayload, SignalLink } from './signal-link.ts';
import { asSluiceError, ClientReason, SluiceError } from './sluice-error.ts';
import type { TurnPacer } from './turn-pacer.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

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

export class SluiceClient extends ClientRequests {
  readonly #requestTimeoutMs: number;
  readonly #listeners = new Listeners<ClientEvents>();
  readonly #exchange: MetadataExchange;
  readonly #signal: SignalLink;
  readonly #route: MetadataRoute;
  #joined: JoinedEvent | null = null;
  #state: ClientState = 'connecting';

  constructor(options: ConnectOptions) {
    super();
    const { accessToken, room, capabilities = [], subprotocol = 'json', encoding } = options;
    const socket = {
      encoding: () => (encoding === undefined ? encodingOf(subprotocol) : Promise.resolve(encoding)),
      accessToken: typeof accessToken === 'string' ? () => Promise.resolve(accessToken) : accessToken,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    };
    this.#requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    const emit = this.#listeners.emit.bind(this.#listeners);
    const told = {
      metadata: (frame: Frame) => {
        emit('metadata', frame);
        if (frame.kind === Kind.caption) emit('caption', frame);
      },
      throttled: (event: ClientEvents['throttled']) => emit('throttled', event),
      credit: (event: ClientEvents['credit']) => emit('credit', event),
      advice: (event: ClientEvents['advice']) => emit('advice', event),
    };
    this.#exchange = new MetadataExchange(told, options.heedAdvice);
    this.#signal = new SignalLink(
      {
        url: options.signalUrl,
        room,
        name: options.name ?? '',
        capabilities,
        requestTimeoutMs: this.#requestTimeoutMs,
        resume: options.resume,
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

  /** What a client needs to go on with this session elsewhere, as after a reload; null outside a room. */
  get resumePoint(): ResumePoint | null {
    return this.#joined === null ? null : this.#signal.resumePoint;
  }

  /** What the gateway asks of its clients at present. */
  get advice(): AdviceEvent {
    return this.#exchange.advice;
  }

  /** When an agent's turns may begin: at once, or one after another while the gateway asks for that. */
  get turns(): Pick<TurnPacer, 'begin' | 'open' | 'waiting'> {
    return this.#exchange.turns;
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

  /**
   * Publishes one metadata frame (`kind` and its payload; `final` on captions): sent now, or kept until there is credit
   * and a socket; `dropped` if it is an interim that the gateway asked to do without. Throws `queueFull` for a frame that must not be lost when too many wait to be accepted.
   */
  publish(frame: Frame, options?: PublishOptions): PublishOutcome {
    return this.#exchange.publish(frame, options);
  }

  /** Publishes frames that leave in one message. Throws as `publish`, and a RangeError unless there are 1 to 64. */
  publishTogether(frames: readonly Frame[], options?: PublishOptions): PublishOutcome {
    return this.#exchange.publishTogether(frames, options);
  }

  /** Resolves when everything published has left, and what must not be lost was accepted. */
  flushed(): Promise<void> {
    return this.#exchange.queue.flushed();
  }

  protected override ask(name: KindName, payload: RequestPayload, reply: Kind = Kind.ok): Promise<Frame> {
    return this.#signal.request(name, payload, reply);
  }

  protected override tell(frame: Frame): boolean {
    return this.#signal.send(frame);
  }

  protected override askPeer(offerId: string, payload: RequestPayload): Promise<DescriptionEvent> {
    const send = () => this.#signal.request('offer', payload);
    return answerAfter(this.#listeners, offerId, this.#requestTimeoutMs, send);
  }

  #enter(frame: Frame): void {
    const joined = joinedEvent(frame.joined, this.#signal.session);
    this.#joined = joined;
    this.#listeners.emit('joined', joined);
    this.#become('joined', undefined, 0);
    this.#route.joined(frame.joined?.metadataUrl ?? '', frame.joined?.classes ?? {});
    if (!joined.resumed && this.wish !== null) this.subscribe(this.wish).catch((thrown) => this.#report(thrown));
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
