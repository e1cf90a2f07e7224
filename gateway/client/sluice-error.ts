/**
 * The one error the client library throws and reports. `reason` is a single word to switch on; `code` is the gateway's
 * (read as HTTP's), a WebSocket close code from 4000 up, or 0 where the client itself gave up.
 */

/** Reasons the client itself gives, with code 0. The gateway's own words stand beside them. */
export const ClientReason = {
  /** Nothing answered at the address, or not as a gateway does. */
  unreachable: 'unreachable',
  /** No reply within the time allowed. */
  timeout: 'timeout',
  /** The socket was lost before the reply; whether the gateway acted is unknown. */
  connectionLost: 'connectionLost',
  /** There is no connection at the moment. */
  notConnected: 'notConnected',
  /** The gateway sent something that is no frame. */
  badFrame: 'badFrame',
  /** The codec of the subprotocol could not be loaded. */
  noEncoding: 'noEncoding',
  /** The publishing queue is full of frames that must not be lost. */
  queueFull: 'queueFull',
  /** `close()` or `leave()` was called. */
  closed: 'closed',
} as const;

export class SluiceError extends Error {
  readonly code: number;
  readonly reason: string;
  /** How long to wait before trying again, ms; undefined where the gateway did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(code: number, reason: string, message: string, retryAfterMs?: number) {
    super(message);
    this.name = 'SluiceError';
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Any thrown value as a `SluiceError`: what the application's own callbacks throw gets `reason`. */
export function asSluiceError(thrown: unknown, reason: string): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError(0, reason, thrown instanceof Error ? thrown.message : String(thrown));
}
