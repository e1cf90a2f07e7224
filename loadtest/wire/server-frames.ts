/**
 * Takes WebSocket frames from a server out of whatever pieces TCP delivers. Payloads are views, valid during the
 * call; only a frame that straddles two pieces is copied.
 *
 * Invariant: every byte pushed is used once. Masked or fragmented frames, which our gateways never send, are errors.
 */
import { Opcode } from './client-frame.ts';

/** Where frames go. */
export interface FrameSink {
  /** A message: `bytes[start, end)`, valid during the call only. */
  message(bytes: Uint8Array, start: number, end: number, text: boolean): void;
  /** A close frame; 1005 where it bears no code. */
  closing(code: number): void;
  /** A ping to be answered with the same bytes. */
  pinged(bytes: Uint8Array, start: number, end: number): void;
}

const NO_STATUS = 1005;
const EMPTY = new Uint8Array(0);

/** The reader of one connection. */
export class ServerFrames {
  readonly #sink: FrameSink;
  #pending: Uint8Array = EMPTY;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes the next piece. Throws on what no gateway sends. */
  push(piece: Uint8Array): void {
    const bytes = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    const used = this.#read(bytes);
    // A view of the socket's buffer would be overwritten by the next read, so what is left over is copied.
    this.#pending = used === bytes.length ? EMPTY : Uint8Array.prototype.slice.call(bytes, used);
  }

  #read(bytes: Uint8Array): number {
    let at = 0;
    while (bytes.length - at >= 2) {
      const first = bytes[at]!;
      const second = bytes[at + 1]!;
      if (second >= 0x80) throw new Error('a server sent a masked frame');
      let start = at + 2;
      let length = second;
      if (second === 126) {
        if (bytes.length - at < 4) break;
        length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        start = at + 4;
      } else if (second === 127) {
        if (bytes.length - at < 10) break;
        length = lengthOf64(bytes, at + 2);
        start = at + 10;
      }
      const end = start + length;
      if (end > bytes.length) break;
      this.#dispatch(first, bytes, start, end);
      at = end;
    }
    return at;
  }

  #dispatch(first: number, bytes: Uint8Array, start: number, end: number): void {
    const opcode = first & 0x0f;
    if ((first & 0xf0) !== 0x80) throw new Error('a server sent a fragmented or compressed frame');
    if (opcode === Opcode.binary || opcode === Opcode.text) {
      this.#sink.message(bytes, start, end, opcode === Opcode.text);
    } else if (opcode === Opcode.ping) this.#sink.pinged(bytes, start, end);
    else if (opcode === Opcode.close) {
      this.#sink.closing(end - start >= 2 ? (bytes[start]! << 8) | bytes[start + 1]! : NO_STATUS);
    }
  }
}

function lengthOf64(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let index = 0; index < 8; index++) length = length * 256 + bytes[at + index]!;
  return length;
}
