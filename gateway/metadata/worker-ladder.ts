/**
 * The ladder of overload in a metadata worker: what it measures for it, what changes with the level, and whom it tells.
 *
 *     level ─► rhythm of rooms, whose interims leave; agents here and nodes are told
 *     what is refused on its way in, and who may not come, looks at the ladder itself
 */
import type { LadderLoad } from '../../backpressure/ladder.ts';
import { RecentRate } from '../../backpressure/recent-rate.ts';
import type { FlowCosts } from '../../classes/flow-costs.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { ActiveLadder } from '../ladder/active-ladder.ts';
import { LoopLoad } from '../ladder/loop-load.ts';
import type { LadderClimber } from '../supervisor/plane-link.ts';
import type { Dispatcher } from './delivery/dispatcher.ts';
import type { OverloadGate } from './intake/overload-gate.ts';
import type { NodeLinks } from './nodes/node-links.ts';
import type { Rooms } from './rooms/rooms.ts';
import type { MetadataSession } from './sessions/metadata-session.ts';

/** What the level acts upon. */
export interface WorkerLadderParts {
  readonly dispatcher: Pick<Dispatcher, 'adopt'>;
  readonly overload: OverloadGate;
  readonly rooms: Rooms;
  readonly nodes: NodeLinks;
  /** Money spent since the beginning. */
  readonly costs: Pick<FlowCosts, 'spent'>;
  /** Calls `visit` with everybody on a metadata socket here, and the kind of their access token. */
  readonly eachSession: (visit: (session: MetadataSession, kind: string) => void) => void;
}

export class WorkerLadder implements LadderClimber {
  readonly #ladder: ActiveLadder;
  readonly #parts: WorkerLadderParts;
  readonly #loop = new LoopLoad();
  readonly #spend = new RecentRate(0, performance.now());

  constructor(ladder: ActiveLadder, parts: WorkerLadderParts) {
    this.#ladder = ladder;
    this.#parts = parts;
    this.#pace();
  }

  /** What turns cost a second, and how late the worker usually was since this was asked last, if it was busy. */
  load(): LadderLoad {
    // A worker that serves as much as it can is always busy: that alone is no reason to climb.
    const { schedulerDelayMs } = this.#loop.take({ schedulerDelayMs: this.#parts.overload.takeDelayMs() });
    const spendPerSecond = this.#spend.perSecond(this.#parts.costs.spent, performance.now());
    return { spendPerSecond, ...(schedulerDelayMs !== undefined && { schedulerDelayMs }) };
  }

  /** Goes to a level. */
  climb(level: number): void {
    if (this.#ladder.climb(level)) this.#enter();
  }

  /** Another policy is in force. */
  adopt(): void {
    if (this.#ladder.adopt()) this.#enter();
    else this.#pace();
  }

  #enter(): void {
    this.#pace();
    this.#parts.rooms.limitInterims();
    const { advice } = this.#ladder;
    this.#parts.eachSession(({ outlet }, kind) => {
      if (kind === 'agent') outlet.tell({ kind: Kind.advice, advice });
    });
    this.#parts.nodes.advise();
  }

  /** Rooms write what waits for their tick no oftener than the level says. */
  #pace(): void {
    this.#parts.dispatcher.adopt(this.#ladder.tickMs);
  }
}
