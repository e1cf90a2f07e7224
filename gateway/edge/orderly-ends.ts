/**
 * How many orderly ends an address may provoke. After a close frame uWebSockets.js goes on reading a client that
 * ignores it, for up to the idle margin (16 s at most), at whatever rate it sends; so who breaks the protocol again
 * and again is cut instead and sees 1006.
 *
 * Invariant: at most `ENDS_PER_WINDOW` sockets of one address, ended for what it did, are still being read.
 */
import { CloseCode } from '../../schemas/close-codes.ts';

const ENDS_PER_WINDOW = 8;
const WINDOW_MS = 10_000;
const PROVOKED: ReadonlySet<number> = new Set([
  CloseCode.badFrame,
  CloseCode.kindMismatch,
  CloseCode.tooLarge,
  CloseCode.overBudget,
]);

export class OrderlyEnds {
  readonly #counts = new Map<string, number>();
  #windowStartMs = 0;

  /** Whether a socket of the address may be ended with a close frame; counts it if so. `nowMs`: monotonic. */
  allows(address: string, code: number, nowMs: number): boolean {
    if (!PROVOKED.has(code)) return true;
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#counts.clear();
    }
    const count = this.#counts.get(address) ?? 0;
    if (count >= ENDS_PER_WINDOW) return false;
    this.#counts.set(address, count + 1);
    return true;
  }
}
