/**
 * The one ladder of the gateway, climbed by what its planes measure.
 *
 *     control plane ─► ladder of calls: every level ─────────────┐
 *                                                                 ├─ the higher one ─► every plane
 *     workers, nodes ─► ladder of metadata: up to the last level ─┘
 *                       that takes calls
 *
 * A flood of metadata must not cost anybody a call: what workers and nodes measure climbs only as far as calls are taken.
 *
 * Invariants: a plane that is not listening says nothing; one that has been silent for SILENT_MS is taken to be as late as
 * it is silent; while pinned, only `pin` and `adopt` move the level.
 */
import { Ladder, type LadderLoad, type LadderPolicy, type LadderTrigger } from '../../backpressure/ladder.ts';
import { effectsByLevel, type LadderEffects } from '../../backpressure/ladder-levels.ts';

/** How often planes report their load, and the ladder looks at it, ms. */
export const LOOK_MS = 250;
const SILENT_MS = 16 * LOOK_MS;

/** Which plane a load is of. */
export type LoadSource = 'control' | 'metadata';

/** What operators see of the ladder. */
export interface LadderStatus {
  readonly level: number;
  /** How many levels the policy has. */
  readonly highest: number;
  readonly pinned: boolean;
  /** What made it climb last; null at level 0 and where it was pinned. */
  readonly cause: LadderTrigger | null;
  readonly effects: LadderEffects;
  /** What the planes last measured, by plane. */
  readonly load: Readonly<Record<string, LadderLoad>>;
}

interface Reported {
  readonly source: LoadSource;
  readonly load: LadderLoad;
  readonly atMs: number;
}

const NO_LADDER: LadderPolicy = { triggers: {}, stepUpAfterMs: 1, stepDownAfterMs: 1, calmShare: 1, levels: [] };

export class GatewayLadder {
  readonly #calls: Ladder;
  readonly #metadata: Ladder;
  #effects: readonly LadderEffects[] = [];
  readonly #reported = new Map<string, Reported>();
  #level = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Told of every other level. */
  readonly #changed: (level: number, cause: LadderTrigger | null) => void;

  constructor(policy: LadderPolicy | null, changed: (level: number, cause: LadderTrigger | null) => void) {
    this.#calls = new Ladder(policy ?? NO_LADDER);
    this.#metadata = new Ladder(takingCalls(policy ?? NO_LADDER));
    this.#effects = effectsByLevel(policy?.levels ?? []);
    this.#changed = changed;
  }

  get level(): number {
    return this.#level;
  }

  /** A plane has measured. `plane` names it among all of them. */
  report(plane: string, source: LoadSource, load: LadderLoad, nowMs: number): void {
    this.#reported.set(plane, { source, load, atMs: nowMs });
  }

  /** A plane is not there, or not yet. */
  forget(plane: string): void {
    this.#reported.delete(plane);
  }

  /** Looks at what was measured. To be called every `LOOK_MS`. */
  look(nowMs: number): void {
    const asleepMs = nowMs - this.#lookedMs - SILENT_MS / 4;
    this.#lookedMs = nowMs;
    // Who looks late hears late: that is not the planes' silence.
    if (asleepMs > 0 && Number.isFinite(asleepMs)) {
      for (const [plane, reported] of this.#reported) {
        this.#reported.set(plane, { ...reported, atMs: reported.atMs + asleepMs });
      }
    }
    this.#calls.observe(this.#loadOf('control', nowMs), nowMs);
    this.#metadata.observe(this.#loadOf('metadata', nowMs), nowMs);
    this.#settle();
  }

  /** Holds a level whatever the load. Throws a RangeError where the policy has no such level. */
  pin(level: number): void {
    this.#calls.pin(level);
    this.#metadata.pin(0);
    this.#settle();
  }

  /** Lets the load decide again, from the level that was pinned. */
  unpin(): void {
    this.#calls.unpin();
    this.#metadata.unpin();
    this.#settle();
  }

  /** Another policy is in force; null: it has no ladder. */
  adopt(policy: LadderPolicy | null): void {
    this.#calls.adopt(policy ?? NO_LADDER);
    this.#metadata.adopt(takingCalls(policy ?? NO_LADDER));
    this.#effects = effectsByLevel(policy?.levels ?? []);
    this.#settle();
  }

  status(): LadderStatus {
    const { cause } = this.#metadata.level > this.#calls.level ? this.#metadata : this.#calls;
    return {
      level: this.#level,
      highest: this.#effects.length - 1,
      pinned: this.#calls.pinned,
      cause,
      effects: this.#effects[this.#level]!,
      load: Object.fromEntries([...this.#reported].map(([plane, { load }]) => [plane, load])),
    };
  }

  #settle(): void {
    const level = Math.max(this.#calls.level, this.#metadata.level);
    if (level === this.#level) return;
    this.#level = level;
    this.#changed(level, this.status().cause);
  }

  /** The worst that was measured, by metric; what is spent is spent by all together. */
  #loadOf(source: LoadSource, nowMs: number): LadderLoad {
    const worst: Partial<Record<LadderTrigger, number>> = {};
    const add = (trigger: LadderTrigger, value: number) => {
      const before = worst[trigger] ?? 0;
      worst[trigger] = trigger === 'spendPerSecond' ? before + value : Math.max(before, value);
    };
    for (const reported of this.#reported.values()) {
      for (const [trigger, value] of Object.entries(reported.load) as [LadderTrigger, number | undefined][]) {
        // The control plane tells of the nodes; that they are behind is no reason to refuse calls.
        const of = NODE_TRIGGERS.includes(trigger) ? 'metadata' : reported.source;
        if (of === source && value !== undefined) add(trigger, value);
      }
      if (reported.source !== source || nowMs - reported.atMs <= SILENT_MS) continue;
      add(source === 'control' ? 'loopDelayP99Ms' : 'schedulerDelayMs', nowMs - reported.atMs);
    }
    return worst;
  }
}

const NODE_TRIGGERS: readonly LadderTrigger[] = ['nodeQueueDepth', 'inferenceP99Ms'];

/** The ladder without the levels at which calls are refused. */
function takingCalls(policy: LadderPolicy): LadderPolicy {
  const refusing = policy.levels.findIndex(({ newCalls }) => newCalls === 'refuse');
  return refusing < 0 ? policy : { ...policy, levels: policy.levels.slice(0, refusing) };
}
