/**
 * What decides, frame by frame, who may pass while there is more work than can be done: `OverloadCursor`, and in tests and
 * experiments what is commonly used instead.
 */

/** What a worker did in a window, and what it has left to do. */
export interface OverloadWindow {
  /** What the queue's frames waited on average, or its first one so far, whichever is more, ms. */
  readonly delayMs: number;
  /** Cost of what was done. */
  readonly served: number;
  /** Cost of what has been admitted and not been done. */
  readonly backlog: number;
  /** How late the worker usually is to read what has come, ms. */
  readonly latenessMs?: number;
  /** The longest time in which the worker could not read: what came meanwhile is read in the next window. */
  readonly stalledMs?: number;
  /** How long what is admitted waits on average though there be nothing else to do: for its tick, ms. */
  readonly rhythmMs?: number;
  /** The part of the window in which the worker was busy, 0 to 1; 1 where that is not known. */
  readonly utilisation?: number;
  readonly first?: FirstLevel;
}

/** The most important level. */
export interface FirstLevel {
  /** The part of what is served that is its by right, 0 to 1. */
  readonly share: number;
  /** Of the backlog, what is of this level. */
  readonly backlog: number;
}

/** A law of overload. It knows no time: `endWindow` is called every `CURSOR_WINDOW_MS`. */
export interface OverloadLaw {
  /** Cost of what has passed in this window, exempt frames included. */
  readonly admitted: number;
  /** Whether not everything may pass. */
  readonly limits: boolean;
  /**
   * Decides one frame. `level`: 0 to 7, 0 the most important; the hashes: any 32 bits that are the tenant's, the session's;
   * `cost`: work that the frame makes, 1 or more: as much as that of so many frames that nobody listens to.
   */
  admits(level: number, tenantHash: number, sessionHash: number, cost?: number): boolean;
  /** Counts a frame that is never refused here. */
  exempt(cost?: number): void;
  /** Ends a window. */
  endWindow(window: OverloadWindow): void;
}
