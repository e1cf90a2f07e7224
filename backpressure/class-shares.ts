/**
 * What share of the plane each class gets when all want more than there is: by weight, but none below its guard share.
 *
 *   share(i) = max(guard(i), λ · weight(i)),  λ such that the shares add up to 1
 *
 * λ is found by water-filling: classes that λ leaves below their guard get the guard, the rest divide what remains, until
 * nobody more falls below. Invariants: shares add up to 1; none is below its guard; classes above their guards stand in the
 * ratio of their weights.
 */

/** A class's claim on the plane. */
export interface ClassClaim {
  /** Above 0; only ratios matter. A class that exists no more has weight 0 and guard 0. */
  readonly weight: number;
  /** Least share of the plane, from 0 to 1; those of all classes add up to at most 1. */
  readonly guardShare: number;
}

/**
 * Shares by class, adding up to 1; a class that claims nothing has 0. Throws a RangeError where the guards add up to more
 * than 1, or a number makes no sense.
 */
export function classShares(claims: readonly ClassClaim[]): Float64Array<ArrayBuffer> {
  for (const [index, { weight, guardShare }] of claims.entries()) {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY && guardShare >= 0 && guardShare <= 1)) {
      throw new RangeError(
        `class ${index}: expected a weight from 0 and a guard share from 0 to 1, found ${weight}, ${guardShare}`,
      );
    }
  }
  const guards = claims.reduce((sum, { guardShare }) => sum + guardShare, 0);
  if (guards > 1 + 1e-9) throw new RangeError(`guard shares add up to ${guards}, expected at most 1`);
  const shares = new Float64Array(claims.length);
  const guarded = new Uint8Array(claims.length);
  for (let fell = true; fell; ) {
    fell = false;
    let left = 1;
    let weights = 0;
    claims.forEach(({ weight, guardShare }, index) => {
      if (guarded[index] === 1) left -= guardShare;
      else weights += weight;
    });
    claims.forEach(({ weight, guardShare }, index) => {
      const byWeight = weights > 0 ? (Math.max(0, left) * weight) / weights : 0;
      shares[index] = guarded[index] === 1 ? guardShare : byWeight;
      if (guarded[index] === 1 || byWeight >= guardShare) return;
      guarded[index] = 1;
      fell = true;
    });
  }
  return normalised(shares);
}

/** Where guards took everything before it was given away, or only guarded classes are left, the rest is theirs too. */
function normalised(shares: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum > 0 ? shares.map((share) => share / sum) : shares;
}

/**
 * Quanta of deficit round robin in the ratio of the shares, of which the least is `leastQuantum` (the largest cost of a
 * frame, so that every turn serves one). Rows without a share get `leastQuantum` too: what they still hold is served.
 */
export function quantaOf(shares: Readonly<Float64Array>, leastQuantum: number): Float64Array<ArrayBuffer> {
  const least = shares.reduce((min, share) => (share > 0 ? Math.min(min, share) : min), Number.POSITIVE_INFINITY);
  return Float64Array.from(shares, (share) => (share > 0 ? (share / least) * leastQuantum : leastQuantum));
}
