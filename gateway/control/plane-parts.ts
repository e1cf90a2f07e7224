/** What the parts of the control plane share: made once at start, handed to each. */
import type { ClassTables } from '../../classes/frame-classifier.ts';
import type { Policy } from '../../classes/policy.ts';
import type { Config } from '../config/config.ts';
import type { ActiveLadder } from '../ladder/active-ladder.ts';
import type { MetadataForwarder } from '../nodes/metadata-forwarder.ts';
import type { NodePool } from '../nodes/node-pool.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import type { Replies } from './replies.ts';
import type { Rooms } from './rooms.ts';
import type { Session } from './session.ts';

export interface PlaneParts {
  readonly config: Config;
  readonly policy: Policy;
  readonly classes: ClassTables;
  readonly counters: PlaneCounters;
  readonly replies: Replies;
  readonly rooms: Rooms;
  /** Sessions that have joined, connected or away, by ID. */
  readonly sessions: Map<string, Session>;
  readonly pool: NodePool;
  readonly forwarder: MetadataForwarder;
  /** What is given up under overload. */
  readonly ladder: ActiveLadder;
}

/** The result of a dispatch that has queued its frame and will settle it when the answer is there. */
export const AWAITED = -1;

/** Counts an admitted frame as waiting for an answer; `settleQueued` ends the wait. */
export function beginWait(counters: PlaneCounters, classIndex: number): void {
  counters.queued[counters.row(classIndex)]! += 1;
}
