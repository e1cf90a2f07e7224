/**
 * What uWebSockets.js calls for open sockets.
 *
 * Invariants: every frame, pings and pongs included, counts towards the run of its socket in this turn; past the run
 * limit the socket is cut inside that very callback, after which no more of it is delivered; nothing is allocated per
 * message but the view on its bytes.
 */
import type { WebSocket, WebSocketBehavior } from 'uWebSockets.js';
import { CloseCode } from '../../schemas/close-codes.ts';
import { LEEWAY_SECONDS } from './access-token.ts';
import { closeCause } from './close-cause.ts';
import type { EdgeListener, Principal } from './edge-socket.ts';
import { type HandshakeRequest, SUBPROTOCOLS } from './handshake-request.ts';
import { OpenSocket, type SocketHost, type WireSocket } from './open-socket.ts';
import { SocketTable } from './socket-table.ts';
import { TurnClock } from './turn-clock.ts';

/** Far above what planes let a socket buffer: they judge by `bufferedBytes`, this only bounds a mistake. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

/** An accepted handshake: what `upgrade` hands to `open`. */
export interface Accepted {
  readonly request: HandshakeRequest;
  readonly principal: Principal;
}

/** The object uWebSockets.js keeps as long as the socket: emptied once the socket is open, so that it keeps no token. */
export interface Upgraded {
  accepted: Accepted | null;
}

export interface SocketLimits {
  readonly maxFrameBytes: number;
  readonly runFrames: number;
  readonly runBytes: number;
  readonly heartbeatMs: number;
  readonly penaltyMs: number;
}

/** All open sockets of an edge, and what is counted of them. */
export class Sockets<S> {
  readonly table = new SocketTable<S>();
  readonly turn = new TurnClock();
  /** By close code, as the gateway means it. */
  readonly disconnects: Record<string, number> = {};
  readonly #limits: SocketLimits;
  readonly #listener: EdgeListener<S>;
  readonly #host: SocketHost;

  constructor(limits: SocketLimits, listener: EdgeListener<S>, host: SocketHost) {
    this.#limits = limits;
    this.#listener = listener;
    this.#host = host;
  }

  /** For `App.ws`, with `upgrade` still to be added. */
  behavior(): WebSocketBehavior<Upgraded> {
    const listener = this.#listener;
    const { turn } = this;
    return {
      compression: 0,
      maxPayloadLength: this.#limits.maxFrameBytes,
      maxBackpressure: MAX_BUFFERED_BYTES,
      closeOnBackpressureLimit: false,
      maxLifetime: 0,
      idleTimeout: idleSeconds(this.#limits.heartbeatMs),
      sendPingsAutomatically: true,
      open: (wire) => {
        const upgraded = wire.getUserData();
        const accepted = upgraded.accepted!;
        upgraded.accepted = null;
        this.#open(wire as WireSocket<S>, accepted);
      },
      message: (wire, message, isBinary) => {
        const { socket } = wire as WireSocket<S>;
        turn.enter();
        const bytes = Buffer.from(message);
        if (this.#overruns(socket, bytes.length)) return;
        if (isBinary === socket.json) {
          socket.disconnect(
            CloseCode.badFrame,
            socket.json ? 'expected text messages on sluice.v1.json' : 'expected binary messages on sluice.v1.protobuf',
          );
          return;
        }
        listener.received(socket, bytes);
      },
      ping: (wire, message) => this.#heartbeat(wire as WireSocket<S>, message),
      pong: (wire, message) => this.#heartbeat(wire as WireSocket<S>, message),
      drain: (wire) => {
        const { socket } = wire as WireSocket<S>;
        turn.enter();
        if (socket.open) listener.drained(socket);
      },
      close: (wire, code, message) => this.#close((wire as WireSocket<S>).socket, code, message),
    };
  }

  /** Ends the sockets whose access token ran out and was not renewed. `nowMs`: wall clock. */
  disconnectExpired(nowMs: number): void {
    const expiredBeforeMs = nowMs - LEEWAY_SECONDS * 1000;
    this.table.forEach((socket) => {
      if (socket.principal.expiresAtMs < expiredBeforeMs) {
        socket.disconnect(CloseCode.unauthorised, 'the access token expired');
      }
    });
  }

  #open(wire: WireSocket<S>, { request, principal }: Accepted): void {
    this.turn.enter();
    const json = request.subprotocol === SUBPROTOCOLS.json;
    const socket = new OpenSocket<S | null>(
      this.table.reserve(),
      wire as WebSocket<unknown>,
      this.#host,
      request,
      json,
      principal,
      null,
    );
    wire.socket = socket as OpenSocket<S>;
    this.table.set(wire.socket);
    socket.state = this.#listener.attach(socket);
    if (socket.open) this.#listener.opened(wire.socket);
  }

  #heartbeat(wire: WireSocket<S>, message: ArrayBuffer): void {
    this.turn.enter();
    this.#overruns(wire.socket, message.byteLength);
  }

  #overruns(socket: OpenSocket<S>, bytes: number): boolean {
    const turn = this.turn.number;
    if (socket.runTurn !== turn) {
      socket.runTurn = turn;
      socket.runFrames = 0;
      socket.runBytes = 0;
    }
    socket.runFrames += 1;
    socket.runBytes += bytes;
    if (socket.runFrames <= this.#limits.runFrames && socket.runBytes <= this.#limits.runBytes) return false;
    socket.cut(CloseCode.overBudget, this.#limits.penaltyMs);
    return true;
  }

  #close(socket: OpenSocket<S>, wireCode: number, message: ArrayBuffer): void {
    this.turn.enter();
    const code = socket.closeCode === 0 ? closeCause(wireCode, message) : socket.closeCode;
    socket.open = false;
    this.disconnects[code] = (this.disconnects[code] ?? 0) + 1;
    this.#listener.closed(socket, code);
    this.table.release(socket);
  }
}

/**
 * uWebSockets.js's idle timeout, seconds, for a ping after about `heartbeatMs` of silence and an end some seconds
 * later: it pings a margin of 4, 8 or 16 s before the timeout, and takes whole seconds from 8 to 960.
 */
export function idleSeconds(heartbeatMs: number): number {
  const seconds = Math.round(heartbeatMs / 1000);
  const marginSeconds = seconds < 8 ? 4 : 8;
  return Math.min(960, Math.max(8, seconds + marginSeconds));
}
