/** What is left at one level that limits a class: for operators who ask, not on the path of a frame. */
import type { LevelName } from './class-limits.ts';

/** In frames. What may be borrowed from the level around is not in it. */
export interface Balance {
  readonly level: LevelName;
  /** Frames that would pass here at once; below 1, none would. */
  readonly left: number;
  /** Frames that pass at once after a pause. */
  readonly burst: number;
  /** Ms until one more would pass here on its own account, 0: now. */
  readonly waitMs: number;
}
