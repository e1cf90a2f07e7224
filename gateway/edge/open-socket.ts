/**
 * One open WebSocket, as planes see it.
 *
 * Invariants: once `open` is false the uWebSockets.js object is never touched again, as that throws; `closed` of the
 * listener runs inside `disconnect` and `cut`, before they return; `closeCode` is what the gateway meant, whatever
 * the client saw.
 */
import type { WebSocket } from 'uWebSockets.js';
import { CLOSE_REASONS, type CloseCode } from '../../schemas/close-codes.ts';
import { type EdgeSocket, type Principal, SendOutcome } from './edge-socket.ts';
import type { HandshakeRequest } from './handshake-request.ts';
import { isRefusal, type Refusal } from './refusal.ts';

const MAX_REASON_BYTES = 123;

/** What a socket needs of the edge it belongs to. */
export interface SocketHost {
  penalise(principal: Principal, penaltyMs: number): void;
  /** Whether a socket may be ended with a close frame; false: it is to be cut. */
  mayEnd(address: string, code: CloseCode): boolean;
  verify(jwt: string): Principal | Refusal;
}

/** The uWebSockets.js object: bearing our socket as a property is six times cheaper than `getUserData()`. */
export interface WireSocket<S> extends WebSocket<unknown> {
  socket: OpenSocket<S>;
}

export class OpenSocket<S> implements EdgeSocket<S> {
  readonly index: number;
  readonly json: boolean;
  readonly address: string;
  readonly host: string;
  readonly query: string;
  principal: Principal;
  state: S;
  open = true;
  /** The code the gateway ended it with; 0: the client or the network did. */
  closeCode = 0;
  runTurn = 0;
  runFrames = 0;
  runBytes = 0;
  readonly #wire: WebSocket<unknown>;
  readonly #host: SocketHost;

  constructor(
    index: number,
    wire: WebSocket<unknown>,
    host: SocketHost,
    request: HandshakeRequest,
    json: boolean,
    principal: Principal,
    state: S,
  ) {
    this.index = index;
    this.#wire = wire;
    this.#host = host;
    this.address = request.address;
    this.host = request.host;
    this.query = request.query.toString();
    this.json = json;
    this.principal = principal;
    this.state = state;
  }

  send(message: Uint8Array | string): SendOutcome {
    if (!this.open) return SendOutcome.lost;
    const sent = this.#wire.send(message, !this.json, false);
    if (sent === 1) return SendOutcome.sent;
    return sent === 0 ? SendOutcome.buffered : SendOutcome.lost;
  }

  cork(write: () => void): void {
    if (this.open) this.#wire.cork(write);
  }

  bufferedBytes(): number {
    return this.open ? this.#wire.getBufferedAmount() : 0;
  }

  disconnect(code: CloseCode, reason: string = CLOSE_REASONS[code]): void {
    if (!this.open) return;
    this.open = false;
    this.closeCode = code;
    if (this.#host.mayEnd(this.address, code)) this.#wire.end(code, fittingReason(reason));
    else this.#wire.close();
  }

  cut(code: CloseCode, penaltyMs = 0): void {
    if (!this.open) return;
    this.open = false;
    this.closeCode = code;
    if (penaltyMs > 0) this.#host.penalise(this.principal, penaltyMs);
    this.#wire.close();
  }

  async renew(jwt: string): Promise<string | null> {
    const { principal: old } = this;
    const renewed = this.#host.verify(jwt);
    if (isRefusal(renewed)) return renewed.message;
    if (renewed.identity !== old.identity) return 'the access token is for another identity';
    if (renewed.tenant !== old.tenant) return 'the access token is for another tenant';
    if (renewed.kind !== old.kind)
      return `the access token is of kind ${renewed.kind}, this session of kind ${old.kind}`;
    if (renewed.room !== old.room) return 'the access token is for another room';
    if (!renewed.roomJoin) return 'the access token does not grant roomJoin';
    this.principal = renewed;
    return null;
  }
}

/** Cut to what a close frame can bear, never inside a character. */
function fittingReason(reason: string): string {
  if (Buffer.byteLength(reason) <= MAX_REASON_BYTES) return reason;
  let short = '';
  let bytes = 0;
  for (const character of reason) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_REASON_BYTES) break;
    short += character;
  }
  return short;
}
