import fc from 'fast-check';
import t from 'tap';
import { NOTHING_QUEUED } from './enqueued.ts';
import { MetadataScheduler } from './scheduler.ts';
import type { SchedulerShares } from './scheduler-quanta.ts';

const MAX_COST = 10;
const ONE_CLASS: SchedulerShares = { classes: [{ weight: 1, guardShare: 0.05 }], tierFactors: [1] };
/** Frames never go stale here, and the clock stands still: this is about whose turn it is. */
const NEVER = Number.POSITIVE_INFINITY;

/** A scheduler that has room for everything; items are costs by flow, so that what leaves says whose it was. */
function schedulerFor(shares: SchedulerShares, maxCost = MAX_COST): MetadataScheduler {
  const limits = { flowFrames: 1 << 16, classFrames: 1 << 18, totalFrames: 1 << 18 };
  return new MetadataScheduler(maxCost, limits, shares);
}

const costs = fc.array(fc.integer({ min: 1, max: MAX_COST }), { minLength: 30, maxLength: 120, size: 'max' });

/** Queues every cost in the flow; items are 16 · cost + mark. */
function fill(scheduler: MetadataScheduler, flow: number, all: readonly number[], mark: number): void {
  for (const cost of all) scheduler.enqueue(flow, cost, false, NEVER, cost * 16 + mark, 0);
}

/** The widest gap that opens between marks 0 and 1 over any stretch in which both have frames waiting. */
function widestGap(scheduler: MetadataScheduler, one: number, other: number, between: () => void): number {
  let ahead = 0;
  let least = 0;
  let most = 0;
  while (scheduler.queuedInFlow(one) > 0 && scheduler.queuedInFlow(other) > 0) {
    const item = scheduler.dequeue(0);
    if ((item & 15) === 0) ahead += item >> 4;
    else if ((item & 15) === 1) ahead -= item >> 4;
    least = Math.min(least, ahead);
    most = Math.max(most, ahead);
    between();
  }
  return most - least;
}

/** How two flows of equal right may be placed: in one tenant, in two tenants, in two classes. */
const PLACES: readonly (readonly [string, (scheduler: MetadataScheduler) => number[]])[] = [
  [
    'rooms of a tenant',
    (scheduler) => {
      const tenant = scheduler.openTenant(0);
      return [0, 1, 2].map(() => scheduler.openFlow(0, tenant));
    },
  ],
  [
    'tenants of a class',
    (scheduler) => {
      return [0, 1, 2].map(() => scheduler.openFlow(0, scheduler.openTenant(0)));
    },
  ],
  [
    'classes',
    (scheduler) => {
      const tenant = scheduler.openTenant(0);
      return [0, 1, 2].map((classIndex) => scheduler.openFlow(classIndex, tenant));
    },
  ],
];

for (const [name, place] of PLACES) {
  t.test(
    `SCHED-6 two backlogged ${name} of equal weight never differ by more than quantum + 2 · largest cost`,
    async (t) => {
      const three = [0, 1, 2].map(() => ({ weight: 1, guardShare: 0.05 }));
      let widest = 0;
      fc.assert(
        fc.property(costs, costs, fc.array(fc.nat(3), { maxLength: 50 }), (mine, yours, others) => {
          const scheduler = schedulerFor({ classes: three, tierFactors: [1] });
          const [one, other, third] = place(scheduler) as [number, number, number];
          fill(scheduler, one, mine, 0);
          fill(scheduler, other, yours, 1);
          let at = 0;
          const gap = widestGap(scheduler, one, other, () => {
            // A third flow comes and goes, and is new again and again.
            if (others[at++ % (others.length + 1)] === 0) fill(scheduler, third, [1 + (at % MAX_COST)], 2);
          });
          widest = Math.max(widest, gap);
          if (gap > MAX_COST + 2 * MAX_COST) throw new Error(`${gap} apart`);
        }),
        { numRuns: 400, verbose: 1 },
      );
      t.ok(widest > MAX_COST, `they did differ, by up to ${widest}`);
    },
  );
}

t.test('SCHED-7 backlogged classes get what their weights say, none less than its guard share', async (t) => {
  const claims = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 1000 }), guardShare: fc.constant(0.05) }), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(claims, (classes) => {
      const scheduler = schedulerFor({ classes, tierFactors: [1] }, 1);
      const tenant = scheduler.openTenant(0);
      const frames = 2000;
      const flows = classes.map((_, index) => scheduler.openFlow(index, tenant));
      flows.forEach((flow, index) => {
        for (let frame = 0; frame < frames; frame++) scheduler.enqueue(flow, 1, false, NEVER, index, 0);
      });
      const round = flows.reduce((sum, flow) => sum + scheduler.standing(flow).class.quantum, 0);
      const served = new Array<number>(classes.length).fill(0);
      for (let frame = 0; frame < frames; frame++) served[scheduler.dequeue(0)]!++;
      classes.forEach(({ guardShare }, index) => {
        const share = scheduler.standing(flows[index]!).class.quantum / round;
        if (share < guardShare - 1e-9) throw new Error(`a share of ${share}`);
        const due = share * frames;
        const slack = scheduler.standing(flows[index]!).class.quantum + 2;
        if (Math.abs(served[index]! - due) > slack)
          throw new Error(`class ${index}: ${served[index]} instead of ${due}`);
      });
    }),
    { numRuns: 200, verbose: 1 },
  );
  t.pass('within one turn');
});

t.test('SCHED-8 a tenant with a thousand rooms gets what a tenant with one room gets', async (t) => {
  const scheduler = schedulerFor(ONE_CLASS, 1);
  const crowd = scheduler.openTenant(0);
  const single = scheduler.openTenant(0);
  for (let room = 0; room < 1000; room++) {
    const flow = scheduler.openFlow(0, crowd);
    for (let frame = 0; frame < 10; frame++) scheduler.enqueue(flow, 1, false, NEVER, 0, 0);
  }
  const alone = scheduler.openFlow(0, single);
  for (let frame = 0; frame < 5000; frame++) scheduler.enqueue(alone, 1, false, NEVER, 1, 0);
  const served = [0, 0];
  for (let frame = 0; frame < 8000; frame++) served[scheduler.dequeue(0)]!++;
  t.ok(Math.abs(served[0]! - served[1]!) <= 1, 'turn by turn', { found: served });
});

t.test('SCHED-8 tenants share by the factors of their tiers, also after these were changed', async (t) => {
  const scheduler = schedulerFor({ ...ONE_CLASS, tierFactors: [1, 4, 2] }, 1);
  const flows = [0, 1, 2].map((tier) => scheduler.openFlow(0, scheduler.openTenant(tier)));
  flows.forEach((flow, mark) => {
    for (let frame = 0; frame < 4000; frame++) scheduler.enqueue(flow, 1, false, NEVER, mark, 0);
  });
  const serve = (frames: number) => {
    const served = [0, 0, 0];
    for (let frame = 0; frame < frames; frame++) served[scheduler.dequeue(0)]!++;
    return served;
  };
  t.strictSame(serve(700), [100, 400, 200]);
  scheduler.adopt({ ...ONE_CLASS, tierFactors: [1, 1, 5] });
  t.strictSame(serve(700), [100, 100, 500]);
  scheduler.adopt({ ...ONE_CLASS, tierFactors: [3] });
  t.strictSame(serve(300), [100, 100, 100], 'tiers that are gone get what the least of them gets');
});

t.test('SCHED-9 a room that was quiet goes before those of its tenant that were not', async (t) => {
  const scheduler = schedulerFor(ONE_CLASS, 1);
  const tenant = scheduler.openTenant(0);
  const busy = Array.from({ length: 20 }, () => scheduler.openFlow(0, tenant));
  for (const flow of busy) for (let frame = 0; frame < 50; frame++) scheduler.enqueue(flow, 1, false, NEVER, 0, 0);
  const quiet = scheduler.openFlow(0, tenant);
  for (let round = 0; round < 10; round++) {
    for (let frame = 0; frame < 21; frame++) t.equal(scheduler.dequeue(0), 0);
    scheduler.enqueue(quiet, 1, false, NEVER, 1, 0);
    t.equal(scheduler.dequeue(0), 1, 'at once');
  }
});

t.test('SCHED-9 a room that was new keeps what it left of its turn, as the others do', async (t) => {
  const scheduler = schedulerFor(ONE_CLASS);
  const tenant = scheduler.openTenant(0);
  const rooms = [scheduler.openFlow(0, tenant), scheduler.openFlow(0, tenant)] as const;
  for (const [mark, flow] of rooms.entries()) fill(scheduler, flow, [6, 6, 6, 6, 6], mark);
  const served = Array.from({ length: 10 }, () => scheduler.dequeue(0) & 15);
  // Each turn adds 10: one frame of 6, then with the 4 that were left two, then with the 2 again two.
  t.strictSame(served, [0, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
});

t.test('SCHED-9 a room that stays just empty is not quiet: it gets no more than the backlogged', async (t) => {
  const scheduler = schedulerFor(ONE_CLASS, 1);
  const tenant = scheduler.openTenant(0);
  for (let room = 0; room < 4; room++) {
    const flow = scheduler.openFlow(0, tenant);
    for (let frame = 0; frame < 500; frame++) scheduler.enqueue(flow, 1, false, NEVER, 0, 0);
  }
  const sly = scheduler.openFlow(0, tenant);
  let served = 0;
  for (let frame = 0; frame < 1000; frame++) {
    if (scheduler.queuedInFlow(sly) === 0) scheduler.enqueue(sly, 1, false, NEVER, 1, 0);
    if (scheduler.dequeue(0) === 1) served++;
  }
  t.ok(served >= 199 && served <= 201, `a fifth of 1000 frames: ${served}`);
});

t.test('SCHED-10 a frame is found in a bounded number of looks, with 1, 1000 or 100 000 flows', async (t) => {
  const classes = [8, 6, 2, 1].map((weight) => ({ weight, guardShare: 0.05 }));
  for (const count of [1, 1000, 100_000]) {
    const scheduler = schedulerFor({ classes, tierFactors: [1, 4] });
    const flows: number[] = [];
    for (let index = 0; index < count; index += 20) {
      const tenant = scheduler.openTenant((index / 20) % 2);
      for (let room = 0; room < Math.min(20, count); room++) flows.push(scheduler.openFlow(room % 4, tenant));
    }
    for (const [index, flow] of flows.entries()) {
      scheduler.enqueue(flow, 1 + (index % MAX_COST), false, NEVER, 0, 0);
      scheduler.enqueue(flow, 1 + ((index * 7) % MAX_COST), false, NEVER, 0, 0);
    }
    let most = 0;
    for (let frames = 0; ; frames++) {
      const before = scheduler.looks;
      if (scheduler.dequeue(0) === NOTHING_QUEUED) break;
      most = Math.max(most, scheduler.looks - before);
      if (frames < count) scheduler.enqueue(flows[(frames * 31) % count]!, 1 + (frames % MAX_COST), false, NEVER, 0, 0);
    }
    t.ok(most <= 8, `${count} flows: ${most} looks at most`);
  }
});
