/**
 * One person placing calls over one signalling socket: join, offer, and the node's answer ends the setup; then leave.
 * Uses the `ws` package, an implementation of WebSocket that is not ours.
 *
 * Invariants: one setup at a time; a setup ends exactly once; a caller that has hung up is free for the next.
 */
import { WebSocket } from 'ws';
import { monotonicMs } from '../clock.ts';
import { decodeSignal, encodeSignal, type SignalMessage } from '../wire/signal-message.ts';

/** How a caller reaches the gateway and what it says there. */
export interface CallerStart {
  readonly url: string;
  readonly accessToken: string;
  readonly localAddress: string;
  readonly json: boolean;
  readonly room: string;
}

/** How a setup ended. `failure` is null when the node's answer came. Times are of the machine's clock. */
export interface SetupEnd {
  readonly failure: string | null;
  readonly answeredMs: number;
  readonly joinedMs: number;
}

type Phase = 'closed' | 'connecting' | 'free' | 'joining' | 'offering' | 'leaving';

/** An offer of ordinary size. */
export const CALLER_OFFER = offerSdp();

/** A calling client. */
export class Caller {
  readonly #start: CallerStart;
  #socket: WebSocket | null = null;
  #phase: Phase = 'closed';
  #nextId = 1;
  #awaited = 0;
  #joinedMs = 0;
  #ended: ((end: SetupEnd) => void) | null = null;
  #connected: ((failure: string | null) => void) | null = null;

  constructor(start: CallerStart) {
    this.#start = start;
  }

  get free(): boolean {
    return this.#phase === 'free';
  }

  get closed(): boolean {
    return this.#phase === 'closed';
  }

  /** Opens the socket and waits for the welcome; resolves with why it failed, or null. */
  connect(): Promise<string | null> {
    const { url, accessToken, localAddress, json } = this.#start;
    this.#phase = 'connecting';
    const socket = new WebSocket(url, [json ? 'sluice.v1.json' : 'sluice.v1.protobuf'], {
      headers: { authorization: `Bearer ${accessToken}` },
      localAddress,
      perMessageDeflate: false,
      skipUTF8Validation: true,
      handshakeTimeout: 10_000,
    });
    this.#socket = socket;
    socket.on('message', (data) => this.#take(decodeSignal(json, data as Buffer)));
    socket.on('error', (error) => this.#lose(error.message));
    socket.on('close', (code) => this.#lose(`closed with ${code}`));
    return new Promise((resolve) => {
      this.#connected = resolve;
    });
  }

  /** Begins a setup; `ended` is called once. The caller must be free. */
  setup(ended: (end: SetupEnd) => void): void {
    this.#ended = ended;
    this.#phase = 'joining';
    this.#send('join', { room: this.#start.room, name: 'caller' });
  }

  /** The setup took too long: whatever comes of it, it has failed. The caller is lost with it. */
  abandon(failure: string): void {
    this.#end(failure);
    this.#socket?.terminate();
  }

  /** Ends the connection. */
  close(): void {
    this.#ended = null;
    this.#socket?.close();
  }

  #take(message: SignalMessage): void {
    if (message.kind === 'welcome' && this.#phase === 'connecting') {
      this.#phase = 'free';
      this.#connected?.(null);
      this.#connected = null;
      return;
    }
    if (message.fields.id !== this.#awaited) return;
    if (message.kind === 'error') {
      this.#end(`refused: ${String(message.fields.reason)}`);
      this.#hangUp();
    } else if (message.kind === 'joined' && this.#phase === 'joining') {
      this.#joinedMs = monotonicMs();
      this.#phase = 'offering';
      this.#send('offer', { connection: 'publish', offerId: 'o1', sdp: CALLER_OFFER });
    } else if (message.kind === 'answer' && this.#phase === 'offering') {
      this.#end(null);
      this.#hangUp();
    } else if (message.kind === 'ok' && this.#phase === 'leaving') this.#phase = 'free';
  }

  #hangUp(): void {
    if (this.#phase === 'leaving') {
      this.#phase = 'free';
      return;
    }
    this.#phase = 'leaving';
    this.#send('leave', {});
  }

  #send(kind: 'join' | 'offer' | 'leave', fields: Readonly<Record<string, unknown>>): void {
    this.#awaited = this.#nextId++;
    this.#socket?.send(encodeSignal(this.#start.json, kind, { id: this.#awaited, ...fields }));
  }

  #end(failure: string | null): void {
    const ended = this.#ended;
    this.#ended = null;
    ended?.({ failure, answeredMs: monotonicMs(), joinedMs: this.#joinedMs });
  }

  #lose(failure: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#connected?.(failure);
    this.#connected = null;
    this.#end(failure);
  }
}

function offerSdp(): string {
  const media = (kind: string, payload: number, codec: string, mid: number) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payload}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    'a=sendonly',
    'a=ice-ufrag:call',
    'a=ice-pwd:callcallcallcallcallcall',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
    'a=setup:actpass',
    'a=rtcp-mux',
    `a=rtpmap:${payload} ${codec}`,
    `a=ssrc:${1000 + mid} cname:load`,
  ];
  const head = ['v=0', 'o=- 2 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'];
  const audio = media('audio', 111, 'opus/48000/2', 0);
  return `${[...head, ...audio, ...media('video', 96, 'VP8/90000', 1)].join('\r\n')}\r\n`;
}
