/** What queues say: what became of a frame that was offered, and what `dequeue` returns where it returns no frame. */

/**
 * `evicting`: the frame waits, and another one, in the list of evicted ones, gave way. What found no room is the caller's to
 * settle: `overflow` where it may be lost, `full` where it may not and nothing else could give way.
 */
export const Enqueued = { queued: 0, evicting: 1, overflow: 2, full: 3 } as const;
export type Enqueued = (typeof Enqueued)[keyof typeof Enqueued];

/** Nothing waits. */
export const NOTHING_QUEUED = -1;
/** The list of evicted frames is full: settle them, empty it, and call again. */
export const SETTLE_FIRST = -2;
