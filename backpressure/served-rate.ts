/**
 * How much a worker can do in a window, from what it has done in the last six.
 *
 *     rate = Σ served / Σ utilisation
 *
 * Work done in lumps is not done faster, and a pause says little of what can be done, so windows are taken together. By the
 * time the worker was busy: what it did in a quarter of the time is not all it can do.
 */
const WINDOWS = 6;
/** Who has been busy for less has not shown what it can do. */
const LEAST_BUSY = 0.1;

export class ServedRate {
  readonly #served = new Float64Array(WINDOWS);
  readonly #busy = new Float64Array(WINDOWS);
  #window = 0;
  /** What can be done in a window; 0: not known. */
  rate = 0;
  /** The part of the last windows in which the worker was busy, 0 to 1. */
  busy = 0;

  /** Ends a window. `served`: cost of what was done; `utilisation`: the part of it in which the worker was busy, 0 to 1. */
  endWindow(served: number, utilisation: number): void {
    this.#served[this.#window % WINDOWS] = served;
    this.#busy[this.#window % WINDOWS] = utilisation;
    const busy = sum(this.#busy);
    this.busy = busy / Math.min(++this.#window, WINDOWS);
    if (this.busy >= LEAST_BUSY) this.rate = sum(this.#served) / busy;
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
