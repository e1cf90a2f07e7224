/**
 * What a plane's event loop says of its load, for the ladder: how much of its time it works and, if that is much, how late
 * it is.
 *
 * A plane that is late though it has little to do waits for the machine. To refuse its work would not make it less late, so
 * that lateness is no reason to climb: it is told of a busy plane only.
 */
import { performance } from 'node:perf_hooks';
import type { LadderLoad } from '../../backpressure/ladder.ts';
import { LoopDelay } from '../telemetry/loop-delay.ts';
import { BUSY_SHARE } from '../telemetry/loop-lateness.ts';

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

  /** Of the time since the last call. Lateness, the loop's own and what else of it was measured, only of a busy loop. */
  take(lateness: LadderLoad): LadderLoad {
    const before = this.#utilisation;
    this.#utilisation = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#utilisation, before);
    const loopDelayP99Ms = this.#delay.take().p99;
    return utilization < BUSY_SHARE ? {} : { ...lateness, loopDelayP99Ms, loopUtilisation: utilization };
  }
}
