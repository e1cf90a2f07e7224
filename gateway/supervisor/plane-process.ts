/**
 * One plane worker as the supervisor sees it: its process, what it last said, and what all its lives have counted.
 *
 * Invariant: `start` settles once, with the fate of the first life; later lives restart by themselves.
 */
import type { ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { CheckedPolicy } from '../config/policy-source.ts';
import type { PlaneReading } from '../telemetry/metric-families.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import { PlaneLedger } from '../telemetry/plane-ledger.ts';
import { FrameQuestions } from './frame-question.ts';
import { type Death, KeptProcess } from './kept-process.ts';
import type { Health, PlaneName, PlaneOrder, PlaneReport } from './plane-link.ts';
import type { PlaneProcessOptions } from './plane-process-options.ts';
import { spawnPlane } from './plane-spawn.ts';
import { PolicyAdoption } from './policy-adoption.ts';

const START_PATIENCE_MS = 20_000;
/** Ticks of the supervisor without a report after which a plane is taken for hung. */
const HUNG_TICKS = 15;
/** Planes report once a second: after this long, nothing is known about them. */
const REPORT_EXPIRY_MS = 3500;

export type PlaneState = 'starting' | 'listening' | 'draining' | 'waiting' | 'stopped';

export class PlaneProcess {
  readonly plane: PlaneName;
  readonly worker: number;
  /** `control`, `metadata 0`, … */
  readonly title: string;
  readonly #options: PlaneProcessOptions;
  readonly #kept: KeptProcess;
  readonly #ledger = new PlaneLedger();
  #state: PlaneState = 'starting';
  #health: Health = { ready: false, reasons: ['it has not reported yet'] };
  #snapshot: PlaneSnapshot | null = null;
  #reportedMs = 0;
  #ports: Readonly<Record<string, number>> = {};
  #lastDeath: string | null = null;
  #failure = '';
  #watchdog: NodeJS.Timeout | undefined;
  #first: { resolve: () => void; reject: (error: Error) => void } | null = null;
  /** What it is to go by, and which it said it goes by; empty while it is starting. */
  #policy: CheckedPolicy;
  readonly #adoption = new PolicyAdoption();
  readonly questions = new FrameQuestions();
  /** Ticks of the supervisor since it last reported. */
  #silentTicks = 0;

  constructor(options: PlaneProcessOptions) {
    this.plane = options.start.plane;
    this.worker = options.start.worker;
    this.title = this.plane === 'control' ? 'control' : `metadata ${this.worker}`;
    this.#options = options;
    this.#policy = options.policy;
    this.#kept = new KeptProcess({
      spawn: () => this.#spawn(),
      times: options.times,
      died: (death) => this.#died(death),
    });
  }

  get pid(): number | null {
    return this.#kept.child?.pid ?? null;
  }
  get state(): PlaneState {
    return this.#state;
  }
  get restarts(): number {
    return this.#kept.restarts;
  }
  get ports(): Readonly<Record<string, number>> {
    return this.#ports;
  }
  /** Why the last life ended; null while it is the first. */
  get lastDeath(): string | null {
    return this.#lastDeath;
  }
  /** What this life last said; null before it said anything. */
  get snapshot(): PlaneSnapshot | null {
    return this.#snapshot;
  }

  /** The hash of the policy it goes by; empty while none is known. */
  get policyHash(): string {
    return this.#adoption.hash;
  }

  /**
   * Puts another policy in force in this life and the lives to come. Resolves to null when it has been adopted, or will
   * be at its next start; else to why not. Never waits longer than a few seconds.
   */
  adopt(policy: CheckedPolicy): Promise<string | null> {
    this.#policy = policy;
    const { child } = this.#kept;
    if (child === null || !child.connected) return Promise.resolve(null);
    const { source, hash } = policy;
    this.#order({ type: 'policy', source, hash });
    return this.#adoption.ordered(hash);
  }

  /**
   * Called once a second by the supervisor: a plane that says nothing for `HUNG_TICKS` of them is killed, and started
   * again. Ticks are counted, not seconds, because a machine that sleeps stops both.
   */
  tick(): void {
    if (this.#state !== 'listening') this.#silentTicks = 0;
    else if (++this.#silentTicks > HUNG_TICKS) {
      this.#silentTicks = 0;
      this.#failure = `it hung: nothing came from it for ${HUNG_TICKS} s`;
      this.#kept.child?.kill('SIGKILL');
    }
  }

  /** Starts the process; resolves when it listens, rejects with one line when its first life cannot. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first = { resolve, reject };
      this.#kept.start();
    });
  }

  /** Whether it may be sent traffic, and why not. */
  health(): Health {
    if (this.#state === 'waiting') return notReady(`it died (${this.#lastDeath}) and will be started again`);
    if (this.#state !== 'listening') return notReady(`it is ${this.#state}`);
    const silentMs = performance.now() - this.#reportedMs;
    if (silentMs > REPORT_EXPIRY_MS) return notReady(`it has been silent for ${Math.round(silentMs / 1000)} s`);
    return this.#health;
  }

  /** When it last reported, on the monotonic clock. */
  get reportedMs(): number {
    return this.#reportedMs;
  }

  reading(): PlaneReading {
    const fresh = performance.now() - this.#reportedMs <= REPORT_EXPIRY_MS;
    const up = fresh && (this.#state === 'listening' || this.#state === 'draining');
    return { plane: this.plane, worker: this.worker, up, restarts: this.restarts, total: this.#ledger.total() };
  }

  /** Drains it, at most `patienceMs`, then ends it. */
  async stop(patienceMs: number): Promise<void> {
    if (this.#state !== 'waiting') this.#state = 'draining';
    clearTimeout(this.#watchdog);
    await this.#kept.stop(() => this.#order({ type: 'drain' }), patienceMs);
    this.#state = 'stopped';
  }

  kill(): void {
    clearTimeout(this.#watchdog);
    this.#kept.kill();
    this.#state = 'stopped';
  }

  #spawn(): ChildProcess {
    const { module, permitted, ladderLevel } = this.#options;
    const lease = this.#options.leases?.startOf(this.restarts === 0);
    const start = { ...this.#options.start, ...lease, ladderLevel: ladderLevel(), policy: this.#policy.source };
    const child = spawnPlane(this.plane, module, permitted);
    this.#state = 'starting';
    this.#snapshot = null;
    this.#failure = '';
    const { hash } = this.#policy;
    child.on('message', (report: PlaneReport) => {
      if (this.#kept.child === child) this.#hear(report, hash);
    });
    child.send({ type: 'start', start } satisfies PlaneOrder, () => undefined);
    this.#watchdog = setTimeout(() => {
      this.#failure = `it did not listen within ${START_PATIENCE_MS / 1000} s`;
      child.kill('SIGKILL');
    }, START_PATIENCE_MS);
    return child;
  }

  /** Tells it something while it lives. */
  tell(order: PlaneOrder): void {
    if (this.#state === 'listening' || this.#state === 'starting') this.#order(order);
  }

  #order(order: PlaneOrder): void {
    const { child } = this.#kept;
    if (child?.connected) child.send(order, () => undefined);
    else child?.kill('SIGTERM');
  }

  /** `startHash`: of the policy this life began with. */
  #hear(report: PlaneReport, startHash: string): void {
    this.#silentTicks = 0;
    switch (report.type) {
      case 'listening':
        clearTimeout(this.#watchdog);
        this.#adoption.started(startHash);
        this.#ports = report.ports;
        if (this.#state === 'starting') this.#state = 'listening';
        this.#kept.serving();
        if (this.#first === null) this.#options.log.info(`${this.title} is back`);
        this.#first?.resolve();
        this.#first = null;
        break;
      case 'snapshot':
        this.#snapshot = report.snapshot;
        this.#health = report.health;
        this.#reportedMs = performance.now();
        this.#ledger.report(report.snapshot);
        this.#options.leases?.report(this.worker, report.demand);
        break;
      case 'failed':
        this.#failure = report.message;
        break;
      case 'policy':
        this.#adoption.ended(report.hash, report.error);
        break;
      case 'answer':
        this.questions.answered(report.id, report.answer);
        break;
      case 'load':
        this.#options.loaded(report.load);
        break;
    }
  }

  #died(death: Death): void {
    clearTimeout(this.#watchdog);
    this.#adoption.died();
    this.questions.died();
    this.#ledger.ended();
    this.#options.leases?.ended(this.worker);
    this.#snapshot = null;
    this.#lastDeath = this.#failure || death.reason;
    const first = this.#first;
    this.#first = null;
    if (first !== null) {
      this.#kept.retire();
      this.#state = 'stopped';
      first.reject(new Error(this.#failure || `the ${this.title} plane ended while it started: ${death.reason}`));
      return;
    }
    this.#state = death.restartMs === null ? 'stopped' : 'waiting';
    if (death.restartMs === null) return;
    const inMs = Math.round(death.restartMs);
    this.#options.log.error(`${this.title} died (${this.#lastDeath}); it is started again in ${inMs} ms`);
  }
}

function notReady(reason: string): Health {
  return { ready: false, reasons: [reason] };
}
