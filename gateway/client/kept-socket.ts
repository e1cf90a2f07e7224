/**
 * Keeps one FrameSocket up: opens it, waits for the gateway's welcome, lets its owner greet, beats its heart, and opens
 * it again after a loss as the close code advises.
 *
 *     open → welcome → greet → (frames) → lost → wait → open …
 *
 * Invariants: at most one socket at a time; the first attempt is never repeated (who connects wants to know at once);
 * later ones are repeated until `stop()` or a close that forbids it; `ended` is told exactly once and last.
 */
import { Reconnect } from '../../schemas/close-codes.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { FrameEncoding } from './frame-encoding.ts';
import { type Closure, FrameSocket } from './frame-socket.ts';
import { ReconnectDelay } from './reconnect-delay.ts';
import {
  closedSetback,
  movingSetback,
  refusedSetback,
  type Setback,
  stoppedSetback,
  unpreparedSetback,
} from './setback.ts';
import { asSluiceError, ClientReason, SluiceError } from './sluice-error.ts';
import { probeUpgrade } from './upgrade-probe.ts';

/** The owner's side of a kept socket. */
export interface KeptSocketOwner {
  /** The WebSocket is open; the welcome has not come yet. */
  opened(): void;
  /** Says what the conversation begins with; the socket counts as good when the promise resolves. */
  greet(welcome: Frame): Promise<void>;
  /** Every frame after the welcome, `goaway` included. */
  received(frame: Frame): void;
  /** The socket is lost; the next attempt follows after `delayMs`. */
  lost(error: SluiceError, delayMs: number): void;
  /** Lost for good. */
  ended(error: SluiceError): void;
}

export interface KeptSocketOptions {
  readonly url: string;
  /** Asked once per connection; it is free once loaded. */
  readonly encoding: () => Promise<FrameEncoding>;
  readonly accessToken: () => Promise<string>;
  readonly connectTimeoutMs: number;
  readonly delay?: ReconnectDelay | undefined;
  /** Whether the first connection resumes already. */
  readonly resuming?: boolean;
}

/** Our own close code for "I come back": outside the advice ranges a gateway uses towards clients. */
const CLOSE_MOVING = 3000;
const CLOSE_DONE = 1000;
const LATE = 'no welcome in time';
const HEARTBEATS_MISSED = 2;
/** A connection that lasted this long was a good one. */
const SETTLED_MS = 1_000;

export class KeptSocket {
  #url: string;
  readonly #options: KeptSocketOptions;
  readonly #owner: KeptSocketOwner;
  readonly #delay: ReconnectDelay;
  #socket: FrameSocket | null = null;
  #stopped = false;
  #moving = false;
  #wake: (() => void) | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #goaway: ReturnType<typeof setTimeout> | undefined;
  #heard = true;
  #everOpen: boolean;
  #pingId = 0x8000_0000;

  constructor(options: KeptSocketOptions, owner: KeptSocketOwner) {
    this.#url = options.url;
    this.#options = options;
    this.#owner = owner;
    this.#delay = options.delay ?? new ReconnectDelay();
    this.#everOpen = options.resuming ?? false;
  }

  get open(): boolean {
    return this.#socket?.open ?? false;
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0;
  }

  /** Connects; resolves when greeted, rejects with the `SluiceError` of the first attempt. */
  async start(): Promise<void> {
    const lost = await this.#attempt();
    if ('error' in lost) {
      if (!this.#stopped) this.#owner.ended(lost.error);
      this.#stopped = true;
      throw lost.error;
    }
    void this.#keep(lost.setback);
  }

  /** Sends one frame; false when there is no open socket. */
  send(frame: Frame): boolean {
    return this.#socket?.send(frame) ?? false;
  }

  /** Leaves the present socket after `afterMs` and comes back, to `url` where given: what a `goaway` asks for. */
  move(url: string, afterMs: number): void {
    if (url !== '') this.#url = url;
    clearTimeout(this.#goaway);
    this.#goaway = setTimeout(() => {
      this.#moving = true;
      this.#socket?.close(CLOSE_MOVING, 'moving');
    }, afterMs);
  }

  /** Ends it for good. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wake?.();
    clearTimeout(this.#goaway);
    this.#socket?.close(CLOSE_DONE, '');
    this.#owner.ended(new SluiceError(0, ClientReason.closed, 'closed by the client'));
  }

  async #keep(firstLoss: Promise<Setback>): Promise<void> {
    let setback = await firstLoss;
    while (!this.#stopped) {
      if (setback.advice === Reconnect.never) {
        this.#stopped = true;
        this.#owner.ended(setback.error);
        return;
      }
      const delayMs = this.#delay.nextMs(setback.advice, setback.error.retryAfterMs);
      this.#owner.lost(setback.error, delayMs);
      await this.#sleep(delayMs);
      if (this.#stopped) return;
      const attempt = await this.#attempt();
      setback = 'error' in attempt ? attempt : await attempt.setback;
    }
  }

  /** One connection up to the greeting. What is returned says either why not, or how it will have been lost. */
  async #attempt(): Promise<Setback | { setback: Promise<Setback> }> {
    let jwt: string;
    let encoding: FrameEncoding;
    try {
      jwt = await this.#options.accessToken();
      encoding = await this.#options.encoding();
    } catch (thrown) {
      return unpreparedSetback(thrown);
    }
    if (this.#stopped) return stoppedSetback();
    const { promise: welcome, resolve: welcomed } = Promise.withResolvers<Frame>();
    const { promise: closure, resolve: closed } = Promise.withResolvers<Closure>();
    let greeting = false;
    try {
      this.#socket = new FrameSocket(this.#everOpen ? resuming(this.#url) : this.#url, encoding, jwt, {
        opened: () => {
          this.#everOpen = true;
          this.#owner.opened();
        },
        received: (frame) => {
          this.#heard = true;
          if (greeting) this.#owner.received(frame);
          else {
            greeting = true;
            welcomed(frame);
          }
        },
        closed: (how) => {
          clearInterval(this.#heartbeat);
          clearTimeout(this.#goaway);
          closed(how);
        },
      });
    } catch (thrown) {
      const message = `${JSON.stringify(this.#url)} is no WebSocket URL: ${String(thrown)}`;
      return { error: new SluiceError(0, ClientReason.unreachable, message), advice: Reconnect.never };
    }
    const socket = this.#socket;
    const setback = closure.then((how) => this.#setbackOf(how, jwt));
    const late = setTimeout(() => socket.close(CLOSE_MOVING, LATE), this.#options.connectTimeoutMs);
    const first = await Promise.race([welcome.then((frame) => ({ frame })), setback]);
    if ('error' in first) {
      clearTimeout(late);
      return first;
    }
    try {
      if (first.frame.kind !== Kind.welcome) throw new SluiceError(0, ClientReason.badFrame, 'no welcome came first');
      const lostMeanwhile = await Promise.race([this.#owner.greet(first.frame).then(() => null), setback]);
      if (lostMeanwhile !== null) return lostMeanwhile;
    } catch (thrown) {
      socket.close(CLOSE_DONE, '');
      return refusedSetback(asSluiceError(thrown, ClientReason.badFrame));
    } finally {
      clearTimeout(late);
    }
    // A gateway that takes us and drops us at once must not be asked in a tight loop.
    const settled = setTimeout(() => this.#delay.succeeded(), SETTLED_MS);
    void setback.then(() => clearTimeout(settled));
    this.#beat(socket, first.frame.welcome?.heartbeatMs ?? 0);
    return { setback };
  }

  /** Pings once a heartbeat, and gives the socket up when nothing at all was heard for two. */
  #beat(socket: FrameSocket, heartbeatMs: number): void {
    clearInterval(this.#heartbeat);
    if (heartbeatMs === 0 || !socket.open) return;
    let silent = 0;
    this.#heartbeat = setInterval(() => {
      silent = this.#heard ? 0 : silent + 1;
      this.#heard = false;
      if (silent >= HEARTBEATS_MISSED) socket.close(CLOSE_MOVING, 'nothing was heard');
      else socket.send({ kind: Kind.ping, ping: { id: this.#pingId++ >>> 0, sentMs: Date.now() } });
    }, heartbeatMs);
  }

  async #setbackOf(closure: Closure, jwt: string): Promise<Setback> {
    if (this.#stopped) return stoppedSetback();
    if (this.#moving) {
      this.#moving = false;
      return movingSetback();
    }
    return closure.wasOpen || closure.reason === LATE ? closedSetback(closure) : probeUpgrade(this.#url, jwt);
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Says that we come back: such handshakes go before new ones, and nothing is sent twice before we have said who we are. */
function resuming(text: string): string {
  const url = new URL(text);
  url.searchParams.set('resume', '1');
  return url.href;
}
