/**
 * The ladder of overload in the control plane: what it measures for it, what it gives up, and whom it tells.
 *
 *     given up: new calls, and new sessions of agents. What was begun is never refused.
 *     told:     agents on signalling sockets, and every node
 */
import type { LadderLoad } from '../../backpressure/ladder.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { ActiveLadder } from '../ladder/active-ladder.ts';
import { LoopLoad } from '../ladder/loop-load.ts';
import type { AttachedNode, NodePool } from '../nodes/node-pool.ts';
import type { LadderClimber } from '../supervisor/plane-link.ts';
import type { PlaneParts } from './plane-parts.ts';
import type { Session } from './session.ts';
import type { SetupTimes } from './setup-times.ts';

/** Fewer frames than this say nothing about the slowest in a thousand. */
const LEAST_FRAMES = 100;
/** The one of the advice that nodes get as a command of its own. */
const BYPASS = 'bypassOnPath';

type Parts = Pick<PlaneParts, 'replies' | 'sessions' | 'pool'>;

export class PlaneLadder implements LadderClimber {
  readonly #ladder: ActiveLadder;
  readonly #parts: Parts;
  readonly #times: SetupTimes;
  readonly #loop = new LoopLoad();
  /** Whether nodes have been told to leave models out of the media path. */
  #bypassing = false;

  constructor(ladder: ActiveLadder, parts: Parts, times: SetupTimes) {
    this.#ladder = ladder;
    this.#parts = parts;
    this.#times = times;
    this.#bypassing = this.#bypasses;
  }

  start(): void {
    this.#loop.start();
  }

  stop(): void {
    this.#loop.stop();
  }

  /** What the plane and its nodes measured since this was asked last. */
  load(): LadderLoad {
    const { setupFrames } = this.#times;
    const controlP999Ms = setupFrames.quantileMs(0.999, LEAST_FRAMES);
    setupFrames.endWindow();
    return { ...this.#loop.take({ controlP999Ms }), ...nodeLoad(this.#parts.pool) };
  }

  /** Goes to a level. */
  climb(level: number): void {
    if (this.#ladder.climb(level)) this.#tell();
  }

  /** Another policy is in force. */
  adopt(): void {
    if (this.#ladder.adopt()) this.#tell();
  }

  /** Tells an agent that has joined, if there is anything to tell. */
  joined(session: Session): void {
    if (this.#ladder.level > 0) this.#advise(session);
  }

  /** Tells a node that has attached, if there is anything to tell. */
  attached(node: AttachedNode): void {
    if (this.#ladder.level === 0) return;
    node.commands.tell({ advice: this.#ladder.advice });
    if (this.#bypassing) bypass(node, false);
  }

  get #bypasses(): boolean {
    return this.#ladder.effects.advice.includes(BYPASS);
  }

  #tell(): void {
    for (const session of this.#parts.sessions.values()) this.#advise(session);
    const changed = this.#bypassing !== this.#bypasses;
    this.#bypassing = this.#bypasses;
    for (const node of this.#parts.pool.nodes) {
      node.commands.tell({ advice: this.#ladder.advice });
      if (changed) bypass(node, !this.#bypassing);
    }
  }

  #advise(session: Session): void {
    if (session.principal.kind !== 'agent') return;
    this.#parts.replies.send(session, { kind: Kind.advice, advice: this.#ladder.advice });
  }
}

/** Tells a node to take its models off the media path, or to put them back. */
function bypass({ features, commands }: AttachedNode, ended: boolean): void {
  for (const feature of features) commands.tell({ bypass: { feature, ended } });
}

/** Of the nodes that say so, the longest queue and the slowest inference. */
function nodeLoad(pool: NodePool): LadderLoad {
  let nodeQueueDepth: number | undefined;
  let inferenceP99Ms: number | undefined;
  for (const node of pool.nodes) {
    nodeQueueDepth = Math.max(nodeQueueDepth ?? 0, node.queueDepth);
    if (node.inferenceP99Ms !== null) inferenceP99Ms = Math.max(inferenceP99Ms ?? 0, node.inferenceP99Ms);
  }
  return {
    ...(nodeQueueDepth !== undefined && { nodeQueueDepth }),
    ...(inferenceP99Ms !== undefined && { inferenceP99Ms }),
  };
}
