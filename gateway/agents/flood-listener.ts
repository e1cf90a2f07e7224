/** Somebody in a flooded room who reads and acknowledges everything: without, nothing of a flood could be delivered. */
import { WebSocket } from 'ws';
import { decodeFrame, encodeBinaryFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { Kind } from '../../schemas/kinds.ts';

const RETRY_MS = 500;

export class FloodListener {
  readonly #url: string;
  readonly #accessToken: () => Promise<string>;
  readonly #ca: string | undefined;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `ca`: the certificate to trust; undefined: those the system knows. */
  constructor(url: string, accessToken: () => Promise<string>, ca?: string) {
    this.#ca = ca;
    this.#url = url;
    this.#accessToken = accessToken;
  }

  /** Connects, and again whenever the connection is lost. */
  async start(): Promise<void> {
    const protocols = ['sluice.v1.protobuf', `bearer.${await this.#accessToken()}`];
    if (this.#stopped) return;
    const socket = new WebSocket(this.#url, protocols, { perMessageDeflate: false, ...(this.#ca && { ca: this.#ca }) });
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const frame = decodeFrame(data, false, true);
      if (isFrameError(frame) || !frame.batch || socket.readyState !== WebSocket.OPEN) return;
      socket.send(encodeBinaryFrame({ kind: Kind.ack, ack: { upTo: frame.batch.number ?? 0 } }));
    });
    socket.once('close', () => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start().catch(() => undefined), RETRY_MS);
    });
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }
}
