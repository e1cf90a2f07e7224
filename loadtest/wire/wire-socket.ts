/**
 * A WebSocket on a TCP socket of our own: after the handshake bytes go straight to the kernel, and come from it into
 * one buffer that all connections of the process share. This is what lets one process flood, and one count hundreds of
 * thousands of deliveries a second.
 *
 * Invariants: `closed` is called once, last, and not before the opener has the socket in hand; the code is 1006 when
 * the gateway cut the connection without a close.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame, Opcode } from './client-frame.ts';
import { ServerFrames } from './server-frames.ts';
import { acceptOf, readUpgradeAnswer } from './upgrade-answer.ts';

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

/** One buffer for what any connection reads: it is used up before the next read. */
const READ_BUFFER = Buffer.allocUnsafe(262_144);
const LOST = 1006;

/** An open connection. */
export class WireSocket {
  readonly #socket: Socket;
  readonly #frames: ServerFrames;
  readonly #listener: WireListener;
  #code = LOST;
  #closed = false;
  /** What came before the opener had the socket in hand; null afterwards. */
  #early: Buffer[] | null;

  /** For `openWire`. `head` is what came right behind the handshake. */
  constructor(socket: Socket, head: Buffer, listener: WireListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#early = [Buffer.from(head)];
    this.#frames = new ServerFrames({
      message: (bytes, start, end, text) => listener.message(bytes, start, end, text),
      closing: (code) => {
        this.#code = code;
        this.close();
      },
      pinged: (bytes, start, end) => this.write(clientFrame(bytes.subarray(start, end), Opcode.pong)),
    });
    socket.on('drain', () => listener.drained?.());
    setImmediate(() => this.#begin());
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
    const socket = this.#socket;
    socket.end(clientFrame(Uint8Array.of(0x03, 0xe8), Opcode.close));
    setTimeout(() => socket.destroy(), 500).unref();
  }

  /** Drops the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** For `openWire`: a piece of what the server sends. */
  received(piece: Buffer): void {
    if (this.#early) this.#early.push(Buffer.from(piece));
    else this.#frames.push(piece);
  }

  /** For `openWire`: the TCP connection is gone. */
  lost(): void {
    this.#closed = true;
    if (!this.#early) this.#listener.closed(this.#code);
  }

  #begin(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const piece of early) this.#frames.push(piece);
    if (this.#closed) this.#listener.closed(this.#code);
  }
}

/** Opens a connection. Rejects with `HandshakeRefused`. */
export function openWire(target: WireTarget, listener: WireListener, timeoutMs = 10_000): Promise<WireSocket> {
  const { host, port, localAddress } = target;
  const where = `ws://${host}:${port}${target.path}`;
  const key = randomBytes(16).toString('base64');
  return new Promise((resolve, reject) => {
    let wire: WireSocket | null = null;
    let answer = Buffer.alloc(0);
    let failure = 'the connection was closed';
    const refuse = (status: number, retryAfterMs: number, message: string) => {
      reject(new HandshakeRefused(status, retryAfterMs, `${where} ${message}`));
      socket.destroy();
    };
    const take = (length: number, buffer: Uint8Array): boolean => {
      const piece = buffer.subarray(0, length) as Buffer;
      if (wire) {
        wire.received(piece);
        return true;
      }
      answer = Buffer.concat([answer, piece]);
      const upgrade = readUpgradeAnswer(answer);
      if (!upgrade) return true;
      const { status, headers, rest } = upgrade;
      const retryAfterMs = Number(headers.get('retry-after') ?? 0) * 1000;
      if (status !== 101) refuse(status, retryAfterMs, `refused the handshake with ${status}`);
      else if (headers.get('sec-websocket-accept') !== acceptOf(key))
        refuse(0, 0, "accepted somebody else's handshake");
      else {
        clearTimeout(patience);
        wire = new WireSocket(socket, rest, listener);
        resolve(wire);
      }
      return true;
    };
    const socket = connect({
      host,
      port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: { buffer: READ_BUFFER, callback: take },
    });
    const patience = setTimeout(() => refuse(0, 0, `did not answer in ${timeoutMs} ms`), timeoutMs);
    socket.on('connect', () => socket.write(upgradeRequest(target, key)));
    socket.on('end', () => socket.destroy());
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', () => {
      clearTimeout(patience);
      if (wire) wire.lost();
      else refuse(0, 0, failure);
    });
  });
}

function upgradeRequest({ host, port, path, subprotocol, accessToken }: WireTarget, key: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${subprotocol ?? 'sluice.v1.protobuf'}`,
  ];
  if (accessToken !== undefined) lines.push(`Authorization: Bearer ${accessToken}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
