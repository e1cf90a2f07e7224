/** What a plane's event loop says of its load, for the ladder: how late it is and how much of its time it works. */
import { performance } from 'node:perf_hooks';
import type { LadderLoad } from '../../backpressure/ladder.ts';
import { LoopDelay } from '../telemetry/loop-delay.ts';

export class LoopLoad {
  readonly #delay = new LoopDelay();
  #utilisation = performance.eventLoopUtilization();

  /** Begins to watch. */
  start(): void {
    this.#delay.start();
    this.#utilisation = performance.eventLoopUtilization();
  }

  stop(): void {
    this.#delay.stop();
  }

  /** Of the time since the last call. */
  take(): Required<Pick<LadderLoad, 'loopDelayP99Ms' | 'loopUtilisation'>> {
    const before = this.#utilisation;
    this.#utilisation = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#utilisation, before);
    return { loopDelayP99Ms: this.#delay.take().p99, loopUtilisation: utilization };
  }
}
