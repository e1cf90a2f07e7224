/**
 * A WebSocket whose TCP socket stays ours: Node's HTTP client makes the handshake, then bytes go straight to the
 * kernel and come straight from it. This is what lets one process flood, and another count a million deliveries.
 *
 * Invariants: `closed` is called once, last; the code is 1006 when the gateway cut the connection without a close.
 */
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { clientFrame, Opcode } from './client-frame.ts';
import { ServerFrames } from './server-frames.ts';

export type Subprotocol = 'sluice.v1.protobuf' | 'sluice.v1.json';

/** Where to connect, and as whom. */
export interface WireTarget {
  readonly host: string;
  readonly port: number;
  /** `/v1/signal` or `/v1/metadata`; baselines have others. */
  readonly path: string;
  readonly subprotocol?: Subprotocol;
  /** None: the handshake bears no token. */
  readonly accessToken?: string;
  /** Source address, e.g. 127.0.1.7: handshakes are admitted per address. */
  readonly localAddress?: string;
}

/** What happens on the connection. `message` gets bytes that are valid during the call only. */
export interface WireListener {
  message(bytes: Uint8Array, start: number, end: number, text: boolean): void;
  closed(code: number): void;
  /** The kernel takes bytes again after `write` said false. */
  drained?(): void;
}

/** The handshake was refused with an HTTP status, or the connection failed (status 0). */
export class HandshakeRefused extends Error {
  readonly status: number;
  readonly retryAfterMs: number;

  constructor(status: number, retryAfterMs: number, message: string) {
    super(message);
    this.name = 'HandshakeRefused';
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An open connection. */
export class WireSocket {
  readonly #socket: Socket;
  #closed = false;

  /** For `openWire`. */
  constructor(socket: Socket, head: Buffer, listener: WireListener) {
    this.#socket = socket;
    let code = 1006;
    const frames = new ServerFrames({
      message: (bytes, start, end, text) => listener.message(bytes, start, end, text),
      closing: (sent) => {
        code = sent;
        this.close();
      },
      pinged: (bytes, start, end) => this.write(clientFrame(bytes.subarray(start, end), Opcode.pong)),
    });
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.on('data', (piece: Buffer) => frames.push(piece));
    socket.on('drain', () => listener.drained?.());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      listener.closed(code);
    });
    socket.on('end', () => socket.destroy());
    if (head.length > 0) frames.push(head);
  }

  get open(): boolean {
    return !this.#closed && !this.#socket.destroyed;
  }

  /** Bytes that wait in this process because the kernel does not take them. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /**
   * Writes whole masked frames as they are. False: wait for `drained` before writing more. `taken` is called when the
   * kernel has all of them, and never when the connection ends first.
   */
  write(frames: Uint8Array, taken?: () => void): boolean {
    if (!this.open) return false;
    if (!taken) return this.#socket.write(frames);
    return this.#socket.write(frames, (error) => {
      if (!error) taken();
    });
  }

  /** Sends one message. */
  send(message: Uint8Array | string): boolean {
    return this.write(clientFrame(message));
  }

  /** Says goodbye (code 1000) and ends. */
  close(): void {
    if (!this.open) return;
    this.#socket.end(clientFrame(Uint8Array.of(0x03, 0xe8), Opcode.close));
    const socket = this.#socket;
    setTimeout(() => socket.destroy(), 500).unref();
  }

  /** Drops the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }
}

/** Opens a connection. Rejects with `HandshakeRefused`. */
export function openWire(target: WireTarget, listener: WireListener, timeoutMs = 10_000): Promise<WireSocket> {
  const key = randomBytes(16).toString('base64');
  const headers: Record<string, string> = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    'sec-websocket-protocol': target.subprotocol ?? 'sluice.v1.protobuf',
  };
  if (target.accessToken !== undefined) headers.authorization = `Bearer ${target.accessToken}`;
  const { host, port, path, localAddress } = target;
  return new Promise((resolve, reject) => {
    const where = `ws://${host}:${port}${path}`;
    const upgrade = request({
      host,
      port,
      path,
      headers,
      agent: false,
      timeout: timeoutMs,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    upgrade.on('upgrade', (response, socket, head) => {
      if (response.headers['sec-websocket-accept'] !== acceptOf(key)) {
        socket.destroy();
        reject(new HandshakeRefused(0, 0, `${where} accepted somebody else's handshake`));
      } else resolve(new WireSocket(socket as Socket, head, listener));
    });
    upgrade.on('response', (response) => {
      const retryAfterMs = Number(response.headers['retry-after'] ?? 0) * 1000;
      response.resume();
      upgrade.destroy();
      const status = response.statusCode ?? 0;
      reject(new HandshakeRefused(status, retryAfterMs, `${where} refused the handshake with ${status}`));
    });
    upgrade.on('timeout', () => upgrade.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    upgrade.on('error', (error) => reject(new HandshakeRefused(0, 0, `${where}: ${error.message}`)));
    upgrade.end();
  });
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
