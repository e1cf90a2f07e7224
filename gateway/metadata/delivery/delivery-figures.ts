/** What the flushes of a worker share: its limits, and histograms for every class and tier there is. */
import type { Policy } from '../../../classes/policy.ts';
import type { CloseCode } from '../../../schemas/close-codes.ts';
import { Metric } from '../../../schemas/metric-names.ts';
import { type Histogram, LATENCY_BOUNDS_SECONDS } from '../../telemetry/histogram.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import { TierSeconds } from '../../telemetry/tier-seconds.ts';
import type { DeliveryContext } from './delivery.ts';
import type { Subscriber } from './subscriber.ts';

export class DeliveryFigures implements DeliveryContext {
  readonly counters: PlaneCounters;
  /** By class index. */
  readonly gatewaySeconds: Histogram[] = [];
  readonly tierSeconds: TierSeconds;
  readonly captionStaleness: Histogram;
  readonly unackedBytes: number;
  readonly roomLogBytes: number;
  readonly letGo: (subscriber: Subscriber, code: CloseCode) => void;
  readonly #policy: Pick<Policy, 'classes' | 'tiers' | 'tierByTenant'>;

  constructor(
    policy: Pick<Policy, 'classes' | 'tiers' | 'tierByTenant'>,
    counters: PlaneCounters,
    limits: Pick<DeliveryContext, 'unackedBytes' | 'roomLogBytes'>,
    letGo: (subscriber: Subscriber, code: CloseCode) => void,
  ) {
    this.#policy = policy;
    this.counters = counters;
    this.tierSeconds = new TierSeconds('metadata', counters, policy);
    this.captionStaleness = counters.histogram(Metric.captionStalenessSeconds, {}, LATENCY_BOUNDS_SECONDS);
    this.unackedBytes = limits.unackedBytes;
    this.roomLogBytes = limits.roomLogBytes;
    this.letGo = letGo;
    this.adopt();
  }

  /** Another policy is in force: each class and tier that has no histogram yet gets one. */
  adopt(): void {
    this.tierSeconds.adopt();
    for (const { name } of this.#policy.classes.slice(this.gatewaySeconds.length)) {
      const labels = { class: name };
      this.gatewaySeconds.push(this.counters.histogram(Metric.gatewaySeconds, labels, LATENCY_BOUNDS_SECONDS));
    }
  }
}
