/**
 * Who may begin a call when this process cannot keep up: a share of the joins, by lot of the session, so that whoever was
 * let in finds it fast enough to finish. Nothing but joins is refused, and no session that comes back.
 *
 * Invariant: a window in which fewer than SPARED joins come refuses none.
 */
import { performance } from 'node:perf_hooks';
import { hashBytes } from '../../backpressure/byte-key-table.ts';
import { JoinShare } from '../../backpressure/join-share.ts';
import { LoopLateness } from '../telemetry/loop-lateness.ts';

const WINDOW_MS = 50;
/** 500 joins a second: less than that is not what makes a process late. */
const SPARED = 25;
/** What a refused client is told to wait. */
export const BUSY_RETRY_MS = 1000;

export class JoinGate {
  readonly #share = new JoinShare(SPARED);
  readonly #lateness = new LoopLateness();
  /** How long the first waiting frame has waited, ms. */
  readonly #headWaitMs: (nowMs: number) => number;
  #utilisation = performance.eventLoopUtilization();
  #timer: NodeJS.Timeout | null = null;

  constructor(headWaitMs: (nowMs: number) => number) {
    this.#headWaitMs = headWaitMs;
  }

  start(): void {
    this.#lateness.start();
    this.#timer = setInterval(() => this.#endWindow(), WINDOW_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#lateness.stop();
  }

  /** Whether a session may join now. Each asks once per join. */
  admits(sessionId: string): boolean {
    const bytes = Buffer.from(sessionId, 'latin1');
    return this.#share.admits(hashBytes(bytes, 0, bytes.length));
  }

  #endWindow(): void {
    const before = this.#utilisation;
    this.#utilisation = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(this.#utilisation, before);
    const delayMs = Math.max(this.#lateness.takeMs(), this.#headWaitMs(performance.now()));
    this.#share.endWindow(delayMs, utilization);
  }
}
