/**
 * What a plane counts on the path of a frame: plain increments in typed arrays, copied out once a second.
 *
 * Invariant (conservation), per class: offered = sum of outcomes + queued. `residuals()` is what breaks it: all 0.
 */
import { MOST_CLASS_INDEXES, UNCLASSIFIED } from '../../classes/policy.ts';
import type { ShadowCounts } from '../../classes/shadow-policy.ts';
import { OUTCOMES } from '../../schemas/metric-names.ts';
import type { HeldBytes, ProcessMemory } from './held-bytes.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';

/** A plane's counters at one moment, as sent to the supervisor. Arrays follow `classes`, which ends with `unclassified`. */
export interface PlaneSnapshot {
  readonly plane: 'control' | 'metadata';
  readonly worker: number;
  readonly policyVersion: number;
  readonly classes: readonly string[];
  readonly offered: readonly number[];
  readonly admitted: readonly number[];
  readonly queued: readonly number[];
  /** By class, then in the order of `OUTCOMES`. */
  readonly outcomes: readonly (readonly number[])[];
  readonly bytesIn: readonly number[];
  readonly bytesOut: readonly number[];
  readonly deliveries: readonly number[];
  readonly writes: number;
  readonly finals: { readonly received: number; readonly delivered: number };
  readonly bufferedBytes: number;
  /** Memory of rooms and subscribers, where there are any. */
  readonly held?: readonly HeldBytes[] | undefined;
  readonly memory?: ProcessMemory | undefined;
  /** Open sessions by principal kind. */
  readonly sessions: Readonly<Record<string, number>>;
  /** By close code. */
  readonly disconnects: Readonly<Record<string, number>>;
  /** By result: accepted, unauthorised, limited, penalised, … */
  readonly handshakes: Readonly<Record<string, number>>;
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly histograms: readonly HistogramSnapshot[];
  readonly breakers: readonly { readonly node: string; readonly state: 'closed' | 'halfOpen' | 'open' }[];
  readonly nodes: readonly {
    readonly node: string;
    readonly role: string;
    readonly sessions: number;
    readonly load: number;
  }[];
  /** Of the policy on trial, where there is one. */
  readonly shadow?: { readonly hash: string; readonly counts: ShadowCounts } | undefined;
}

/** The part of a snapshot that `PlaneCounters` itself knows. */
export type CounterSnapshot = Pick<
  PlaneSnapshot,
  | 'classes'
  | 'offered'
  | 'admitted'
  | 'queued'
  | 'outcomes'
  | 'bytesIn'
  | 'bytesOut'
  | 'deliveries'
  | 'writes'
  | 'finals'
  | 'histograms'
>;

/** The row of what has no class: behind all that have one, so that classes may come while the plane runs. */
const UNCLASSIFIED_ROW = MOST_CLASS_INDEXES;
const ROWS = MOST_CLASS_INDEXES + 1;

/** Counters of one plane. `classIndex` is the policy's; -1 counts as unclassified. */
export class PlaneCounters {
  readonly offered: Float64Array;
  readonly admitted: Float64Array;
  readonly queued: Float64Array;
  readonly bytesIn: Float64Array;
  readonly bytesOut: Float64Array;
  readonly deliveries: Float64Array;
  readonly histograms: Histogram[] = [];
  writes = 0;
  /** Deliveries to be made by what was admitted, that need not be made: nobody wants them, or newer content took their place. */
  spared = 0;
  /** Deliveries to be made by what was admitted, that have yet to be made: nobody counts who has no room for them. */
  readonly pending: Float64Array;
  finalsReceived = 0;
  finalsDelivered = 0;
  readonly #outcomes: Float64Array;
  #classNames: readonly string[];

  constructor(classNames: readonly string[]) {
    this.#classNames = classNames;
    this.offered = new Float64Array(ROWS);
    this.admitted = new Float64Array(ROWS);
    this.queued = new Float64Array(ROWS);
    this.bytesIn = new Float64Array(ROWS);
    this.bytesOut = new Float64Array(ROWS);
    this.deliveries = new Float64Array(ROWS);
    this.pending = new Float64Array(ROWS);
    this.#outcomes = new Float64Array(ROWS * OUTCOMES.length);
  }

  /** Names by class index, `unclassified` last. */
  get classes(): readonly string[] {
    return [...this.#classNames, UNCLASSIFIED];
  }

  /** Counts under another policy's names from now on: those there were, in their places, and perhaps more. */
  adopt(classNames: readonly string[]): void {
    this.#classNames = classNames;
  }

  /** The row of a class index in the arrays above. */
  row(classIndex: number): number {
    return classIndex < 0 ? UNCLASSIFIED_ROW : classIndex;
  }

  /** One frame came in. */
  offer(classIndex: number, bytes: number): void {
    const row = this.row(classIndex);
    this.offered[row]! += 1;
    this.bytesIn[row]! += bytes;
  }

  /** One frame that was never queued ended in `outcome` (an `Outcome`). */
  settle(classIndex: number, outcome: number): void {
    this.#outcomes[this.row(classIndex) * OUTCOMES.length + outcome]! += 1;
  }

  /** One frame passed admission and waits. */
  enqueue(classIndex: number): void {
    const row = this.row(classIndex);
    this.admitted[row]! += 1;
    this.queued[row]! += 1;
  }

  /** `count` waiting frames ended in `outcome`. */
  settleQueued(classIndex: number, outcome: number, count = 1): void {
    const row = this.row(classIndex);
    this.queued[row]! -= count;
    this.#outcomes[row * OUTCOMES.length + outcome]! += count;
  }

  /** How many frames of the class ended in `outcome`. */
  outcome(classIndex: number, outcome: number): number {
    return this.#outcomes[this.row(classIndex) * OUTCOMES.length + outcome]!;
  }

  /** Outcomes by class, then in the order of `OUTCOMES`. */
  outcomes(): number[][] {
    return this.#rows().map((row) => [...this.#outcomes.subarray(row * OUTCOMES.length, (row + 1) * OUTCOMES.length)]);
  }

  /** Per class: offered − outcomes − queued. */
  residuals(): number[] {
    const [offered, queued] = [this.#named(this.offered), this.#named(this.queued)];
    return this.outcomes().map((row, index) => {
      const settled = row.reduce((sum, count) => sum + count, 0);
      return offered[index]! - settled - queued[index]!;
    });
  }

  /** Everything counted here, copied out. */
  snapshot(): CounterSnapshot {
    return {
      classes: this.classes,
      offered: this.#named(this.offered),
      admitted: this.#named(this.admitted),
      queued: this.#named(this.queued),
      outcomes: this.outcomes(),
      bytesIn: this.#named(this.bytesIn),
      bytesOut: this.#named(this.bytesOut),
      deliveries: this.#named(this.deliveries),
      writes: this.writes,
      finals: { received: this.finalsReceived, delivered: this.finalsDelivered },
      histograms: this.histograms.map((histogram) => histogram.snapshot()),
    };
  }

  /** A histogram that is sent along with the counters. `boundsSeconds` ascend. */
  histogram(name: string, labels: Readonly<Record<string, string>>, boundsSeconds: readonly number[]): Histogram {
    const histogram = new Histogram(name, labels, boundsSeconds);
    this.histograms.push(histogram);
    return histogram;
  }
  /** The rows that have a name, in the order of `classes`. */
  #rows(): number[] {
    return [...this.#classNames.keys(), UNCLASSIFIED_ROW];
  }

  #named(values: Float64Array): number[] {
    return this.#rows().map((row) => values[row]!);
  }
}
