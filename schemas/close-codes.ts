/**
 * WebSocket close codes and what a client is to do about each. The hundreds carry the advice, so that a client
 * need not know a code to obey it.
 */

/** What a client does after a close. */
export const Reconnect = {
  /** 4000–4099: the same request would fail again. */
  never: 'never',
  /** 4100–4199, and closes the gateway could not explain (1006): wait, with jitter. */
  backOff: 'backOff',
  /** 4200–4299: at once, resuming the session. */
  atOnce: 'atOnce',
} as const;
export type Reconnect = (typeof Reconnect)[keyof typeof Reconnect];

export const CloseCode = {
  badFrame: 4001,
  unauthorised: 4003,
  kindMismatch: 4004,
  replaced: 4005,
  sessionEnded: 4006,
  tooLarge: 4009,
  overCapacity: 4100,
  slowConsumer: 4108,
  idle: 4110,
  overBudget: 4129,
  draining: 4200,
  wrongWorker: 4201,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** One line for people, by code: also the close reason on the wire, so at most 123 bytes. */
export const CLOSE_REASONS: Readonly<Record<CloseCode, string>> = {
  4001: 'a frame broke the protocol',
  4003: 'not authorised, or no longer',
  4004: 'the payload is of another kind than the frame says',
  4005: 'the same identity joined elsewhere',
  4006: 'the session was ended',
  4009: 'a frame was larger than allowed',
  4100: 'the gateway is full',
  4108: 'received too slowly to keep every final',
  4110: 'nothing was heard for too long',
  4129: 'sent far more than allowed',
  4200: 'the gateway is draining',
  4201: 'the room is served by another worker',
};

/** What a client does after a close with `code`, by the range it is in. Unknown ranges and 1006 back off. */
export function reconnectAdvice(code: number): Reconnect {
  if (code >= 4000 && code < 4100) return Reconnect.never;
  if (code >= 4200 && code < 4300) return Reconnect.atOnce;
  return Reconnect.backOff;
}
