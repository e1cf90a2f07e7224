/**
 * Who may begin a call when this process cannot keep up: a share of the joins, by lot of the session, so that whoever was
 * let in finds it fast enough to finish. Nothing but joins is refused, and no session that comes back.
 *
 *     delay = max(usual lateness of the event loop, wait of the first frame that waits, wait of commands for their stream),
 *             0 while the process uses less than a quarter of a CPU: then it waits for the machine
 *
 * Under more than it can do, a plane is not late in reading: what it has read waits for the stream to a node, which takes a
 * few commands a turn. Of several nodes, the one that took most commands tells: a slow one is not the plane's doing.
 */
import { hashBytes } from '../../backpressure/byte-key-table.ts';
import { JOIN_WINDOW_MS, JoinShare } from '../../backpressure/join-share.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { AttachedNode } from '../nodes/node-pool.ts';
import { LoopLateness } from '../telemetry/loop-lateness.ts';
import type { TurnBands } from './turn-bands.ts';

/** Of one CPU's time: a process that uses less than this is not what makes it late. */
const BUSY_SHARE = 0.25;

export class JoinGate {
  readonly #share = new JoinShare();
  readonly #lateness = new LoopLateness();
  readonly #bands: Pick<TurnBands, 'queued' | 'headWaitMs'>;
  readonly #nodes: () => Iterable<AttachedNode>;
  #timer: NodeJS.Timeout | null = null;
  /** Frames let pass in this window, and those of them and before that waited at its beginning. */
  #passed = 0;
  #queuedBefore = 0;
  #endedMs = 0;
  #cpu = process.cpuUsage();

  /** `nodes`: those that are attached now, and nobody else asks what their streams took. */
  constructor(bands: Pick<TurnBands, 'queued' | 'headWaitMs'>, nodes: () => Iterable<AttachedNode>) {
    this.#bands = bands;
    this.#nodes = nodes;
  }

  start(): void {
    this.#lateness.start();
    this.#endedMs = performance.now();
    this.#timer = setInterval(() => this.#endWindow(performance.now()), JOIN_WINDOW_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#lateness.stop();
  }

  /** Whether a session may have a frame of a kind served now: of joins a share, of all else every one. */
  admits(kind: number, sessionId: string): boolean {
    if (kind === Kind.join) {
      const bytes = Buffer.from(sessionId, 'latin1');
      if (!this.#share.admits(hashBytes(bytes, 0, bytes.length))) return false;
    }
    this.#passed++;
    return true;
  }

  #endWindow(nowMs: number): void {
    const elapsedMs = nowMs - this.#endedMs;
    const { queued } = this.#bands;
    // What was let pass and does not wait any more has been served.
    const served = Math.max(0, this.#passed - (queued - this.#queuedBefore));
    const cpu = process.cpuUsage(this.#cpu);
    const cpuShare = (cpu.user + cpu.system) / 1000 / Math.max(1, elapsedMs);
    const commandWaitMs = this.#commandWaitMs(elapsedMs);
    const latenessMs = this.#lateness.takeMs();
    const delayMs = cpuShare < BUSY_SHARE ? 0 : Math.max(latenessMs, this.#bands.headWaitMs(nowMs), commandWaitMs);
    this.#share.endWindow(delayMs, served);
    this.#passed = 0;
    this.#queuedBefore = queued;
    this.#endedMs = nowMs;
    this.#cpu = process.cpuUsage();
  }

  /** By Little's law: what waits over what was written per ms. */
  #commandWaitMs(elapsedMs: number): number {
    let [most, waitMs] = [0, 0];
    for (const { commands } of this.#nodes()) {
      const written = commands.takeWritten();
      if (written <= most) continue;
      most = written;
      waitMs = (commands.queued * elapsedMs) / written;
    }
    return waitMs;
  }
}
