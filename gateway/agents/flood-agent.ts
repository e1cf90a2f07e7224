/**
 * One agent of a flood: a real WebSocket on /v1/metadata with a token of its own.
 *
 * Invariants: a lost connection is replaced until `stop`, by somebody new where the agent is rude; what waits in the
 * socket is bounded whatever the temper, so that the flood's own memory is.
 */
import { WebSocket } from 'ws';
import { decodeFrame, encodeBinaryFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { FloodFrames } from './flood-frames.ts';
import type { FloodTemper } from './flood-wish.ts';

const MOST_WAITING_BYTES = 1_048_576;
const RETRY_MS = 500;
/** Even rude agents dial no faster: many of them share what an address may open in a second. */
const RUDE_RETRY_MS = 200;

/** How an agent connects, and what all agents of a flood count together. */
export interface FloodAgentOptions {
  readonly number: number;
  readonly temper: FloodTemper;
  readonly url: string;
  /** The address to connect from; undefined: the system's choice. */
  readonly localAddress: string | undefined;
  /** The certificate to trust; undefined: those the system knows. */
  readonly ca: string | undefined;
  readonly accessToken: (identity: string) => Promise<string>;
  readonly count: { connected: number; writtenFrames: number; withheldFrames: number; cuts: number };
}

export class FloodAgent {
  readonly #options: FloodAgentOptions;
  #frames: FloodFrames;
  #socket: WebSocket | null = null;
  #credits = new Map<string, number>();
  /** By the word of a kind, as the gateway says. */
  #classes: Readonly<Record<string, string>> = {};
  #pausedUntilMs = new Map<string, number>();
  #lives = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FloodAgentOptions) {
    this.#options = options;
    this.#frames = new FloodFrames(`flood-${options.number}`);
  }

  /** Connects, and again whenever the connection is lost. */
  async start(): Promise<void> {
    const { number, temper, url, localAddress, ca, accessToken, count } = this.#options;
    const identity = temper === 'rude' ? `rude-${number}-${this.#lives++}` : `flood-${number}`;
    if (temper === 'rude') this.#frames = new FloodFrames(identity);
    const jwt = await accessToken(identity);
    if (this.#stopped) return;
    const protocols = ['sluice.v1.protobuf', `bearer.${jwt}`];
    const socket = new WebSocket(url, protocols, {
      perMessageDeflate: false,
      ...(localAddress && { localAddress }),
      ...(ca && { ca }),
    });
    socket.binaryType = 'nodebuffer';
    socket.on('error', () => undefined);
    socket.once('open', () => {
      this.#socket = socket;
      count.connected++;
    });
    socket.on('message', (data: Buffer) => {
      if (temper === 'cooperative') this.#hear(data);
    });
    socket.once('close', () => {
      if (this.#socket === socket) {
        this.#socket = null;
        count.connected--;
        if (!this.#stopped) count.cuts++;
      }
      if (!this.#stopped) this.#timer = setTimeout(() => this.#again(), temper === 'rude' ? RUDE_RETRY_MS : RETRY_MS);
    });
    if (this.#stopped) socket.terminate();
  }

  /** Sends `frames` frames in one message, or those of them that its temper lets it. At most 64. */
  send(frames: number): void {
    const { temper, count } = this.#options;
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > MOST_WAITING_BYTES) {
      count.withheldFrames += frames;
      return;
    }
    const due: Frame[] = [];
    for (let index = 0; index < frames; index++) {
      if (temper !== 'cooperative' || this.#maySend(this.#classes[this.#frames.nextKind] ?? ''))
        due.push(this.#frames.next());
      else this.#frames.skip();
    }
    count.withheldFrames += frames - due.length;
    count.writtenFrames += due.length;
    if (due.length > 0) socket.send(encodeBinaryFrame({ kind: Kind.batch, batch: { frames: due } }));
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  #again(): void {
    this.start().catch(() => undefined);
  }

  #maySend(name: string): boolean {
    const credit = this.#credits.get(name) ?? 0;
    if (credit < 1 || (this.#pausedUntilMs.get(name) ?? 0) > performance.now()) return false;
    this.#credits.set(name, credit - 1);
    return true;
  }

  #hear(data: Buffer): void {
    const frame = decodeFrame(data, false, true);
    if (isFrameError(frame)) return;
    const { welcome, credit, throttled } = frame;
    if (welcome) {
      this.#credits = new Map(Object.entries(welcome.credits ?? {}));
      this.#classes = welcome.classes ?? {};
    } else if (credit) {
      const name = credit.class ?? '';
      this.#credits.set(name, (this.#credits.get(name) ?? 0) + (credit.frames ?? 0));
    } else if (throttled) {
      this.#pausedUntilMs.set(throttled.class ?? '', performance.now() + (throttled.retryAfterMs ?? 0));
    }
  }
}
