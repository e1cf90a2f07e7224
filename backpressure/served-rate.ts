/**
 * How much a worker can do in a window, from what it has done in the last six in which there was something to do.
 *
 *     rate = max(Σ served / Σ utilisation, 0.8 · rate)
 *
 * Work done in lumps is not done faster, and a pause says little of what can be done, so windows are taken together. By the
 * time the worker was busy: what it did in a quarter of the time is not all it can do. Where nothing waited it was busy
 * with something else.
 */
const WINDOWS = 6;
/** Who has been busy for less, in windows, has not shown what it can do. */
const LEAST_BUSY = 2;
/** Of what it could do a worker cannot have lost more in one window: what begins is slow at first. */
const LEAST_KEPT = 0.8;

export class ServedRate {
  readonly #served = new Float64Array(WINDOWS);
  readonly #busy = new Float64Array(WINDOWS);
  #window = 0;
  /** What can be done in a window; 0: not known. */
  rate = 0;
  /** The part of those windows in which the worker was busy, 0 to 1. */
  busy = 0;

  /**
   * Ends a window. `served`: cost of what was done; `backlog`: of what waits; `utilisation`: the part of the window in which the
   * worker was busy, 0 to 1.
   */
  endWindow(served: number, backlog: number, utilisation: number): void {
    if (served + backlog <= 0) return;
    this.#served[this.#window % WINDOWS] = served;
    this.#busy[this.#window % WINDOWS] = utilisation;
    const busy = sum(this.#busy);
    this.busy = busy / Math.min(++this.#window, WINDOWS);
    if (this.rate === 0 && busy < LEAST_BUSY) return;
    this.rate = Math.max(sum(this.#served) / Math.max(busy, 1 / WINDOWS), LEAST_KEPT * this.rate);
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
