/** Why a handshake, a probe or an access token was refused: one shape for HTTP answers, close reasons and counters. */

export interface Refusal {
  /** HTTP status: 400, 401, 403, 429, 500 or 503. */
  readonly status: number;
  /** One word for programs, also the label of the handshake counters: malformed, unauthorised, limited, full, … */
  readonly reason: string;
  /** One sentence for people; never holds a secret. */
  readonly message: string;
  /** When trying again makes sense; sent as Retry-After in whole seconds, rounded up. */
  readonly retryAfterMs?: number;
}

/** A refused handshake or access token with `message` as the sentence for people. */
export function refusal(status: number, reason: string, message: string, retryAfterMs?: number): Refusal {
  return retryAfterMs === undefined ? { status, reason, message } : { status, reason, message, retryAfterMs };
}

/** Tells a refusal from what would have been returned otherwise. */
export function isRefusal<T extends object>(value: T | Refusal): value is Refusal {
  return 'status' in value && 'message' in value;
}

/** A word from outside, quoted for a sentence: bounded, and without control characters. */
export function quoted(word: string): string {
  const short = word.length > 64 ? `${word.slice(0, 64)}…` : word;
  return JSON.stringify(short);
}
