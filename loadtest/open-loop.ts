/**
 * Sends on schedule whatever the answers do. What comes due late is sent at once and counted from the time it was
 * due, which is the correction for coordinated omission.
 *
 * Invariant: every scheduled send is fired exactly once, in order, never early, however late the timer comes.
 */

/** Time as the loop sees it; replaced in tests. */
export interface LoopClock {
  nowMs(): number;
  /** Calls `wake` after about `ms`; the value stops it. */
  after(ms: number, wake: () => void): () => void;
}

/** A running loop. */
export interface OpenLoop {
  /** Resolves when the last send has been fired, or when stopped. */
  readonly done: Promise<void>;
  /** Fires nothing more. */
  stop(): void;
}

/**
 * Calls `fire(index, intendedMs)` for each time of `times` (ms from `startMs` of the clock). `fire` must not throw.
 */
export function openLoop(
  times: Float64Array,
  startMs: number,
  clock: LoopClock,
  fire: (index: number, intendedMs: number) => void,
): OpenLoop {
  let next = 0;
  let cancel = () => {};
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const wake = () => {
    const nowMs = clock.nowMs();
    while (next < times.length) {
      const intendedMs = startMs + times[next]!;
      if (intendedMs > nowMs) break;
      fire(next++, intendedMs);
    }
    if (next >= times.length) finish();
    else cancel = clock.after(startMs + times[next]! - nowMs, wake);
  };
  cancel = clock.after(startMs - clock.nowMs(), wake);
  return {
    done,
    stop() {
      cancel();
      next = times.length;
      finish();
    },
  };
}

/** The loop's clock for real runs: `nowMs` and Node's timers, whose grain is about a millisecond. */
export function timerClock(nowMs: () => number): LoopClock {
  return {
    nowMs,
    after(ms, wake) {
      const timer = setTimeout(wake, Math.max(1, Math.ceil(ms)));
      return () => clearTimeout(timer);
    },
  };
}
