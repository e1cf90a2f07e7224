/**
 * How the limit of a tenant, or of the gateway, is divided among the workers that draw on it.
 *
 *   target   s_i = φ + (1 − Σφ) · d_i / Σd      d: demand per second, φ = FLOOR / workers; even where nobody demands
 *   grant    nobody's share is raised before others are known to have let go of as much
 *
 * Demand-proportional shares after Doorman's proportional algorithm (Google, 2016), with a floor, so that a worker whose
 * first frames come now has something to begin with. Invariants: targets sum to at most 1, as do the greatest shares that
 * workers may be using at any moment; every worker's share is above 0.
 */

/** Part of a limit that is divided evenly, whatever the demand. */
export const FLOOR = 0.1;

/** The share every worker has at least, of `workers` that there are meant to be. */
export function floorShare(workers: number): number {
  return FLOOR / workers;
}

/**
 * The shares that workers should have. `demands`: frames per second by worker, null where a worker is away; `workers` that
 * are away have a floor kept for their return.
 */
export function targetShares(demands: readonly (number | null)[]): number[] {
  const floor = floorShare(demands.length);
  const here = demands.filter((demand) => demand !== null);
  const total = here.reduce((sum, demand) => sum + demand, 0);
  const rest = 1 - floor * demands.length;
  return demands.map((demand) => {
    if (demand === null) return floor;
    return floor + rest * (total > 0 ? demand / total : 1 / here.length);
  });
}

/**
 * The shares to grant now. `held`: the greatest share each worker may be using, as it has confirmed none below it. Shares
 * are lowered at once, and raised out of what is free. What was granted is never less than what is returned for it as held:
 * Σ max(held, granted) ≤ 1 if Σ held ≤ 1.
 */
export function grantsTowards(targets: readonly number[], held: readonly number[]): number[] {
  const free = Math.max(0, 1 - held.reduce((sum, share) => sum + share, 0));
  const wished = targets.reduce((sum, target, index) => sum + Math.max(0, target - held[index]!), 0);
  const part = wished > free ? free / wished : 1;
  return targets.map((target, index) => {
    const share = held[index]!;
    return target > share ? share + (target - share) * part : target;
  });
}
