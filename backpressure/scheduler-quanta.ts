/**
 * How much classes and tiers of tenants may take in a turn, from what policy says of sharing.
 *
 * Invariants: no quantum is below the largest cost of a frame; whatever makes no sense changes nothing.
 */
import { type ClassClaim, classShares, quantaOf } from './class-shares.ts';

/** What policy says of sharing: by class, and by tier of tenants (factors above 0; only ratios matter). */
export interface SchedulerShares {
  readonly classes: readonly ClassClaim[];
  readonly tierFactors: readonly number[];
}

export class SchedulerQuanta {
  /** By class and by tier, in units of cost. */
  ofClass: Float64Array<ArrayBuffer> = new Float64Array(0);
  ofTier: Float64Array<ArrayBuffer> = new Float64Array(0);
  readonly maxCost: number;
  readonly #mostClasses: number;

  constructor(maxCost: number, mostClasses: number, shares: SchedulerShares) {
    this.maxCost = maxCost;
    this.#mostClasses = mostClasses;
    this.adopt(shares);
  }

  /** Takes other shares over. Throws a RangeError that says what was expected, and then nothing changes. */
  adopt({ classes, tierFactors }: SchedulerShares): void {
    if (classes.length < this.ofClass.length || classes.length > this.#mostClasses) {
      const bounds = `${this.ofClass.length} to ${this.#mostClasses}`;
      throw new RangeError(`expected ${bounds} classes, those of before in their places, found ${classes.length}`);
    }
    if (tierFactors.length === 0 || !tierFactors.every((factor) => factor > 0 && factor < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`expected a factor above 0 for each tier, found ${tierFactors.join(', ') || 'none'}`);
    }
    const ofClass = quantaOf(classShares(classes), this.maxCost);
    this.ofTier = quantaOf(Float64Array.from(tierFactors), this.maxCost);
    this.ofClass = ofClass;
  }

  /** Throws where there is no such class. */
  expectClass(classIndex: number): void {
    if (classIndex >= 0 && classIndex < this.ofClass.length) return;
    throw new RangeError(`expected a class below ${this.ofClass.length}, found ${classIndex}`);
  }

  /** Throws where there is no such tier. */
  expectTier(tier: number): void {
    if (tier >= 0 && tier < this.ofTier.length) return;
    throw new RangeError(`expected a tier below ${this.ofTier.length}, found ${tier}`);
  }
}
