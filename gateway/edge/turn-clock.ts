/**
 * Numbers the turns of the event loop and reads the clock once in each.
 *
 * Invariant: between `enter` and the loop's check phase, `number` and `nowMs` do not change, however many messages
 * come. One setImmediate per turn, none per message.
 */
import type { Turn } from './edge-socket.ts';

export class TurnClock implements Turn {
  number = 0;
  nowMs = 0;
  #within = false;
  readonly #leave = (): void => {
    this.#within = false;
  };

  /** Called first in every callback from the wire. */
  enter(): void {
    if (this.#within) return;
    this.#within = true;
    this.number += 1;
    this.nowMs = performance.now();
    setImmediate(this.#leave);
  }
}
