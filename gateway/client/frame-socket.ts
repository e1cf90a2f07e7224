/**
 * One WebSocket that speaks frames: opens with an access token, decodes what comes, encodes what goes.
 *
 * Uses the platform's WebSocket, so it is the same in browsers and in Node. The access token travels as an extra
 * subprotocol, because browsers cannot set headers; the gateway never echoes it.
 *
 * Invariants: `received` is called in wire order; `closed` exactly once and last; nothing is sent after either.
 */
import { isFrameError } from '../../schemas/frame-error.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { FrameEncoding } from './frame-encoding.ts';

const MAX_REASON_CHARACTERS = 100;

/** How a socket ended, as this side saw it. */
export interface Closure {
  /** A WebSocket close code; 1006 where the other side gave none. */
  readonly code: number;
  readonly reason: string;
  /** Whether it had been open: one that never was is to be probed for why. */
  readonly wasOpen: boolean;
}

/** Who hears of a socket. */
export interface FrameSocketListener {
  opened(): void;
  received(frame: Frame): void;
  closed(closure: Closure): void;
}

export class FrameSocket {
  readonly #encoding: FrameEncoding;
  readonly #listener: FrameSocketListener;
  readonly #socket: WebSocket;
  #wasOpen = false;
  #closed = false;

  /** Starts connecting at once. Throws a SyntaxError when `url` is no WebSocket URL. */
  constructor(url: string, encoding: FrameEncoding, jwt: string, listener: FrameSocketListener) {
    this.#encoding = encoding;
    this.#listener = listener;
    this.#socket = new WebSocket(url, [`sluice.v1.${encoding.subprotocol}`, `bearer.${jwt}`]);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => {
      this.#wasOpen = true;
      if (!this.#closed) listener.opened();
    };
    this.#socket.onmessage = (event) => this.#received(event.data);
    // Node tells no close of a socket that never opened; after an opening, the close with its code follows the error.
    this.#socket.onerror = () => {
      if (!this.#wasOpen) this.#end(1006, '');
    };
    this.#socket.onclose = (event) => this.#end(event.code, event.reason);
  }

  get open(): boolean {
    return !this.#closed && this.#socket.readyState === WebSocket.OPEN;
  }

  /** Bytes handed to the socket that have not left yet. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends one frame; false when the socket is not open. Throws when the frame cannot be encoded. */
  send(frame: Frame): boolean {
    if (!this.open) return false;
    // Our encoder never uses shared memory, which is all that WebSocket's type excludes.
    this.#socket.send(this.#encoding.encode(frame) as string | Uint8Array<ArrayBuffer>);
    return true;
  }

  /** Ends the socket; the listener hears of it at once, even if the other side never answers. */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    // A reason of more than 123 bytes would throw.
    const short = reason.replaceAll(/[^ -~]/g, '?').slice(0, MAX_REASON_CHARACTERS);
    this.#socket.close(code, short);
    this.#end(code, reason);
  }

  #received(data: unknown): void {
    if (this.#closed) return;
    const message = typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer);
    const frame = this.#encoding.decode(message);
    if (isFrameError(frame)) {
      this.close(frame.closeCode, `the gateway sent no frame: ${frame.message}`);
      return;
    }
    this.#listener.received(frame);
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.closed({ code, reason, wasOpen: this.#wasOpen });
  }
}
