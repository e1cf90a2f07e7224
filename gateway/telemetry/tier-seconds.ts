/**
 * How long things take by the tier of the tenant whose they are: a histogram for each tier of the policy in force, and
 * those of earlier policies, because what was counted stays counted.
 *
 * Invariant: at most `MOST_TIERS` names, however often policies change; tiers beyond that share one.
 */
import type { Policy } from '../../classes/policy.ts';
import { Metric } from '../../schemas/metric-names.ts';
import { type Histogram, LATENCY_BOUNDS_SECONDS } from './histogram.ts';
import type { PlaneCounters } from './plane-counters.ts';

/** Names of tiers one plane tells apart. */
export const MOST_TIERS = 100;
/** As which the others are counted. */
export const OTHER_TIERS = 'other';

export class TierSeconds {
  readonly #plane: 'control' | 'metadata';
  readonly #counters: Pick<PlaneCounters, 'histogram'>;
  readonly #policy: Pick<Policy, 'tiers' | 'tierByTenant'>;
  readonly #byName = new Map<string, Histogram>();
  /** By tier number of the policy in force. */
  #byTier: readonly Histogram[] = [];

  constructor(
    plane: 'control' | 'metadata',
    counters: Pick<PlaneCounters, 'histogram'>,
    policy: Pick<Policy, 'tiers' | 'tierByTenant'>,
  ) {
    this.#plane = plane;
    this.#counters = counters;
    this.#policy = policy;
    this.adopt();
  }

  /** Another policy is in force: its tiers have other numbers, and new ones get histograms. */
  adopt(): void {
    this.#byTier = this.#policy.tiers.map((name) => this.#named(name));
  }

  /** Where what concerns the tenant is counted, in seconds. To be asked once for many frames. */
  of(tenant: string): Histogram {
    return this.#byTier[this.#policy.tierByTenant.get(tenant) ?? 0]!;
  }

  #named(name: string): Histogram {
    const tier = this.#byName.has(name) || this.#byName.size < MOST_TIERS ? name : OTHER_TIERS;
    let histogram = this.#byName.get(tier);
    if (histogram === undefined) {
      histogram = this.#counters.histogram(Metric.tierSeconds, { plane: this.#plane, tier }, LATENCY_BOUNDS_SECONDS);
      this.#byName.set(tier, histogram);
    }
    return histogram;
  }
}
