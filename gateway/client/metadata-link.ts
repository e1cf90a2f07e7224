/**
 * The metadata socket beside a joined signalling session: attaches to it, carries the exchange, and comes back by itself.
 *
 * Invariants: it never affects the signalling socket; the session's resume token is read anew for every attach, because
 * it rotates; `unreachable` is told only for a first connection that failed, later losses are retried.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { KeptSocket, type KeptSocketOptions } from './kept-socket.ts';
import type { MetadataExchange } from './metadata-exchange.ts';
import { errorOf } from './pending-replies.ts';
import { asSluiceError, ClientReason, type SluiceError } from './sluice-error.ts';

export interface MetadataLinkListener {
  /** Attached, now or again. */
  attached(): void;
  failed(error: SluiceError): void;
  lost(error: SluiceError, delayMs: number): void;
  /** The first connection failed, or a close forbade another. */
  ended(error: SluiceError): void;
}

export class MetadataLink {
  readonly #socket: KeptSocket;
  readonly #exchange: MetadataExchange;
  readonly #listener: MetadataLinkListener;
  readonly #session: () => { session: string; resumeToken: string };
  readonly #room: string;
  #ended = false;

  constructor(
    options: KeptSocketOptions & { readonly room: string },
    exchange: MetadataExchange,
    session: () => { session: string; resumeToken: string },
    listener: MetadataLinkListener,
  ) {
    this.#exchange = exchange;
    this.#listener = listener;
    this.#session = session;
    this.#room = options.room;
    this.#socket = new KeptSocket(
      { ...options, url: withRoom(options.url, options.room) },
      {
        opened: () => {},
        greet: (welcome) => this.#greet(welcome),
        received: (frame) => this.#received(frame),
        lost: (error, delayMs) => {
          exchange.pause();
          listener.lost(error, delayMs);
        },
        ended: (error) => this.#end(error),
      },
    );
  }

  get open(): boolean {
    return this.#socket.open;
  }

  /** Connects and attaches; what goes wrong is told to the listener. */
  async start(): Promise<void> {
    try {
      await this.#socket.start();
    } catch (thrown) {
      this.#end(asSluiceError(thrown, ClientReason.unreachable));
    }
  }

  /** Ends for good, in silence. */
  stop(): void {
    this.#ended = true;
    this.#exchange.pause();
    this.#socket.stop();
  }

  #greet(frame: Frame): Promise<void> {
    const attach = { ...this.#session(), lastNumber: this.#exchange.lastNumber };
    this.#socket.send({ kind: Kind.attach, attach });
    const { credits, classes } = frame.welcome ?? {};
    this.#exchange.begin((one) => this.#socket.send(one), { credits: credits ?? {}, classes: classes ?? {} });
    this.#listener.attached();
    return Promise.resolve();
  }

  #received(frame: Frame): void {
    if (this.#exchange.received(frame)) return;
    if (frame.kind === Kind.goaway) {
      const goaway = frame.goaway;
      const url = goaway?.metadataUrl || goaway?.url || '';
      this.#socket.move(url === '' ? '' : withRoom(url, this.#room), goaway?.reconnectAfterMs ?? 0);
    } else if (frame.kind === Kind.error) this.#listener.failed(errorOf(frame));
  }

  #end(error: SluiceError): void {
    this.#exchange.pause();
    if (this.#ended) return;
    this.#ended = true;
    this.#listener.ended(error);
  }
}

/** The room goes with the URL: an access token need not name one. */
function withRoom(text: string, room: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (!url.searchParams.has('room')) url.searchParams.set('room', room);
  return url.href;
}
