/**
 * When an agent's turns may begin: at once, or, while the gateway advises `singleTool`, one after another. A gateway that
 * caps turns refuses the second of two; who asks here first has no second.
 *
 *     begin ─► at once │ waits, first come first served ─► open ─► its `end`
 *
 * Invariants: while turns are capped none begins beside an open one; those open when that is advised go on; each turn ends
 * once, however often it is told so; at most `MOST_WAITING` wait.
 */
import { type AdviceEvent, NO_ADVICE } from './advice.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

const MOST_WAITING = 256;

/** Says that a turn is over, whichever way. */
export type EndTurn = () => void;

interface Waiting {
  readonly begin: (end: EndTurn) => void;
  readonly refuse: (error: SluiceError) => void;
}

export class TurnPacer {
  #open = 0;
  #capped = false;
  #closed = false;
  #waiting: Waiting[] = [];

  /** Turns that have begun and not ended. */
  get open(): number {
    return this.#open;
  }

  /** Turns that wait for others to end. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves, when a turn may begin, with the function that ends it. Rejects with a `SluiceError`: `queueFull` when too
   * many wait, `closed` when the client ends first.
   */
  begin(): Promise<EndTurn> {
    return new Promise((begin, refuse) => {
      if (this.#closed) return refuse(closed());
      if (this.#waiting.length >= MOST_WAITING) {
        return refuse(new SluiceError(0, ClientReason.queueFull, `${MOST_WAITING} turns wait for another to end`));
      }
      this.#waiting.push({ begin, refuse });
      this.#admit();
    });
  }

  /** The gateway has advised something. */
  advised({ actions }: AdviceEvent = NO_ADVICE): void {
    this.#capped = actions.includes('singleTool');
    this.#admit();
  }

  /** No more turns: those that wait are refused. */
  close(): void {
    this.#closed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(closed());
  }

  #admit(): void {
    while (this.#waiting.length > 0 && !(this.#capped && this.#open > 0)) {
      this.#open++;
      this.#waiting.shift()!.begin(this.#ending());
    }
  }

  #ending(): EndTurn {
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#open--;
      this.#admit();
    };
  }
}

function closed(): SluiceError {
  return new SluiceError(0, ClientReason.closed, 'the client was closed');
}
