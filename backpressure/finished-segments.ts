/**
 * Remembers which segments of a stream have ended and with which epoch, so that a late partial or a repeated final
 * is known for what it is. Bounded: the newest `capacity` segments by number; older ones are taken as ended too.
 *
 * Invariant: once `ended(segment, epoch)` was true it stays true.
 */
export class FinishedSegments {
  readonly #capacity: number;
  readonly #epochs = new Map<number, number>();
  /** Every segment below this one has ended and been forgotten. */
  #floor = 0;

  constructor(capacity = 64) {
    this.#capacity = capacity;
  }

  /** Whether the segment's final of this epoch, or of a later one, has been seen. */
  ended(segment: number, epoch: number): boolean {
    if (segment < this.#floor) return true;
    const known = this.#epochs.get(segment);
    return known !== undefined && epoch <= known;
  }

  /** Notes a final. Forgets the lowest segments when there are too many. */
  end(segment: number, epoch: number): void {
    if (segment < this.#floor) return;
    this.#epochs.set(segment, Math.max(epoch, this.#epochs.get(segment) ?? 0));
    while (this.#epochs.size > this.#capacity) {
      const lowest = Math.min(...this.#epochs.keys());
      this.#epochs.delete(lowest);
      this.#floor = Math.max(this.#floor, lowest + 1);
    }
  }
}
