/** An attempt that failed, or a socket that was lost: the error to tell, and what to do about it. */
import { CLOSE_REASONS, CloseCode, Reconnect, reconnectAdvice } from '../../schemas/close-codes.ts';
import type { Closure } from './frame-socket.ts';
import { asSluiceError, ClientReason, SluiceError } from './sluice-error.ts';

export interface Setback {
  readonly error: SluiceError;
  readonly advice: Reconnect;
}

/** The client itself ended it. */
export function stoppedSetback(): Setback {
  return { error: new SluiceError(0, ClientReason.closed, 'closed by the client'), advice: Reconnect.never };
}

/** The gateway asked the client to go elsewhere. */
export function movingSetback(): Setback {
  const error = new SluiceError(0, ClientReason.connectionLost, 'moving to where the gateway said');
  return { error, advice: Reconnect.atOnce };
}

/** No socket was tried: the application gave no access token, which may pass, or the codec is not there, which will not. */
export function unpreparedSetback(thrown: unknown): Setback {
  const error = asSluiceError(thrown, 'accessToken');
  return { error, advice: error.reason === ClientReason.noEncoding ? Reconnect.never : Reconnect.backOff };
}

/** A refused join or attach: what can pass later is tried again, what cannot is not. */
export function refusedSetback(error: SluiceError): Setback {
  const passing = error.code === 0 || error.code === 429 || error.code >= 500;
  return { error, advice: passing ? Reconnect.backOff : Reconnect.never };
}

/** A socket that had been open: its close code decides. */
export function closedSetback({ code, reason }: Closure): Setback {
  const known = CLOSE_REASONS[code as CloseCode];
  const message = known ?? (reason || 'the connection was lost');
  const word = CLOSE_WORDS.get(code) ?? ClientReason.connectionLost;
  return { error: new SluiceError(code >= 4000 ? code : 0, word, message), advice: reconnectAdvice(code) };
}

const CLOSE_WORDS: ReadonlyMap<number, string> = new Map(
  Object.entries(CloseCode).map(([word, code]) => [code, word] as const),
);
