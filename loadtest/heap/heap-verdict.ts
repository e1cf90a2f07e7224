/**
 * Whether memory stays flat: what is left after collections in the last third of a run, by its median, beside the middle
 * third. The first third is for warming up: what is kept for a while fills then.
 *
 *     flat: median(last third) ≤ MOST_GROWTH · median(middle third)
 */
import { median } from '../report/median.ts';

export const MOST_GROWTH = 1.1;
/** With fewer values a third says nothing. */
const LEAST_VALUES = 9;

export interface Growth {
  /** Medians, in the unit of the values. */
  readonly middle: number;
  readonly last: number;
  readonly flat: boolean;
}

/** Of values taken at even distances. Throws a RangeError when there are fewer than nine. */
export function growthOf(values: readonly number[]): Growth {
  if (values.length < LEAST_VALUES) {
    throw new RangeError(`expected ${LEAST_VALUES} values or more, found ${values.length}`);
  }
  const third = Math.floor(values.length / 3);
  const middle = median(values.slice(-2 * third, -third));
  const last = median(values.slice(-third));
  return { middle, last, flat: last <= MOST_GROWTH * middle };
}
