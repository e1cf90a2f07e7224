/**
 * Metadata on its way to mixed sockets. Control always overtakes it: a message is written only while the socket has
 * next to nothing buffered, and waits here otherwise.
 *
 * Invariants: messages of a socket keep their order; at most `MAX_WAITING_BYTES` wait per session, as the worker's own
 * window is smaller; a session that is over it loses its socket, never a message in silence.
 */
import { CLOSE_REASONS, CloseCode } from '../../schemas/close-codes.ts';
import { SendOutcome } from '../edge/edge-socket.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import type { Session } from './session.ts';

/** What may be buffered in the socket when metadata is written. */
const LOW_BYTES = 16_384;
const MAX_WAITING_BYTES = 262_144;
/** Metadata is counted where it is classified, on its own plane: here it is just bytes. */
const NO_CLASS = -1;

export class MetadataOutlet {
  readonly #counters: PlaneCounters;
  /** Messages for sessions that are not connected. */
  missed = 0;

  constructor(counters: PlaneCounters) {
    this.#counters = counters;
  }

  /** Writes a message that a worker has encoded, or keeps it until the socket has room. `close` 0: nothing ends. */
  deliver(session: Session | undefined, message: Uint8Array, close: number): void {
    const socket = session?.socket;
    if (!session || !socket?.open) {
      this.missed++;
      return;
    }
    if (message.length > 0) {
      if (session.waiting === null && socket.bufferedBytes() <= LOW_BYTES) this.#write(session, message);
      else {
        session.waiting ??= [];
        session.waiting.push(message);
        session.waitingBytes += message.length;
        if (session.waitingBytes > MAX_WAITING_BYTES) socket.disconnect(CloseCode.slowConsumer);
      }
    }
    if (close !== 0) {
      this.drained(session, Number.POSITIVE_INFINITY);
      session.socket?.disconnect(isCloseCode(close) ? close : CloseCode.sessionEnded);
    }
  }

  /** The socket has room again. */
  drained(session: Session, upToBytes = LOW_BYTES): void {
    const { waiting, socket } = session;
    if (!waiting || !socket) return;
    let sent = 0;
    while (sent < waiting.length && socket.open && socket.bufferedBytes() <= upToBytes) {
      const message = waiting[sent++]!;
      session.waitingBytes -= message.length;
      if (!this.#write(session, message)) return;
    }
    session.waiting = sent === waiting.length ? null : waiting.slice(sent);
  }

  #write(session: Session, message: Uint8Array): boolean {
    const { socket } = session;
    if (!socket) return false;
    this.#counters.writes++;
    this.#counters.bytesOut[this.#counters.row(NO_CLASS)]! += message.length;
    if (socket.send(message) !== SendOutcome.lost) return true;
    socket.disconnect(CloseCode.slowConsumer);
    return false;
  }
}

function isCloseCode(code: number): code is CloseCode {
  return code in CLOSE_REASONS;
}
