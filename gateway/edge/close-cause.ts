/** Why a socket closed that the gateway did not end: uWebSockets.js says 1006 and a text for all that it ends itself. */
import { CloseCode } from '../../schemas/close-codes.ts';

const CAUSES: readonly (readonly [RegExp, number])[] = [
  [/too big/i, CloseCode.tooLarge],
  [/timed out/i, CloseCode.idle],
  [/utf-8|invalid websocket frame|invalid close/i, CloseCode.badFrame],
];

/** The code to count a close under: uWebSockets.js's own, or ours where its text says what the client did. */
export function closeCause(code: number, message: ArrayBuffer): number {
  if (code !== 1006 || message.byteLength === 0) return code;
  const text = Buffer.from(message).toString('latin1');
  return CAUSES.find(([pattern]) => pattern.test(text))?.[1] ?? code;
}
