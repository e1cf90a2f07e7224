/**
 * One monotonic clock for all processes of a run: the machine's, so that a publisher's stamp can be read by a
 * receiver in another process.
 */

const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds since the machine started, with a fraction. Comparable between processes, never set back. */
export function monotonicMs(): number {
  return originMs + performance.now();
}

/** Resolves after `ms` milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
