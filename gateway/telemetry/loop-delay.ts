/**
 * How late the event loop runs. Node's monitor measures how long a timer of RESOLUTION_MS took, its own interval
 * included; what is reported here is only what came on top.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;

/** Delays over the time since they were last taken, ms. */
export interface LoopDelayFigures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export class LoopDelay {
  readonly #monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#monitor.enable();
  }

  stop(): void {
    this.#monitor.disable();
  }

  /** The figures since the last call, and begins anew. */
  take(): LoopDelayFigures {
    const monitor = this.#monitor;
    const figures = {
      p50: delayMs(monitor.percentile(50)),
      p99: delayMs(monitor.percentile(99)),
      max: delayMs(monitor.max),
    };
    monitor.reset();
    return figures;
  }
}

function delayMs(ns: number): number {
  return Number.isFinite(ns) ? Math.max(0, ns / NS_PER_MS - RESOLUTION_MS) : 0;
}
