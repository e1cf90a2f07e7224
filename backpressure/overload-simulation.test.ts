/**
 * The gateway's algorithms together, in simulated time, beside what is commonly used instead: several hundred agents in four
 * classes offer up to twelve times what can be served. Counts and simulated times only; every figure follows from the seed.
 */
import t from 'tap';
import { DagorArm, FifoArm, FollyCodelArm, type SimulatedArm, SluiceArm } from './fixtures/simulated-arms.ts';
import { type PlaneResult, runPlane, type SimulatedClass, WINDOW_MS } from './fixtures/simulated-plane.ts';

const SEEDS = [1, 2, 3];
const PREMIUM_LOAD = 0.4;
const FOR_MS = 3000;
const FROM_MS = 1000;

/** Premium offers less than its weighted share, 8/17; the others share what `load` leaves. */
function classesAt(load: (ms: number) => number): SimulatedClass[] {
  const rest = (share: number) => (ms: number) => (load(ms) - PREMIUM_LOAD) * share;
  return [
    { name: 'premium', weight: 8, ttlMs: 2000, agents: 40, load: () => PREMIUM_LOAD },
    { name: 'captions', weight: 6, ttlMs: 500, agents: 160, load: rest(0.5) },
    { name: 'standard', weight: 2, ttlMs: 1000, agents: 120, load: rest(0.3) },
    { name: 'deferred', weight: 1, ttlMs: 30_000, agents: 80, load: rest(0.2) },
  ];
}

const ARMS: Readonly<Record<string, (classes: readonly SimulatedClass[]) => SimulatedArm>> = {
  'cursor and scheduler': (classes) => new SluiceArm(classes, true),
  'scheduler alone': (classes) => new SluiceArm(classes, false),
  'first in, first out': () => new FifoArm(),
  'folly’s CoDel': () => new FollyCodelArm(),
  DAGOR: () => new DagorArm(),
};

/** Means over the seeds: goodput after `FROM_MS`, and for each class the share served in time. */
function measure(
  arm: string,
  load: (ms: number) => number,
): { goodput: number; shares: number[]; runs: PlaneResult[] } {
  const classes = classesAt(load);
  const runs = SEEDS.map((seed) => {
    const options = { classes, tenants: 50, capacityPerMs: 20, forMs: FOR_MS, fromMs: FROM_MS, seed };
    return runPlane(ARMS[arm]!(classes), options);
  });
  const goodput = mean(runs.map((run) => mean(run.goodput.slice(FROM_MS / WINDOW_MS))));
  const shares = classes.map((_, index) =>
    mean(runs.map(({ byClass }) => byClass[index]!.inTime / byClass[index]!.offered)),
  );
  return { goodput, shares, runs };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

for (const arm of ['cursor and scheduler', 'scheduler alone']) {
  t.test(
    `SCHED-20 ${arm}: twelvefold load is served as fast as can be, premium whole, deferred shed first`,
    async (t) => {
      const results = [1, 2, 4, 8, 12].map((load) => ({ load, ...measure(arm, () => load) }));
      const peak = Math.max(...results.map(({ goodput }) => goodput));
      for (const { load, goodput, shares } of results) {
        const told = `${load}×: goodput ${goodput.toFixed(3)}, by class ${shares.map((share) => share.toFixed(3)).join(' ')}`;
        t.ok(goodput >= 0.95 * peak, `${told}: at least 95 % of the peak`);
        t.ok(shares[0]! >= 0.999, `${load}×: premium`);
        // What just fits, all of it is served but what came last.
        for (const index of load > 1 ? [1, 2, 3] : [])
          t.ok(shares[index]! <= shares[index - 1]! + 1e-9, `${load}×: by importance`);
      }
    },
  );
}

t.test('SCHED-20 the control arms fail it: in order, with folly’s CoDel, and with DAGOR as published', async (t) => {
  const fifo = measure('first in, first out', () => 12);
  t.ok(fifo.goodput < 0.5, `first in, first out: goodput ${fifo.goodput.toFixed(3)}: all of it is stale`);
  const folly = measure('folly’s CoDel', () => 12);
  t.ok(folly.shares[0]! < 0.2, `folly’s CoDel: premium ${folly.shares[0]!.toFixed(3)}: it knows no classes`);
  const dagor = measure('DAGOR', () => 12);
  t.ok(dagor.goodput < 0.9, `DAGOR: goodput ${dagor.goodput.toFixed(3)}: its steps are too small`);
  t.ok(dagor.shares[0]! < 0.9, `DAGOR: premium ${dagor.shares[0]!.toFixed(3)}`);
});

/** How many windows after the step the mean wait is below 10 ms again, having been above it. */
function windowsToRecover({ delaysMs }: PlaneResult): number {
  const step = FROM_MS / WINDOW_MS;
  const above = delaysMs.findIndex((delayMs, window) => window >= step && delayMs > 10);
  const again = delaysMs.findIndex((delayMs, window) => window > above && delayMs < 10);
  return above < 0 ? 0 : again < 0 ? Number.POSITIVE_INFINITY : again - step;
}

t.test(
  'SCHED-21 after a step from 0.7 to 1.4 and to 10 times the capacity waits are short again, premium’s all along',
  async (t) => {
    for (const [load, most] of [
      [1.4, 5],
      [10, 14],
    ] as const) {
      const stepped = measure('cursor and scheduler', (ms) => (ms < FROM_MS ? 0.7 : load));
      const windows = Math.max(...stepped.runs.map(windowsToRecover));
      t.ok(windows <= most, `${load}×: within ${windows * WINDOW_MS} ms`);
      const longest = Math.max(...stepped.runs.map(({ longestMs }) => longestMs[0]!));
      t.ok(longest <= 50, `${load}×: premium waited ${longest} ms at most`);
    }
    const dagor = measure('DAGOR', (ms) => (ms < FROM_MS ? 0.7 : 10));
    t.ok(Math.min(...dagor.runs.map(windowsToRecover)) > 20, 'DAGOR is not back within a second');
  },
);
