/**
 * Starts the planes, watches them, ends them. It carries no traffic: while it lives, a plane that dies comes back, and
 * the other goes on meanwhile.
 */
import { addShadowCounts, type ShadowCounts } from '../../classes/shadow-policy.ts';
import type { Config } from '../config/config.ts';
import { type CheckedPolicy, policyOf } from '../config/policy-source.ts';
import { roomWorker } from '../fabric/room-worker.ts';
import { GatewayLadder, type LadderStatus, LOOK_MS } from '../ladder/gateway-ladder.ts';
import type { GatewayStatus, GatewayView, PlaneAdoption, Readiness } from '../operator/gateway-view.ts';
import type { LiveReading } from '../operator/live-feed.ts';
import type { Log } from '../telemetry/log.ts';
import { metricFamilies, type PolicyCounts } from '../telemetry/metric-families.ts';
import type { MetricFamily } from '../telemetry/metric-family.ts';
import type { BackoffTimes } from './backoff.ts';
import type { FrameQuestion, LiveAnswer } from './frame-question.ts';
import { PlaneLeases } from './plane-leases.ts';
import type { PlaneName } from './plane-link.ts';
import { PlaneProcess } from './plane-process.ts';
import type { PlaneModule } from './plane-spawn.ts';
import { type PermittedSteps, prioritiesOf } from './process-priority.ts';

/** The rhythm in which hung planes are looked for. */
const TICK_MS = 1000;

export interface SupervisorOptions {
  readonly config: Config;
  readonly planes: 'all' | PlaneName;
  readonly internalToken: string;
  readonly version: string;
  readonly policy: CheckedPolicy;
  readonly policyCounts: () => PolicyCounts;
  readonly permitted: PermittedSteps;
  readonly modules: Readonly<Record<PlaneName, PlaneModule>>;
  readonly times: BackoffTimes;
  readonly log: Log;
}

export class Supervisor implements GatewayView {
  readonly planes: readonly PlaneProcess[];
  readonly #options: SupervisorOptions;
  readonly #startedAt = new Date();
  #policy: CheckedPolicy;
  #shadow: CheckedPolicy | null = null;
  #heart: NodeJS.Timeout | undefined;
  readonly #leases: PlaneLeases;
  readonly #ladder: GatewayLadder;
  #ladderRhythm: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#policy = options.policy;
    const { config, planes, policy, internalToken, modules, permitted, times, log } = options;
    this.#leases = new PlaneLeases(planes === 'control' ? 0 : config.metadataWorkers);
    this.#ladder = new GatewayLadder(policyOf(policy.source).ladder, (level, cause) => {
      log.warn(`overload: level ${level} of the ladder${cause === null ? '' : `, for ${cause}`}`);
      for (const plane of this.planes) plane.tell({ type: 'ladder', level });
    });
    const process = (plane: PlaneName, worker: number) =>
      new PlaneProcess({
        start: { plane, worker, config, internalToken },
        policy,
        module: modules[plane],
        permitted,
        times,
        leases: plane === 'metadata' ? this.#leases : null,
        ladderLevel: () => this.#ladder.level,
        loaded: (load) => this.#ladder.report(`${plane} ${worker}`, plane, load, performance.now()),
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
      this.#heart = setInterval(() => {
        for (const plane of this.planes) plane.tick();
        this.#tellShadow();
        this.#divide();
      }, TICK_MS);
      this.#ladderRhythm = setInterval(() => this.#look(), LOOK_MS);
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Gives each metadata worker its share of the limits they have in common. */
  #divide(): void {
    this.#leases.round((worker, shares) => {
      const plane = this.planes.find((each) => each.plane === 'metadata' && each.worker === worker);
      plane?.tell({ type: 'shares', shares });
    });
  }

  /** Looks at the planes' load. */
  #look(): void {
    for (const { plane, worker, state } of this.planes)
      if (state !== 'listening') this.#ladder.forget(`${plane} ${worker}`);
    this.#ladder.look(performance.now());
  }

  /** How overloaded the gateway is, and what is given up for it. */
  ladder(): LadderStatus {
    return this.#ladder.status();
  }

  /** Holds a level; null: lets the load decide. Throws a RangeError where the policy has no such level. */
  pinLadder(level: number | null): void {
    if (level === null) this.#ladder.unpin();
    else this.#ladder.pin(level);
  }

  /** Drains every plane and resolves when all processes are gone: at the latest a second after `drainMs`. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#heart);
    clearInterval(this.#ladderRhythm);
    const patienceMs = this.#options.config.drainMs + 1000;
    await Promise.all(this.planes.map((plane) => plane.stop(patienceMs)));
  }

  /** Ends every plane at once. */
  kill(): void {
    this.#stopping = true;
    clearInterval(this.#heart);
    clearInterval(this.#ladderRhythm);
    for (const plane of this.planes) plane.kill();
  }

  /**
   * Puts a policy in force in every plane, now and when it is started again, and resolves when each has said so or given
   * no answer in time; `error` is null where it goes by it.
   */
  async adopt(policy: CheckedPolicy): Promise<readonly PlaneAdoption[]> {
    this.#policy = policy;
    const errors = await Promise.all(this.planes.map((plane) => plane.adopt(policy)));
    this.#ladder.adopt(policyOf(policy.source).ladder);
    return this.planes.map(({ plane, worker }, index) => ({ plane, worker, error: errors[index] ?? null }));
  }

  /** Asks the metadata worker that serves the room; null where it does not run here or did not answer. */
  async ask(question: FrameQuestion): Promise<LiveAnswer | null> {
    const worker = roomWorker(question.tenant, question.room, this.#options.config.metadataWorkers);
    const plane = this.planes.find((each) => each.plane === 'metadata' && each.worker === worker);
    if (plane === undefined) return null;
    return await plane.questions.ask((id) => plane.tell({ type: 'question', id, question }));
  }

  /** Lets metadata workers try a policy beside the one in force, from now on or from their next start on; null: none. */
  tryShadow(policy: CheckedPolicy | null): void {
    this.#shadow = policy;
    this.#tellShadow();
  }

  /** What the workers have counted of the trial, added up; null where none has said anything yet. */
  shadowCounts(): ShadowCounts | null {
    const told = this.planes.flatMap(({ snapshot }) => snapshot?.shadow ?? []);
    const counts = told.filter(({ hash }) => hash === this.#shadow?.hash).map((each) => each.counts);
    return counts.reduce<ShadowCounts | null>((sum, each) => (sum === null ? each : addShadowCounts(sum, each)), null);
  }

  /** Workers that have just begun do not know of it yet. */
  #tellShadow(): void {
    const wanted = this.#shadow;
    for (const plane of this.planes) {
      const hash = plane.snapshot?.shadow?.hash ?? '';
      if (plane.plane === 'metadata' && plane.snapshot !== null && hash !== (wanted?.hash ?? '')) {
        plane.tell({ type: 'shadow', source: wanted?.source ?? null });
      }
    }
  }

  readiness(): Readiness {
    const planes = this.planes.map((plane) => ({ plane: plane.plane, worker: plane.worker, ...plane.health() }));
    return { ready: !this.#stopping && planes.every((plane) => plane.ready), draining: this.#stopping, planes };
  }

  families(): readonly MetricFamily[] {
    return metricFamilies(
      this.planes.map((plane) => ({
        ...plane.reading(),
        ...(plane.plane === 'metadata' && { leaseShares: this.#leases.sharesOf(plane.worker) }),
      })),
      this.#options.policyCounts(),
      this.#ladder.level,
    );
  }

  live(): readonly LiveReading[] {
    return this.planes.map((one) => ({ ...one.reading(), reportedMs: one.reportedMs }));
  }

  status(): GatewayStatus {
    const { config, version } = this.#options;
    const policy = this.#policy;
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
        policyHash: plane.policyHash,
        health: plane.health(),
        snapshot: plane.snapshot,
      })),
    };
  }
}
