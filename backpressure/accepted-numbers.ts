/**
 * Which of a publisher's numbered frames have been taken, told as one number: everything up to `upTo`.
 *
 *     taken:  5 6 7 . 9 10        upTo = 7, 9 and 10 wait for 8
 *
 * Numbers may come in any order and more than once, because classes wait for credit apart from each other. A
 * publisher begins at any number on a new connection: the first number seen, taken or refused, sets where.
 *
 * Invariants: `upTo` never goes back, and every number from the first seen up to it has been taken; at most
 * `MOST_WAITING` numbers wait, those further ahead are forgotten and must be sent again.
 */
const MOST_WAITING = 1024;

export class AcceptedNumbers {
  /** Every number from the first seen up to this one has been taken; 0 before the first. */
  upTo = 0;
  #begun = false;
  #ahead: Set<number> | null = null;

  /** Whether a number has been seen yet. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Notes that frame `number` came and was not taken: nothing beyond it is confirmed until it is. */
  refuse(number: number): void {
    if (number === 0 || this.#begun) return;
    this.#begun = true;
    this.upTo = number - 1;
  }

  /** Notes that frame `number` was taken; 0 is a frame without one. */
  take(number: number): void {
    if (number === 0) return;
    this.refuse(number);
    if (number === this.upTo + 1) {
      this.upTo = number;
      while (this.#ahead?.delete(this.upTo + 1)) this.upTo++;
    } else if (number > this.upTo) {
      this.#ahead ??= new Set();
      if (this.#ahead.size < MOST_WAITING) this.#ahead.add(number);
    }
  }
}
