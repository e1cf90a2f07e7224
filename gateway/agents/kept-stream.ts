/**
 * One gRPC stream to a gateway that is dialled again whenever it ends.
 *
 *     dialling ──► open ──► (ended | refused) ──► waiting, decorrelated jitter ──► dialling …
 *
 * Invariants: `opened` comes before the first message of a stream, `closed` once after the last; nothing of a stream is
 * reported after its `closed`; a stream that was refused is asked for less and less often; each attempt has a channel
 * of its own, so that grpc-js' own back-off never stands in the way of ours.
 */
import {
  Client,
  type ClientDuplexStream,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { Reconnect } from '../../schemas/close-codes.ts';
import type { StreamMethod } from '../../schemas/services.ts';
import { ReconnectDelay } from '../client/reconnect-delay.ts';

const CONNECT_MS = 3000;
/** What a gateway that says RESOURCE_EXHAUSTED is given to recover, on top of the jitter. */
const EXHAUSTED_MS = 1000;
/** How long the gateway has to end its side of a stopped stream. */
const END_MS = 500;
const BASE_MS = 100;
const CAP_MS = 2000;

export interface KeptStreamOptions<Up, Down> {
  /** `host:port`. */
  readonly address: string;
  readonly method: StreamMethod<Up, Down>;
  /** Sent as a bearer token when given. */
  readonly nodeToken?: string | undefined;
  /** The wait between attempts; for tests. */
  readonly delay?: ReconnectDelay | undefined;
}

/** Who hears of a stream. */
export interface KeptStreamListener<Down> {
  /** A stream is there: say hello first. */
  opened(): void;
  received(message: Down): void;
  /** The stream takes more after `write` had answered false. */
  drained(): void;
  /** It ended, or could not be had; the next attempt is `retryMs` away. */
  closed(reason: string, retryMs: number): void;
}

export class KeptStream<Up, Down> {
  readonly #options: KeptStreamOptions<Up, Down>;
  readonly #listener: KeptStreamListener<Down>;
  readonly #delay: ReconnectDelay;
  #client: Client | null = null;
  #stream: ClientDuplexStream<Up, Down> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #blocked = false;
  #stopped = false;
  #generation = 0;

  /** Dials at once, on the next turn. */
  constructor(options: KeptStreamOptions<Up, Down>, listener: KeptStreamListener<Down>) {
    this.#options = options;
    this.#listener = listener;
    this.#delay = options.delay ?? new ReconnectDelay(BASE_MS, CAP_MS);
    this.#retry = setTimeout(() => this.#dial(), 0);
  }

  /** How many streams there have been; tells one stream's business from the next one's. */
  get generation(): number {
    return this.#generation;
  }

  get open(): boolean {
    return this.#stream !== null;
  }

  /** Whether the stream takes a message without queueing it. */
  get ready(): boolean {
    return this.#stream !== null && !this.#blocked;
  }

  /** Hands a message to the stream; false when there is none, and the message is lost. */
  write(message: Up): boolean {
    if (!this.#stream) return false;
    this.#blocked = !this.#stream.write(message);
    return true;
  }

  /** Ends the stream for good, after what was written has been handed over. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#retry) clearTimeout(this.#retry);
    const stream = this.#stream;
    this.#stream = null;
    this.#client?.close();
    if (!stream) return;
    stream.end();
    // A gateway that does not end its side would keep this process alive.
    setTimeout(() => stream.cancel(), END_MS).unref();
  }

  #dial(): void {
    this.#retry = null;
    const client = new Client(this.#options.address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      // A stream is begun again by us, with what must be told again; grpc-js would keep a copy of all that was written.
      'grpc.enable_retries': 0,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5000,
    });
    this.#client = client;
    this.#await(client, Date.now() + CONNECT_MS);
  }

  /** Follows a channel until it is connected, or has failed once: grpc-js would go on trying at times of its own. */
  #await(client: Client, deadlineMs: number): void {
    const channel = client.getChannel();
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) {
      this.#attach(client);
      return;
    }
    if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) {
      this.#again(`no gateway at ${this.#options.address}`, 0);
      return;
    }
    channel.watchConnectivityState(state, deadlineMs, (late) => {
      if (this.#stopped) return;
      if (late) this.#again(`no answer from ${this.#options.address} within ${CONNECT_MS} ms`, 0);
      else this.#await(client, deadlineMs);
    });
  }

  #attach(client: Client): void {
    const { path, requestSerialize, responseDeserialize } = this.#options.method;
    const metadata = new Metadata();
    if (this.#options.nodeToken) metadata.set('authorization', `Bearer ${this.#options.nodeToken}`);
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    let heard = false;
    const ended = (reason: string, retryAfterMs: number): void => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      if (heard) this.#delay.succeeded();
      this.#again(reason, retryAfterMs);
    };
    stream.on('data', (message: Down) => {
      if (this.#stream !== stream) return;
      heard = true;
      this.#listener.received(message);
    });
    stream.on('drain', () => {
      if (this.#stream !== stream) return;
      this.#blocked = false;
      this.#listener.drained();
    });
    stream.on('end', () => ended('the gateway ended the stream', 0));
    stream.on('error', (error: ServiceError) => {
      // A refusal for want of room says nothing good about the stream, whatever came before it.
      const exhausted = error.code === status.RESOURCE_EXHAUSTED;
      if (exhausted) heard = false;
      ended(error.details || error.message, exhausted ? EXHAUSTED_MS : 0);
    });
    this.#stream = stream;
    this.#blocked = false;
    this.#generation++;
    this.#listener.opened();
  }

  #again(reason: string, retryAfterMs: number): void {
    this.#client?.close();
    this.#client = null;
    if (this.#stopped) return;
    const retryMs = this.#delay.nextMs(Reconnect.backOff, retryAfterMs);
    this.#retry = setTimeout(() => this.#dial(), retryMs);
    this.#listener.closed(reason, retryMs);
  }
}
