/** Quantiles of what a histogram has counted, as far as its buckets tell. */

/**
 * The value that `share` (above 0, at most 1) of what was counted does not exceed, in the unit of `bounds`, by a straight
 * line between the bounds of the bucket it lies in; null where nothing was counted. `counts` has one entry more than
 * `bounds`, for what is above the last: a quantile in there is told as the last bound, which it is not below.
 *
 * Invariant: it is at most a bound exactly where `share` of the values are, so comparing it with a bound loses nothing.
 * Source: the interpolation of Prometheus' histogram_quantile for buckets of which the first begins at 0.
 */
export function histogramQuantile(bounds: readonly number[], counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = share * total;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= wanted) {
      const from = index === 0 ? 0 : bounds[index - 1]!;
      return from + (bound - from) * ((wanted - below) / count);
    }
    below += count;
  }
  return bounds.at(-1) ?? 0;
}
