/**
 * Which way a client's metadata comes: over a socket of its own, or, where that cannot be reached, over the signalling
 * socket.
 *
 *     joined ──► separate ──cannot be opened, three times──► mixed (join again, resuming)
 *                    ▲                                         │
 *                    └────── the plane answers again ──────────┘   asked ever less often
 *
 * Invariants: at most one metadata socket, for the present session; the signalling socket is disturbed only by a change
 * to mixed or back; a client that asked for mixed stays so.
 */
import { Reconnect } from '../../schemas/close-codes.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { MetadataState } from './client-types.ts';
import type { KeptSocketOptions } from './kept-socket.ts';
import type { MetadataExchange } from './metadata-exchange.ts';
import { MetadataLink } from './metadata-link.ts';
import type { PublishTerms } from './publish-queue.ts';
import { ReconnectDelay } from './reconnect-delay.ts';
import type { SluiceError } from './sluice-error.ts';
import { wouldUpgrade } from './upgrade-probe.ts';

/** The capability by which a client asks for metadata on the signalling socket. */
export const MIXED = 'mixed';

const ATTEMPTS = 3;
const FIRST_ASK_MS = 5_000;
const LAST_ASK_MS = 300_000;

/** What the route needs of the signalling side. */
export interface RouteOwner {
  /** The session that the metadata socket attaches to, as it is now. */
  session(): { session: string; resumeToken: string };
  send(frame: Frame): boolean;
  /** Joins again, with the capability `mixed` or without. */
  rejoin(mixed: boolean): void;
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
  readonly #delay = new ReconnectDelay();
  #url = '';
  #session = '';
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #askAgainMs = FIRST_ASK_MS;
  #ended = false;

  constructor(options: RouteOptions, exchange: MetadataExchange, owner: RouteOwner) {
    this.#options = options;
    this.#exchange = exchange;
    this.#owner = owner;
    this.#mixed = options.mixed;
  }

  /** The client is in its room, now or again; `metadataUrl` serves the room, `classes` hold where that is this socket. */
  joined(metadataUrl: string, classes: PublishTerms['classes']): void {
    if (this.#mixed) {
      this.#exchange.begin((frame) => this.#owner.send(frame), { credits: {}, classes });
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
    clearTimeout(this.#retry);
    this.#link?.stop();
    this.#link = null;
    this.#exchange.close();
  }

  /** Opens the metadata socket, or leaves the one that serves this session already alone. */
  #attach(url: string): void {
    const { session } = this.#owner.session();
    if (this.#link !== null && url === this.#url && session === this.#session) return;
    clearTimeout(this.#retry);
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
          this.#failures = 0;
          this.#owner.told('separate', undefined);
        },
        failed: (error) => this.#owner.failed(error),
        lost: (error) => this.#owner.told('reconnecting', error),
        ended: (error) => {
          this.#link = null;
          if (this.#ended) return;
          this.#owner.told('off', error);
          if (!attached && error.code !== 401 && error.code !== 403) this.#tryElse(error);
        },
      },
    );
    this.#link = link;
    void link.start();
  }

  /** The first connection failed: again, for the plane may just be starting; then the other way. */
  #tryElse(error: SluiceError): void {
    if (++this.#failures < ATTEMPTS) {
      const waitMs = this.#delay.nextMs(Reconnect.backOff, error.retryAfterMs);
      this.#retry = setTimeout(() => this.#attach(this.#url), waitMs);
      return;
    }
    this.#failures = ATTEMPTS - 1;
    this.#mixed = true;
    this.#exchange.lastNumber = 0;
    this.#owner.rejoin(true);
    this.#askLater();
  }

  /** Changes back once the metadata plane answers. Each time the wait doubles: a proxy may answer and yet not let us in. */
  #askLater(): void {
    this.#retry = setTimeout(async () => {
      const jwt = await this.#options.socket.accessToken().catch(() => '');
      const answers = jwt !== '' && (await wouldUpgrade(this.#url, jwt));
      if (this.#ended) return;
      if (!answers) return this.#askLater();
      this.#mixed = false;
      this.#exchange.lastNumber = 0;
      this.#exchange.pause();
      this.#owner.rejoin(false);
    }, this.#askAgainMs);
    this.#askAgainMs = Math.min(2 * this.#askAgainMs, LAST_ASK_MS);
  }
}
