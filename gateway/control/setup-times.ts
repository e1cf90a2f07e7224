/** How long set-ups take and how long frames stay in the gateway: the histograms of the control plane. */

import type { Policy } from '../../classes/policy.ts';
import { Metric } from '../../schemas/metric-names.ts';
import { type Histogram, LATENCY_BOUNDS_SECONDS } from '../telemetry/histogram.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { RecentQuantile } from '../telemetry/recent-quantile.ts';
import { TierSeconds } from '../telemetry/tier-seconds.ts';

/** Windows of the ladder that `setupFrames` looks back. */
const RECENT_WINDOWS = 4;

export class SetupTimes {
  /** From the join's arrival to the first answer to a publish offer. */
  readonly #answered: Histogram;
  /** Of sessions that never offered: the join alone. */
  readonly #joinedOnly: Histogram;
  readonly #failed: Histogram;
  /** Set-ups that were answered or joined only, by tier. */
  readonly #byTier: TierSeconds;
  /** From a frame's arrival until it was answered or handed on, by class. */
  readonly #gateway: (Histogram | null)[] = [];
  /** The same, lately, of the classes that set calls up: what the ladder of overload goes by. */
  readonly setupFrames = new RecentQuantile(RECENT_WINDOWS);
  readonly #counters: PlaneCounters;
  readonly #policy: Policy;

  constructor(counters: PlaneCounters, policy: Policy) {
    const setup = (outcome: string): Histogram =>
      counters.histogram(Metric.setupSeconds, { outcome }, LATENCY_BOUNDS_SECONDS);
    this.#answered = setup('answered');
    this.#joinedOnly = setup('joined');
    this.#failed = setup('failed');
    this.#byTier = new TierSeconds('control', counters, policy);
    this.#counters = counters;
    this.#policy = policy;
    this.adopt();
  }

  /** Another policy is in force: its new classes and tiers get histograms. */
  adopt(): void {
    this.#byTier.adopt();
    this.#policy.classes.forEach(({ name, plane }, index) => {
      if (plane !== 'control') this.#gateway[index] ??= null;
      else
        this.#gateway[index] ??= this.#counters.histogram(
          Metric.gatewaySeconds,
          { class: name },
          LATENCY_BOUNDS_SECONDS,
        );
    });
  }

  answered(tenant: string, elapsedMs: number): void {
    this.#answered.record(elapsedMs / 1000);
    this.#byTier.of(tenant).record(elapsedMs / 1000);
  }

  /** A session ended that never offered. */
  joinedOnly(tenant: string, elapsedMs: number): void {
    this.#joinedOnly.record(elapsedMs / 1000);
    this.#byTier.of(tenant).record(elapsedMs / 1000);
  }

  failed(elapsedMs: number): void {
    this.#failed.record(elapsedMs / 1000);
  }

  passed(classIndex: number, elapsedMs: number): void {
    this.#gateway[classIndex]?.record(elapsedMs / 1000);
    if (this.#policy.classes[classIndex]?.band === 0) this.setupFrames.record(elapsedMs);
  }
}
