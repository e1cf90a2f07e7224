/**
 * How much a worker can do in a window, from what it has done in the last ones.
 *
 *     rate = max(Σ served, Σ written) / Σ utilisation      of the last four windows, and of the last four such rates the greatest
 *
 * Work done in lumps is not done faster, so windows are taken together; a window that a pause cut short says nothing of what can
 * be done, so the greatest counts. By the time the worker was busy: what it did in a quarter of the time is not all it can do.
 * And by the greater of two counts, for each alone is too small at times: frames that are merged are served and never written,
 * and to receivers who are behind much is written that was served long ago.
 */
const WINDOWS = 4;
/** Of four windows: too little to divide by. */
const LEAST_BUSY = 0.1;

export class ServedRate {
  readonly #served = new Float64Array(WINDOWS);
  readonly #written = new Float64Array(WINDOWS);
  readonly #busy = new Float64Array(WINDOWS);
  readonly #rates = new Float64Array(WINDOWS);
  #window = 0;

  /**
   * Ends a window and returns what can be done in one. `served`: cost of the frames that do not wait any more; `written`: cost
   * of the work that was done; `utilisation`: the part of the window in which the worker was busy, 0 to 1.
   */
  endWindow(served: number, written: number, utilisation: number): number {
    const at = this.#window++ % WINDOWS;
    this.#served[at] = served;
    this.#written[at] = written;
    this.#busy[at] = utilisation;
    this.#rates[at] = Math.max(sum(this.#served), sum(this.#written)) / Math.max(sum(this.#busy), LEAST_BUSY);
    return Math.max(...this.#rates);
  }
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
