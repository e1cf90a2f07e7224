/**
 * Who may begin a call when this process cannot keep up: a share of the joins, by lot of the session, so that whoever was
 * let in finds it fast enough to finish. Nothing but joins is refused, and no session that comes back.
 *
 * Invariant: a window in which fewer than SPARED joins come refuses none.
 */
import { hashBytes } from '../../backpressure/byte-key-table.ts';
import { JoinShare } from '../../backpressure/join-share.ts';
import { BUSY_SHARE, LoopLateness } from '../telemetry/loop-lateness.ts';

const WINDOW_MS = 50;
/**
 * 1500 joins a second: fewer are not what makes a process late. It is well above what handshakes let in of one tenant, so
 * that who floods with joins of one tenant cannot have those of others refused.
 */
const SPARED = 75;
/** What a refused client is told to wait. */
export const BUSY_RETRY_MS = 1000;

export class JoinGate {
  readonly #share = new JoinShare(SPARED);
  readonly #lateness = new LoopLateness();
  /** How long the first waiting frame has waited, ms. */
  readonly #headWaitMs: (nowMs: number) => number;
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
    const latenessMs = this.#lateness.takeMs();
    const { utilisation } = this.#lateness;
    const delayMs = utilisation < BUSY_SHARE ? 0 : Math.max(latenessMs, this.#headWaitMs(performance.now()));
    this.#share.endWindow(delayMs, utilisation);
  }
}
