/**
 * When things are to be sent: decided before the first is sent, so that a slow system cannot slow the load down.
 *
 * Invariants: times ascend, lie in [0, durationMs), and depend on the arguments only.
 */

/** How arrivals are spaced. */
export type Arrivals = 'constant' | 'poisson';

/** Intended send times in ms from the start. `ratePerSecond` and `durationMs` must be positive. */
export function schedule(arrivals: Arrivals, ratePerSecond: number, durationMs: number, seed = 1): Float64Array {
  if (!(ratePerSecond > 0) || !(durationMs > 0)) {
    throw new RangeError(`a schedule needs a positive rate and duration, got ${ratePerSecond}/s for ${durationMs} ms`);
  }
  return arrivals === 'constant'
    ? constantSchedule(ratePerSecond, durationMs)
    : poissonSchedule(ratePerSecond, durationMs, seed);
}

function constantSchedule(ratePerSecond: number, durationMs: number): Float64Array {
  const periodMs = 1000 / ratePerSecond;
  // The rounding error of a quotient must not add or lose the last send.
  return Float64Array.from({ length: Math.ceil(durationMs / periodMs - 1e-9) }, (_, index) => index * periodMs);
}

function poissonSchedule(ratePerSecond: number, durationMs: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const meanMs = 1000 / ratePerSecond;
  const times: number[] = [];
  for (let at = gapMs(random, meanMs); at < durationMs; at += gapMs(random, meanMs)) times.push(at);
  return Float64Array.from(times);
}

function gapMs(random: () => number, meanMs: number): number {
  return -Math.log(1 - random()) * meanMs;
}

/** A repeatable stream of numbers in [0, 1): mulberry32. Good enough to space arrivals, and to nothing else. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
