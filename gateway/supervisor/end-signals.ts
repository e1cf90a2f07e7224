/**
 * Signals that end the gateway: the first drains it, the second ends it at once.
 *
 * Ctrl-C reaches every process of the terminal, and launchers above us (npm, the sluice command) pass it on once more:
 * what follows within half a second is the same wish.
 */
import { performance } from 'node:perf_hooks';

const SAME_WISH_MS = 500;

/** Calls `drain` at the first SIGTERM or SIGINT and `quit` at a later one. Returns what stops listening. */
export function onEndSignals(
  drain: (signal: NodeJS.Signals) => void,
  quit: (signal: NodeJS.Signals) => void,
): () => void {
  let firstMs: number | null = null;
  const listener = (signal: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (firstMs === null) {
      firstMs = nowMs;
      drain(signal);
    } else if (nowMs - firstMs > SAME_WISH_MS) quit(signal);
  };
  process.on('SIGTERM', listener);
  process.on('SIGINT', listener);
  return () => {
    process.off('SIGTERM', listener);
    process.off('SIGINT', listener);
  };
}
