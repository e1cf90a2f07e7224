/**
 * How a publisher heeds the advice to reduce the frequency of its metadata: of each open segment, every other interim stays
 * here. The next one says it all again, so that nothing is lost but time.
 *
 * Invariants: finals, text that is appended, and everything that is no caption always pass; the first interim of a segment
 * passes; a segment is forgotten with its final, or when `MOST_SEGMENTS` are remembered.
 */
import type { Frame } from '../../schemas/proto.ts';
import type { AdviceEvent } from './advice.ts';

const MOST_SEGMENTS = 10_000;

export class InterimPace {
  #halved = false;
  /** Segments whose last interim has passed. */
  readonly #passed = new Set<string>();

  /** The gateway has advised something. */
  advised({ actions }: AdviceEvent): void {
    this.#halved = actions.includes('reduceFrequency');
    if (!this.#halved) this.#passed.clear();
  }

  /** Whether a frame goes out. `key`: what a newer frame of the same replaces; null: nothing does. */
  passes(frame: Frame, key: string | null): boolean {
    if (!this.#halved || key === null || !frame.caption) return true;
    if (frame.final || this.#passed.has(key)) {
      this.#passed.delete(key);
      return frame.final === true;
    }
    if (this.#passed.size >= MOST_SEGMENTS) this.#passed.clear();
    this.#passed.add(key);
    return true;
  }
}
