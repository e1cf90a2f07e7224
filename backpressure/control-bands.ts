/**
 * The two bands of control: call set-up strictly before the rest, bounded, and policed so that what was begun can end.
 *
 *     police ─┬─► band 0: join offer answer candidate leave ──► always first
 *             └─► band 1: mute subscribe ping …             ──► when band 0 is empty
 *
 * Every frame is charged to one bucket, but only one that *begins* a dialog (a join) is refused for it:
 *
 *   begins and max(TAT, now) − now > tolerance → refused;   else TAT ← max(TAT, now) + period
 *
 * Frames of begun dialogs run into debt, which later beginnings pay: under overload the number of dialogs falls, not the
 * share of each that gets through. The rate is to be 90 % of what control can serve. Source: GCRA (ITU-T I.371, annex A).
 * Invariants: a frame of band 1 never leaves while one of band 0 waits; each band keeps its order; both are bounded.
 */
import { NOTHING_QUEUED } from './enqueued.ts';

/** What became of a control frame. `refused`: it would have begun a dialog; `full`: its band is, which ends the session. */
export const Banded = { queued: 0, refused: 1, full: 2 } as const;
export type Banded = (typeof Banded)[keyof typeof Banded];

export interface ControlPolice {
  /** Frames per second that may be taken in the long run. */
  readonly ratePerSecond: number;
  /** Frames that may come at once after a pause. */
  readonly burst: number;
}

export class ControlBands {
  readonly #items: readonly [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>];
  readonly #heads = new Float64Array(2);
  readonly #tails = new Float64Array(2);
  #periodMs = 0;
  #toleranceMs = 0;
  #tatMs = Number.NEGATIVE_INFINITY;

  /** `bandFrames`: most that may wait in each band. */
  constructor(bandFrames: number, police: ControlPolice) {
    this.#items = [new Int32Array(bandFrames), new Int32Array(bandFrames)];
    this.adopt(police);
  }

  /** Polices at another rate from now on; what is owed stays owed. Throws where the numbers make no sense. */
  adopt({ ratePerSecond, burst }: ControlPolice): void {
    if (!(ratePerSecond > 0 && burst >= 1)) {
      throw new RangeError(`expected a rate above 0 and a burst from 1, found ${ratePerSecond} and ${burst}`);
    }
    this.#periodMs = 1000 / ratePerSecond;
    this.#toleranceMs = (burst - 1) * this.#periodMs;
  }

  /** Frames waiting in a band. */
  queued(band: 0 | 1): number {
    return this.#tails[band]! - this.#heads[band]!;
  }

  /** Offers a frame, known to its owner by `item`, from 0; `begins`: it would begin a dialog. */
  enqueue(band: 0 | 1, begins: boolean, item: number, nowMs: number): Banded {
    const aheadMs = Math.max(0, this.#tatMs - nowMs);
    if (begins && aheadMs > this.#toleranceMs) return Banded.refused;
    const items = this.#items[band];
    if (this.queued(band) === items.length) return Banded.full;
    this.#tatMs = nowMs + aheadMs + this.#periodMs;
    items[this.#tails[band]!++ % items.length] = item;
    return Banded.queued;
  }

  /** Takes the next frame out and returns its item, or NOTHING_QUEUED. */
  dequeue(): number {
    const band = this.queued(0) > 0 ? 0 : 1;
    if (this.queued(band) === 0) return NOTHING_QUEUED;
    const items = this.#items[band];
    return items[this.#heads[band]!++ % items.length]!;
  }

  /** Milliseconds until a dialog may begin, were nothing else to come. */
  retryAfterMs(nowMs: number): number {
    return Math.max(0, this.#tatMs - nowMs - this.#toleranceMs);
  }
}
