/**
 * One plane worker as the supervisor sees it: its process, what it last said, and what all its lives have counted.
 *
 * Invariant: `start` settles once, with the fate of the first life; later lives restart by themselves.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Log } from '../telemetry/log.ts';
import type { PlaneReading } from '../telemetry/metric-families.ts';
import type { PlaneSnapshot } from '../telemetry/plane-counters.ts';
import { PlaneLedger } from '../telemetry/plane-ledger.ts';
import type { BackoffTimes } from './backoff.ts';
import { type Death, KeptProcess } from './kept-process.ts';
import type { Health, PlaneName, PlaneOrder, PlaneReport, PlaneStart } from './plane-link.ts';
import { type PermittedSteps, withPriority } from './process-priority.ts';

/** Header room the edge promises; uWebSockets.js reads it from the environment when it is loaded. */
const HEADER_BYTES = 16_384;
const START_PATIENCE_MS = 20_000;
/** Planes report once a second: after this long, nothing is known about them. */
const REPORT_EXPIRY_MS = 3500;
const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const PLANE_MAIN = fileURLToPath(new URL(`./plane-main.${EXTENSION}`, import.meta.url));

/** The module that holds a plane and the name of its `StartPlane`. */
export interface PlaneModule {
  readonly url: string;
  readonly name: string;
}

export const PLANE_MODULES: Readonly<Record<PlaneName, PlaneModule>> = {
  control: { url: new URL(`../control/control-plane.${EXTENSION}`, import.meta.url).href, name: 'startControlPlane' },
  metadata: {
    url: new URL(`../metadata/metadata-plane.${EXTENSION}`, import.meta.url).href,
    name: 'startMetadataPlane',
  },
};

export type PlaneState = 'starting' | 'listening' | 'draining' | 'waiting' | 'stopped';

export interface PlaneProcessOptions {
  readonly start: PlaneStart;
  readonly module: PlaneModule;
  readonly permitted: PermittedSteps;
  readonly times: BackoffTimes;
  readonly log: Log;
}

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

  constructor(options: PlaneProcessOptions) {
    this.plane = options.start.plane;
    this.worker = options.start.worker;
    this.title = this.plane === 'control' ? 'control' : `metadata ${this.worker}`;
    this.#options = options;
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

  /** What metrics are made of. */
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

  /** Ends it at once. */
  kill(): void {
    clearTimeout(this.#watchdog);
    this.#kept.kill();
    this.#state = 'stopped';
  }

  #spawn(): ChildProcess {
    const { module, permitted, start } = this.#options;
    const node = [process.execPath, PLANE_MAIN, module.url, module.name];
    const [command = '', ...rest] = withPriority(this.plane, permitted, node);
    // `nice` and `chrt` become the process they run, so the channel they inherit stays that process' channel.
    const child = spawn(command, rest, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, UWS_HTTP_MAX_HEADERS_SIZE: String(HEADER_BYTES) },
    });
    this.#state = 'starting';
    this.#snapshot = null;
    this.#failure = '';
    child.on('message', (report: PlaneReport) => {
      if (this.#kept.child === child) this.#hear(report);
    });
    child.send({ type: 'start', start } satisfies PlaneOrder, () => undefined);
    this.#watchdog = setTimeout(() => {
      this.#failure = `it did not listen within ${START_PATIENCE_MS / 1000} s`;
      child.kill('SIGKILL');
    }, START_PATIENCE_MS);
    return child;
  }

  #order(order: PlaneOrder): void {
    const { child } = this.#kept;
    if (child?.connected) child.send(order, () => undefined);
    else child?.kill('SIGTERM');
  }

  #hear(report: PlaneReport): void {
    switch (report.type) {
      case 'listening':
        clearTimeout(this.#watchdog);
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
        break;
      case 'failed':
        this.#failure = report.message;
        break;
      case 'drained':
        break;
    }
  }

  #died(death: Death): void {
    clearTimeout(this.#watchdog);
    this.#ledger.ended();
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
