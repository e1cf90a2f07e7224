/** The scheduler beside plain lists, which say what may leave and what may not. */
import fc from 'fast-check';
import t from 'tap';
import { Enqueued, NOTHING_QUEUED, SETTLE_FIRST } from './enqueued.ts';
import { Evicted } from './evicted-list.ts';
import { TWO_CLASSES } from './fixtures/two-classes.ts';
import { MetadataScheduler } from './scheduler.ts';

const MAX_COST = 10;
const LIMITS = { flowFrames: 6, classFrames: 14, totalFrames: 24 };

interface Waiting {
  readonly item: number;
  readonly kept: boolean;
  readonly expiresMs: number;
}
/** A flow as plain lists would have it. */
interface ModelFlow {
  readonly classIndex: number;
  row: number;
  open: boolean;
  frames: Waiting[];
}

type Step =
  | { verb: 'enqueue'; flow: number; cost: number; kept: boolean; ttlMs: number }
  | { verb: 'dequeue'; passMs: number }
  | { verb: 'close'; flow: number }
  | { verb: 'adopt'; weight: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 16,
      arbitrary: fc.record({
        verb: fc.constant('enqueue' as const),
        flow: fc.nat(7),
        cost: fc.integer({ min: 1, max: MAX_COST }),
        kept: fc.boolean(),
        ttlMs: fc.integer({ min: 1, max: 400 }),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({ verb: fc.constant('dequeue' as const), passMs: fc.constantFrom(0, 1, 30, 90) }),
    },
    { weight: 1, arbitrary: fc.record({ verb: fc.constant('close' as const), flow: fc.nat(7) }) },
    {
      weight: 1,
      arbitrary: fc.record({ verb: fc.constant('adopt' as const), weight: fc.integer({ min: 1, max: 20 }) }),
    },
  ),
  { maxLength: 120, size: 'max' },
);

/** The scheduler beside lists: every call is checked against what plain lists allow. */
class Twin {
  readonly scheduler = new MetadataScheduler(MAX_COST, LIMITS, TWO_CLASSES);
  readonly flows: ModelFlow[];
  readonly #tenants = [this.scheduler.openTenant(0), this.scheduler.openTenant(1)];
  readonly #owner = new Map<number, ModelFlow>();
  #items = 0;
  #nowMs = 0;
  readonly told = { offered: 0, refused: 0, evicted: 0, dequeued: 0 };

  constructor() {
    this.flows = Array.from({ length: 8 }, (_, index) => this.#open(index));
  }

  get #queued(): number {
    return this.flows.reduce((sum, { frames }) => sum + frames.length, 0);
  }

  step(step: Step): void {
    if (step.verb === 'enqueue') this.#enqueue(step.flow, step.cost, step.kept, step.ttlMs);
    else if (step.verb === 'dequeue') this.#dequeue(step.passMs);
    else if (step.verb === 'close') this.#close(step.flow);
    else
      this.scheduler.adopt({
        ...TWO_CLASSES,
        classes: [{ weight: step.weight, guardShare: 0.3 }, TWO_CLASSES.classes[1]!],
      });
    this.#check();
  }

  drain(): void {
    while (this.#queued > 0) this.#dequeue(0);
    expect(this.scheduler.dequeue(this.#nowMs) === NOTHING_QUEUED, 'something is left');
  }

  #open(index: number): ModelFlow {
    const classIndex = index % 2;
    const row = this.scheduler.openFlow(classIndex, this.#tenants[(index >> 1) % 2]!);
    return { classIndex, row, open: true, frames: [] };
  }

  #enqueue(index: number, cost: number, kept: boolean, ttlMs: number): void {
    const flow = this.flows[index]!;
    const item = this.#items++;
    this.told.offered++;
    const inClass = this.flows.filter((other) => other.classIndex === flow.classIndex);
    const room =
      flow.frames.length < LIMITS.flowFrames &&
      inClass.reduce((sum, { frames }) => sum + frames.length, 0) < LIMITS.classFrames &&
      this.#queued < LIMITS.totalFrames;
    const outcome = this.scheduler.enqueue(flow.row, cost, kept, this.#nowMs + ttlMs, item, this.#nowMs);
    expect((outcome === Enqueued.queued) === room, `outcome ${outcome} with${room ? '' : 'out'} room`);
    expect(this.scheduler.evicted.count === (outcome === Enqueued.evicting ? 1 : 0), 'evicted list');
    this.#takeEvicted(Evicted.overflow);
    if (outcome === Enqueued.overflow || outcome === Enqueued.full) {
      expect((outcome === Enqueued.full) === kept, 'full is what kept frames are told');
      const everybody = this.flows.flatMap(({ frames }) => frames);
      const ofClass = inClass.flatMap(({ frames }) => frames);
      const classIsFull = ofClass.length >= LIMITS.classFrames;
      const asked = flow.frames.length >= LIMITS.flowFrames ? flow.frames : kept && !classIsFull ? everybody : ofClass;
      expect(
        asked.every(({ kept }) => kept),
        'somebody could have given way',
      );
      this.told.refused++;
      return;
    }
    flow.frames.push({ item, kept, expiresMs: this.#nowMs + ttlMs });
    this.#owner.set(item, flow);
  }

  #dequeue(passMs: number): void {
    this.#nowMs += passMs;
    const item = this.scheduler.dequeue(this.#nowMs);
    this.#takeEvicted(Evicted.stale);
    expect(item !== SETTLE_FIRST, 'the list was emptied');
    if (item === NOTHING_QUEUED) {
      expect(this.#queued === 0, `${this.#queued} frames wait and none leaves`);
      return;
    }
    const flow = this.#owner.get(item);
    const first = flow?.frames.shift();
    expect(first?.item === item, `${item} leaves before ${first?.item}`);
    expect(first!.kept || first!.expiresMs > this.#nowMs, 'a stale frame left');
    this.told.dequeued++;
    this.#reopen(flow!);
  }

  #close(index: number): void {
    const flow = this.flows[index]!;
    if (!flow.open) return;
    flow.open = false;
    this.scheduler.closeFlow(flow.row);
    let refused = false;
    try {
      this.scheduler.enqueue(flow.row, 1, false, 1e9, 0, this.#nowMs);
    } catch {
      refused = true;
    }
    expect(refused, 'a closed flow takes frames');
    this.#drainClosed(flow);
  }

  /** A closed flow leaves like any other; another one of its place is opened once it is gone. */
  #drainClosed(flow: ModelFlow): void {
    while (flow.frames.length > 0) this.#dequeue(0);
    this.#reopen(flow);
  }

  #reopen(flow: ModelFlow): void {
    if (flow.open || flow.frames.length > 0) return;
    const index = this.flows.indexOf(flow);
    if (index >= 0) this.flows[index] = this.#open(index);
  }

  #takeEvicted(reason: Evicted): void {
    const { evicted } = this.scheduler;
    for (let index = 0; index < evicted.count; index++) {
      const item = evicted.item(index);
      const flow = this.#owner.get(item)!;
      const at = flow.frames.findIndex((frame) => frame.item === item);
      expect(at >= 0, `${item} was evicted twice`);
      expect(!flow.frames[at]!.kept, `${item} was to be kept`);
      expect(evicted.reason(index) === reason, 'reason');
      expect(!flow.frames.slice(0, at).some((frame) => !frame.kept), 'the oldest that may be lost goes first');
      flow.frames.splice(at, 1);
      this.told.evicted++;
      this.#reopen(flow);
    }
    evicted.clear();
  }

  #check(): void {
    const { scheduler, told } = this;
    expect(scheduler.queued === this.#queued, `${scheduler.queued} queued instead of ${this.#queued}`);
    expect(told.offered === told.refused + told.evicted + told.dequeued + this.#queued, 'conservation');
    for (const flow of this.flows) {
      expect(scheduler.queuedInFlow(flow.row) === flow.frames.length, 'frames of a flow');
      expect(flow.frames.length <= LIMITS.flowFrames, 'more than a flow may hold');
      for (const [level, { deficit, quantum }] of Object.entries(scheduler.standing(flow.row))) {
        expect(deficit >= 0 && deficit < MAX_COST + quantum + 1e-9, `${level}: deficit ${deficit}, quantum ${quantum}`);
      }
    }
    for (const classIndex of [0, 1]) {
      const frames = this.flows.filter((flow) => flow.classIndex === classIndex).flatMap((flow) => flow.frames);
      expect(scheduler.queuedInClass(classIndex) === frames.length, 'frames of a class');
      expect(frames.length <= LIMITS.classFrames, 'more than a class may hold');
    }
    expect(this.#queued <= LIMITS.totalFrames, 'more than there may be');
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

t.test('SCHED-1 a frame leaves whenever one waits, once, and in its flow’s order, whatever else is done', async (t) => {
  const seen = { refused: 0, evicted: 0, dequeued: 0 };
  fc.assert(
    fc.property(steps, (taken) => {
      const twin = new Twin();
      for (const step of taken) twin.step(step);
      twin.drain();
      seen.refused += twin.told.refused;
      seen.evicted += twin.told.evicted;
      seen.dequeued += twin.told.dequeued;
    }),
    { numRuns: 3000, verbose: 1 },
  );
  t.ok(seen.refused > 100 && seen.evicted > 1000 && seen.dequeued > 10_000, 'all of it happened', { found: seen });
});
