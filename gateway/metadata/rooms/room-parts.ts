/** What the parts of a room share: its live frames, its log, and the words by which they ask to be written. */
import type { Policy } from '../../../classes/policy.ts';
import type { ActiveLadder } from '../../ladder/active-ladder.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { Arrival } from './arrival.ts';
import type { LiveFrames } from './live-frames.ts';
import type { RoomFrame } from './room-frame.ts';

/** The frame waits; anything else an `admit…` returns is an index of `OUTCOMES`. */
export const QUEUED = -1;

export interface RoomParts {
  readonly live: LiveFrames;
  readonly policy: Policy;
  readonly counters: PlaneCounters;
  /** What is given up under overload. */
  readonly ladder: ActiveLadder;
  /** Log position up to which frames have left. */
  readonly emittedHead: number;
  /** Adds what arrived to the log as it is. It never goes stale. */
  logWhole(arrival: Arrival): RoomFrame;
  /** Adds a complete frame to the log. */
  addToLog(frame: RoomFrame): void;
  /** Something should leave now. */
  prompt(): void;
  /** A live frame leaves for the first time: at once, or where the worker has too much to do at the next tick. */
  lead(frame: RoomFrame): void;
  /** Something leaves at the next tick. */
  tick(): void;
}
