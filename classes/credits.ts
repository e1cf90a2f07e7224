/**
 * How many frames of each class a session may still send before it is granted more.
 *
 * Invariants: credit is never below zero; what was granted stays good, whatever policy comes after it.
 */
import type { Policy } from './policy.ts';

/**
 * What credit is topped up to, by class index: a burst of metadata on the metadata plane; the control plane grants none, and asks
 * for none.
 */
export function creditsOf({ classes }: Pick<Policy, 'classes'>, on: 'control' | 'metadata'): Float64Array {
  return Float64Array.from(classes, ({ plane, session }) =>
    plane === 'metadata' && on === 'metadata' ? session.burst : Number.POSITIVE_INFINITY,
  );
}

/** Of a burst. */
const LEAST_GRANT = 1 / 8;

export class Credits {
  #classes: number;
  /** What credit is topped up to, by class. Control classes are under no credit: theirs is infinite. */
  #bursts: Float64Array;
  #credits: Float64Array;
  #factors: Float64Array;

  /** `bursts` by class index; Infinity where a class is under no credit. */
  constructor(bursts: Float64Array, rows = 16) {
    this.#classes = bursts.length;
    this.#bursts = bursts;
    this.#credits = new Float64Array(rows * bursts.length);
    this.#factors = new Float64Array(rows);
  }

  /** Begins a row with a burst of credit in every class. `factor` multiplies bursts. */
  open(row: number, factor: number): void {
    if (row >= this.#factors.length) this.#resize(this.#classes, Math.max(row + 1, this.#factors.length * 2));
    this.#factors[row] = factor;
    for (let index = 0; index < this.#classes; index++) {
      this.#credits[row * this.#classes + index] = this.#bursts[index]! * factor;
    }
  }

  /** Whether one more frame may come. */
  has(row: number, classIndex: number): boolean {
    return this.#credits[row * this.#classes + classIndex]! >= 1;
  }

  /** Uses one frame's credit up. */
  take(row: number, classIndex: number): void {
    this.#credits[row * this.#classes + classIndex]! -= 1;
  }

  /** Whether less than half a burst is left, so that more should be granted. */
  isLow(row: number, classIndex: number): boolean {
    return this.#credits[row * this.#classes + classIndex]! < (this.#bursts[classIndex]! * this.#factors[row]!) / 2;
  }

  /**
   * Tops the row up to `share` of its burst, at least one frame, but to no more than `left`: what its bucket would let pass.
   * Where that is the bound and little, nothing is added: a message is to grant an eighth of a burst. Returns how much was.
   */
  grant(row: number, classIndex: number, share: number, left = Number.POSITIVE_INFINITY): number {
    const at = row * this.#classes + classIndex;
    const burst = this.#bursts[classIndex]! * this.#factors[row]!;
    const full = Math.max(1, Math.floor(burst * share));
    const added = Math.max(0, Math.min(full, Math.floor(left)) - Math.floor(this.#credits[at]!));
    if (left < full && added < burst * LEAST_GRANT) return 0;
    this.#credits[at]! += added;
    return added;
  }

  /**
   * Other bursts hold from now on. In classes that are new a row has no credit before it is granted some, unless they are
   * under no credit.
   */
  adopt(bursts: Float64Array): void {
    if (bursts.length !== this.#classes) this.#resize(bursts.length, this.#factors.length);
    this.#bursts = bursts;
    bursts.forEach((burst, index) => {
      if (burst !== Number.POSITIVE_INFINITY) return;
      for (let row = 0; row < this.#factors.length; row++) this.#credits[row * this.#classes + index] = burst;
    });
  }

  #resize(classes: number, rows: number): void {
    const credits = new Float64Array(rows * classes);
    const kept = Math.min(classes, this.#classes);
    for (let row = 0; row < this.#factors.length; row++) {
      credits.set(this.#credits.subarray(row * this.#classes, row * this.#classes + kept), row * classes);
    }
    const factors = new Float64Array(rows);
    factors.set(this.#factors);
    this.#credits = credits;
    this.#factors = factors;
    this.#classes = classes;
  }
}
