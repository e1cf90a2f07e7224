/**
 * Which way a client's metadata comes: over a socket of its own, or, where that cannot be reached, over the signalling
 * socket.
 *
 *     joined ──► separate ──cannot be opened at first──► mixed (join again, resuming)
 *
 * Invariants: at most one metadata socket, for the present session; once mixed, always mixed; the signalling socket is
 * disturbed only by the one change to mixed.
 */
import type { Frame } from '../../schemas/proto.ts';
import type { MetadataState } from './client-types.ts';
import type { KeptSocketOptions } from './kept-socket.ts';
import type { MetadataExchange } from './metadata-exchange.ts';
import { MetadataLink } from './metadata-link.ts';
import type { SluiceError } from './sluice-error.ts';

/** The capability by which a client asks for metadata on the signalling socket. */
export const MIXED = 'mixed';

/** What the route needs of the signalling side. */
export interface RouteOwner {
  /** The session that the metadata socket attaches to, as it is now. */
  session(): { session: string; resumeToken: string };
  send(frame: Frame): boolean;
  /** Joins again with the capability `mixed`. */
  mix(): void;
  told(state: MetadataState, error: SluiceError | undefined): void;
  failed(error: SluiceError): void;
}

export interface RouteOptions {
  readonly mixed: boolean;
  /** false: no socket of its own is opened. */
  readonly separate: boolean;
  readonly room: string;
  readonly socket: Omit<KeptSocketOptions, 'url'>;
}

export class MetadataRoute {
  readonly #options: RouteOptions;
  readonly #exchange: MetadataExchange;
  readonly #owner: RouteOwner;
  #mixed: boolean;
  #link: MetadataLink | null = null;
  #url = '';
  #session = '';
  #ended = false;

  constructor(options: RouteOptions, exchange: MetadataExchange, owner: RouteOwner) {
    this.#options = options;
    this.#exchange = exchange;
    this.#owner = owner;
    this.#mixed = options.mixed;
  }

  /** The client is in its room, now or again; `metadataUrl` serves the room. */
  joined(metadataUrl: string): void {
    if (this.#mixed) {
      this.#exchange.begin((frame) => this.#owner.send(frame), {});
      this.#owner.told('mixed', undefined);
    } else if (this.#options.separate && metadataUrl !== '') this.#attach(metadataUrl);
  }

  /** The signalling socket is lost for now: a metadata socket of its own goes on. */
  signalLost(): void {
    if (this.#mixed) this.#exchange.pause();
  }

  /** Ends for good. */
  stop(): void {
    this.#ended = true;
    this.#link?.stop();
    this.#link = null;
    this.#exchange.queue.close();
  }

  /** Opens the metadata socket, or leaves the one that serves this session already alone. */
  #attach(url: string): void {
    const { session } = this.#owner.session();
    if (this.#link !== null && url === this.#url && session === this.#session) return;
    this.#link?.stop();
    if (session !== this.#session) this.#exchange.lastNumber = 0;
    this.#url = url;
    this.#session = session;
    let attached = false;
    const link = new MetadataLink(
      { url, room: this.#options.room, ...this.#options.socket },
      this.#exchange,
      () => this.#owner.session(),
      {
        attached: () => {
          attached = true;
          this.#owner.told('separate', undefined);
        },
        failed: (error) => this.#owner.failed(error),
        lost: (error) => this.#owner.told('reconnecting', error),
        ended: (error) => {
          this.#link = null;
          if (this.#ended) return;
          this.#owner.told('off', error);
          const denied = error.code === 401 || error.code === 403;
          if (!attached && !denied) this.#mix();
        },
      },
    );
    this.#link = link;
    void link.start();
  }

  #mix(): void {
    this.#mixed = true;
    this.#exchange.lastNumber = 0;
    this.#owner.mix();
  }
}
