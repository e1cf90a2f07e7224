/**
 * How generously publishers are granted credit, from the delay their frames meet.
 *
 *   every window:  d > T →  C ← C · max(0.5, 1 − 0.4 · (d − T)/T)
 *                  else     C ← min(1, C + 0.05)
 *
 * C is the share of its class's rate a publisher is granted. Source: Breakwater (OSDI '20), with delay as the signal
 * and a share instead of a server-wide pool. Invariant: 0.01 ≤ C ≤ 1.
 */
export const CREDIT_TARGET_MS = 10;
const LEAST_SHARE = 0.01;
const STEP_UP = 0.05;

/** The next window's share, given this window's share and queue delay (ms). */
export function nextCreditShare(share: number, delayMs: number, targetMs = CREDIT_TARGET_MS): number {
  if (delayMs > targetMs) {
    const cut = Math.max(0.5, 1 - (0.4 * (delayMs - targetMs)) / targetMs);
    return Math.max(LEAST_SHARE, share * cut);
  }
  return Math.min(1, share + STEP_UP);
}
