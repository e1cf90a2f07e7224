/**
 * Finds the highest rate that still holds: doubles until a step fails, then halves the gap between the last good rate
 * and the first bad one a few times.
 *
 * Invariant: the capacity is a rate that was measured and held, or 0; never one between two measurements.
 */

/** One measured step. */
export interface RampStep {
  readonly ratePerSecond: number;
  readonly held: boolean;
}

/** Where to look. */
export interface RampPlan {
  readonly firstRate: number;
  /** The most the load client can offer: a ramp that holds there has found a lower bound. */
  readonly mostRate: number;
  readonly refinements: number;
}

/** What was found. `bounded` is false when nothing failed up to `mostRate`. */
export interface Capacity<S extends RampStep> {
  readonly ratePerSecond: number;
  readonly bounded: boolean;
  readonly steps: readonly S[];
}

/** Measures step after step. A step that fails at once is tried a second time: machines hiccup. */
export async function rampCapacity<S extends RampStep>(
  plan: RampPlan,
  measure: (ratePerSecond: number) => Promise<S>,
): Promise<Capacity<S>> {
  const steps: S[] = [];
  const holds = async (rate: number): Promise<boolean> => {
    for (let tried = 0; tried < 2; tried++) {
      const step = await measure(rate);
      steps.push(step);
      if (step.held) return true;
    }
    return false;
  };
  let good = 0;
  let bad = 0;
  for (let rate = plan.firstRate; bad === 0; rate = Math.min(rate * 2, plan.mostRate)) {
    if (!(await holds(rate))) bad = rate;
    else {
      good = rate;
      if (rate >= plan.mostRate) return { ratePerSecond: good, bounded: false, steps };
    }
  }
  for (let refined = 0; refined < plan.refinements; refined++) {
    const middle = Math.round((good + bad) / 2);
    if (await holds(middle)) good = middle;
    else bad = middle;
  }
  return { ratePerSecond: good, bounded: true, steps };
}
