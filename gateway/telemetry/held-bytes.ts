/**
 * What rooms and subscribers take of a plane's memory, beside what the configuration lets each of them have. A plane's own
 * memory stands beside it: the sum of the first cannot explain more of the second than there is.
 */

/** The things whose memory the configuration bounds one by one. */
export const HELD = ['room_log', 'room_live', 'subscriber_unacked'] as const;
export type Held = (typeof HELD)[number];

/** How many of them there are, and what they take. */
export interface HeldBytes {
  readonly of: Held;
  readonly count: number;
  /** Of all together. */
  readonly bytes: number;
  /** Of the one that takes most. */
  readonly largestBytes: number;
  /** What the configuration lets each have. */
  readonly limitBytes: number;
}

/** Memory of a process, bytes. */
export interface ProcessMemory {
  readonly resident: number;
  /** JavaScript objects, garbage that was not collected yet among them. */
  readonly heap: number;
  /** Buffers outside of the heap. */
  readonly external: number;
}

/** Adds up, one thing after the other. */
export class HeldTally {
  readonly #of: Held;
  readonly #limitBytes: number;
  #count = 0;
  #bytes = 0;
  #largestBytes = 0;

  constructor(of: Held, limitBytes: number) {
    this.#of = of;
    this.#limitBytes = limitBytes;
  }

  /** One that takes so much. */
  add(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
  }

  get held(): HeldBytes {
    return {
      of: this.#of,
      count: this.#count,
      bytes: this.#bytes,
      largestBytes: this.#largestBytes,
      limitBytes: this.#limitBytes,
    };
  }
}

/** What two planes hold together: the largest of either is the largest of both, and the bound the wider one. */
export function addHeld(a: readonly HeldBytes[], b: readonly HeldBytes[]): HeldBytes[] {
  return HELD.flatMap((of) => {
    const both = [...a, ...b].filter((one) => one.of === of);
    if (both.length === 0) return [];
    const sum = (pick: (held: HeldBytes) => number) => both.reduce((total, one) => total + pick(one), 0);
    return {
      of,
      count: sum(({ count }) => count),
      bytes: sum(({ bytes }) => bytes),
      largestBytes: Math.max(...both.map(({ largestBytes }) => largestBytes)),
      limitBytes: Math.max(...both.map(({ limitBytes }) => limitBytes)),
    };
  });
}

/** Of this process, now. */
export function processMemory(): ProcessMemory {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, heap: heapUsed, external };
}
