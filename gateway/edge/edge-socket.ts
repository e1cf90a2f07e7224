/**
 * What a plane sees of a WebSocket: the seam between the edge, which alone knows uWebSockets.js, and the planes.
 *
 * Calls go down, values come back: a plane implements `EdgeListener` and answers by calling `EdgeSocket`.
 */
import type { CloseCode } from '../../schemas/close-codes.ts';

/** Who is on the socket, as their access token says. Frozen; renewed as a whole by `EdgeSocket.renew`. */
export interface Principal {
  readonly identity: string;
  readonly name: string;
  readonly tenant: string;
  readonly apiKey: string;
  readonly kind: 'standard' | 'agent';
  /** The only room the token is for; empty when it is for any. */
  readonly room: string;
  readonly roomJoin: boolean;
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
  readonly canPublishData: boolean;
  readonly hidden: boolean;
  readonly region: string;
  /** Upper bound of the traffic classes this principal may use; null: no bound. */
  readonly classes: readonly string[] | null;
  /** Wall clock, ms since the epoch; Infinity where the token does not say. */
  readonly expiresAtMs: number;
}

/** What became of a message handed to the socket. After `lost`, the session is to be closed: it will resume. */
export const SendOutcome = { sent: 0, buffered: 1, lost: 2 } as const;
export type SendOutcome = (typeof SendOutcome)[keyof typeof SendOutcome];

/** One open WebSocket. `S` is what the plane keeps with it. After `closed`, every call is a harmless no-op. */
export interface EdgeSocket<S> {
  /** A small integer, unique among open sockets and reused after: an index into typed arrays. */
  readonly index: number;
  /** Whether the subprotocol is JSON (text) rather than protobuf (binary). */
  readonly json: boolean;
  readonly principal: Principal;
  /** The client's address after trusted proxies, IPv6 cut to its /64. */
  readonly address: string;
  /** `host:port` as the client reached us, from its Host header; for building URLs. */
  readonly host: string;
  /** Query of the upgrade request, without the leading `?` and without any access token. */
  readonly query: string;
  readonly open: boolean;
  /** The plane's own; the edge never looks inside. */
  state: S;
  /** Sends one WebSocket message, text for JSON sockets and binary for the others, whatever type is passed. */
  send(message: Uint8Array | string): SendOutcome;
  /** Runs `write` with the socket corked, so that several sends leave in one system call. */
  cork(write: () => void): void;
  /** Bytes handed to `send` that the kernel has not taken yet. */
  bufferedBytes(): number;
  /** Ends the session in order: the client sees `code` and its reason. */
  disconnect(code: CloseCode, reason?: string): void;
  /**
   * Drops the socket at once, from inside `received` too; the client sees 1006. For floods: an orderly end would
   * keep reading. With `penaltyMs`, the principal is refused at the handshake that long.
   */
  cut(code: CloseCode, penaltyMs?: number): void;
  /** Checks a fresh access token for the same identity and tenant and takes it over; resolves to an error sentence or null. */
  renew(jwt: string): Promise<string | null>;
}

/** A plane's side of the edge. `received` gets bytes that are valid during the call only: copy what must live longer. */
export interface EdgeListener<S> {
  /** The state to keep with a socket; called before `opened`. */
  attach(socket: EdgeSocket<S | null>): S;
  opened(socket: EdgeSocket<S>): void;
  received(socket: EdgeSocket<S>, bytes: Uint8Array): void;
  /** The buffer has room again after `buffered`. */
  drained(socket: EdgeSocket<S>): void;
  closed(socket: EdgeSocket<S>, code: number): void;
}

/** The event loop's turns: the clock is read once a turn, and run limits are counted per turn. */
export interface Turn {
  /** Grows by one with every turn of the event loop in which something was received. */
  readonly number: number;
  /** Monotonic milliseconds at the turn's first message. */
  readonly nowMs: number;
}
