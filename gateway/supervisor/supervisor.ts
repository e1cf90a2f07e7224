/**
 * Starts the planes, watches them, ends them. It carries no traffic: while it lives, a plane that dies comes back, and
 * the other goes on meanwhile.
 */
import type { Config } from '../config/config.ts';
import type { CheckedPolicy } from '../config/policy-source.ts';
import type { GatewayStatus, GatewayView, Readiness } from '../operator/gateway-view.ts';
import type { LiveReading } from '../operator/live-feed.ts';
import type { Log } from '../telemetry/log.ts';
import { type MetricFamily, metricFamilies } from '../telemetry/metric-families.ts';
import type { BackoffTimes } from './backoff.ts';
import type { PlaneName } from './plane-link.ts';
import { type PlaneModule, PlaneProcess } from './plane-process.ts';
import { type PermittedSteps, prioritiesOf } from './process-priority.ts';

export interface SupervisorOptions {
  readonly config: Config;
  readonly planes: 'all' | PlaneName;
  readonly internalToken: string;
  readonly version: string;
  readonly policy: CheckedPolicy;
  readonly permitted: PermittedSteps;
  readonly modules: Readonly<Record<PlaneName, PlaneModule>>;
  readonly times: BackoffTimes;
  readonly log: Log;
}

export class Supervisor implements GatewayView {
  readonly planes: readonly PlaneProcess[];
  readonly #options: SupervisorOptions;
  readonly #startedAt = new Date();
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { config, planes, policy, internalToken, modules, permitted, times, log } = options;
    const process = (plane: PlaneName, worker: number) =>
      new PlaneProcess({
        start: { plane, worker, config, internalToken, policy: policy.source },
        module: modules[plane],
        permitted,
        times,
        log,
      });
    const control = planes === 'metadata' ? [] : [process('control', 0)];
    const workers = planes === 'control' ? 0 : config.metadataWorkers;
    this.planes = [...control, ...Array.from({ length: workers }, (_, worker) => process('metadata', worker))];
  }

  /** Starts every plane, control first; rejects with one line when one cannot, after the others are ended. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.planes.map((plane) => plane.start()));
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Drains every plane and resolves when all processes are gone: at the latest a second after `drainMs`. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const patienceMs = this.#options.config.drainMs + 1000;
    await Promise.all(this.planes.map((plane) => plane.stop(patienceMs)));
  }

  /** Ends every plane at once. */
  kill(): void {
    this.#stopping = true;
    for (const plane of this.planes) plane.kill();
  }

  readiness(): Readiness {
    const planes = this.planes.map((plane) => ({ plane: plane.plane, worker: plane.worker, ...plane.health() }));
    return { ready: !this.#stopping && planes.every((plane) => plane.ready), draining: this.#stopping, planes };
  }

  families(): readonly MetricFamily[] {
    return metricFamilies(this.planes.map((plane) => plane.reading()));
  }

  live(): readonly LiveReading[] {
    return this.planes.map((one) => ({ ...one.reading(), reportedMs: one.reportedMs }));
  }

  status(): GatewayStatus {
    const { config, version, policy } = this.#options;
    return {
      gatewayId: config.gatewayId,
      region: config.region,
      version,
      policyVersion: policy.version,
      policyName: policy.name,
      policyHash: policy.hash,
      startedAt: this.#startedAt.toISOString(),
      pid: process.pid,
      planes: this.planes.map((plane) => ({
        plane: plane.plane,
        worker: plane.worker,
        state: plane.state,
        pid: plane.pid,
        priorities: plane.pid === null ? null : prioritiesOf(plane.pid),
        ports: plane.ports,
        restarts: plane.restarts,
        lastDeath: plane.lastDeath,
        health: plane.health(),
        snapshot: plane.snapshot,
      })),
    };
  }
}
