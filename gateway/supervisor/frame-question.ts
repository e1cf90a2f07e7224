/** What operators ask about a frame, the answer of the plane that would decide, and the questions under way to a plane. */
import type { Balance } from '../../classes/balance.ts';
import type { DescribedFrame } from '../../classes/policy-kinds.ts';

/** How long a plane may take to answer. */
const PATIENCE_MS = 2000;

/** A frame, who would send it, and where. */
export interface FrameQuestion extends DescribedFrame {
  readonly identity: string;
  readonly room: string;
}

/** What would happen to it now. */
export interface LiveAnswer {
  readonly class: string;
  /** Open sessions of that participant in that room; 0: the answer is for a new one. */
  readonly sessions: number;
  /** `admitted`, or the outcome it would have. */
  readonly outcome: string;
  /** When one would pass, if nothing else came; null: now, or not by waiting. */
  readonly retryAfterMs: number | null;
  readonly balances: readonly Balance[];
}

/** Questions to one plane. Invariant: each ends once: by its answer, the plane's death, or `PATIENCE_MS`; then with null. */
export class FrameQuestions {
  readonly #open = new Map<number, (answer: LiveAnswer | null) => void>();
  #next = 0;

  /** Asks by `send`; resolves to null where no answer came. */
  ask(send: (id: number) => void): Promise<LiveAnswer | null> {
    const id = this.#next++;
    return new Promise((resolve) => {
      const late = setTimeout(() => this.answered(id, null), PATIENCE_MS);
      this.#open.set(id, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      send(id);
    });
  }

  /** The plane's answer. */
  answered(id: number, answer: LiveAnswer | null): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    resolve?.(answer);
  }

  /** The plane is gone. */
  died(): void {
    for (const id of [...this.#open.keys()]) this.answered(id, null);
  }
}
