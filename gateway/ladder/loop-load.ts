/**
 * What a plane's event loop says of its load, for the ladder: how much of its time it works and, if that is much, how late
 * it is.
 *
 * A plane that is late though it uses little of a CPU waits for the machine. To refuse its work would not make it less late,
 * so that lateness is no reason to climb: it is told of a busy plane only. Utilisation alone does not tell: to its event loop
 * a plane that was interrupted seems to work on.
 */
import { performance } from 'node:perf_hooks';
import type { LadderLoad } from '../../backpressure/ladder.ts';
import { LoopDelay } from '../telemetry/loop-delay.ts';

/** Of one CPU's time: a plane that uses less than this is not what makes it late. */
const BUSY_SHARE = 0.25;

export class LoopLoad {
  readonly #delay = new LoopDelay();
  #utilisation = performance.eventLoopUtilization();
  #cpu = process.cpuUsage();
  #tookMs = performance.now();

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
    const cpu = process.cpuUsage(this.#cpu);
    const nowMs = performance.now();
    const cpuShare = (cpu.user + cpu.system) / 1000 / Math.max(1, nowMs - this.#tookMs);
    this.#cpu = process.cpuUsage();
    this.#tookMs = nowMs;
    const loopDelayP99Ms = this.#delay.take().p99;
    return cpuShare < BUSY_SHARE ? {} : { ...lateness, loopDelayP99Ms, loopUtilisation: utilization };
  }
}
