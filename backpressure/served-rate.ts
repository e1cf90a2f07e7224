/**
 * How much a worker can do in a window, from what it has done in the last ones.
 *
 *     rate = Σ served / Σ utilisation      of the last four windows; and of the last four such rates the greatest
 *
 * Work done in lumps is not done faster, so windows are taken together; a window that a pause cut short says nothing of what can
 * be done, so the greatest counts. By the time the worker was busy: what it did in a quarter of the time is not all it can do.
 */
const WINDOWS = 4;
/** Of four windows: too little to divide by. */
const LEAST_BUSY = 0.1;

export class ServedRate {
  readonly #served = new Float64Array(WINDOWS);
  readonly #busy = new Float64Array(WINDOWS);
  readonly #rates = new Float64Array(WINDOWS);
  #window = 0;

  /**
   * Ends a window and returns what can be done in one. `served`: cost of what was done; `utilisation`: the part of the window in
   * which the worker was busy, 0 to 1.
   */
  endWindow(served: number, utilisation: number): number {
    const at = this.#window++ % WINDOWS;
    this.#served[at] = served;
    this.#busy[at] = utilisation;
    this.#rates[at] = sum(this.#served) / Math.max(sum(this.#busy), LEAST_BUSY);
    return Math.max(...this.#rates);
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
