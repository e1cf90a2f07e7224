/**
 * One flow sends a hundred times what each of a thousand others of its class sends, and what can be served is a little less
 * than what all want: in simulated time, one frame per slot.
 */
import t from 'tap';
import { randomFrom } from './fixtures/simulated-plane.ts';
import { MetadataScheduler } from './scheduler.ts';

const MICE = 1000;
const SLOTS = 400_000;
const SLOT_MS = 0.05;
/** Frames per slot of all mice together; a hundred times one mouse is a tenth of that. */
const MICE_LOAD = 0.91;

interface MiceResult {
  /** 99th percentile of the mice's waits, slots. */
  readonly p99Slots: number;
  /** Jain's index of the shares of what they offered that the mice got: 1 where all are equal. */
  readonly jain: number;
  readonly elephantShare: number;
}

/** How many frames come in a slot, Poisson. Source: Knuth, The Art of Computer Programming, volume 2, 3.4.1. */
function arrivals(mean: number, random: () => number): number {
  const least = Math.exp(-mean);
  let frames = 0;
  for (let product = random(); product > least; product *= random()) frames++;
  return frames;
}

/** `fair`: the scheduler; else one queue for all. Mice are rooms of tenants of their own, or all of one tenant. */
function run(fair: boolean, elephant: boolean, tenants: number): MiceResult {
  const limits = { flowFrames: 256, classFrames: 1 << 16, totalFrames: 1 << 16 };
  const shares = { classes: [{ weight: 1, guardShare: 0.05 }], tierFactors: [1] };
  const scheduler = new MetadataScheduler(1, limits, shares);
  const rows = Array.from({ length: tenants }, () => scheduler.openTenant(0));
  const flows = Array.from({ length: fair ? MICE + 1 : 1 }, (_, index) =>
    scheduler.openFlow(0, rows[index % tenants]!),
  );
  const random = randomFrom(7);
  const offered = new Float64Array(MICE + 1);
  const served = new Float64Array(MICE + 1);
  const waits: number[] = [];
  const cameAt: number[] = [];
  const whose: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const come = (who: number) => {
      offered[who]!++;
      cameAt.push(slot);
      whose.push(who);
      const kept = !fair;
      scheduler.enqueue(flows[fair ? who : 0]!, 1, kept, Number.POSITIVE_INFINITY, cameAt.length - 1, slot * SLOT_MS);
    };
    for (let frames = arrivals(MICE_LOAD, random); frames > 0; frames--) come(Math.floor(random() * MICE));
    for (let frames = elephant ? arrivals((MICE_LOAD * 100) / MICE, random) : 0; frames > 0; frames--) come(MICE);
    const item = scheduler.dequeue(slot * SLOT_MS);
    scheduler.evicted.clear();
    if (item < 0) continue;
    served[whose[item]!]!++;
    if (whose[item] !== MICE) waits.push(slot - cameAt[item]!);
  }
  waits.sort((a, b) => a - b);
  const got = Array.from({ length: MICE }, (_, mouse) => served[mouse]! / offered[mouse]!);
  const sum = got.reduce((total, share) => total + share, 0);
  const squares = got.reduce((total, share) => total + share * share, 0);
  return {
    p99Slots: waits[Math.floor(waits.length * 0.99)]!,
    jain: (sum * sum) / (MICE * squares),
    elephantShare: served[MICE]! / Math.max(1, offered[MICE]!),
  };
}

for (const [where, tenants] of [
  ['tenants of their own', MICE + 1],
  ['one tenant', 1],
] as const) {
  t.test(`SCHED-22 a thousand mice in ${where} do not feel the flow that sends a hundredfold`, async (t) => {
    const alone = run(true, false, tenants);
    const beside = run(true, true, tenants);
    t.ok(beside.p99Slots <= 2 * alone.p99Slots, `p99 of waits ${beside.p99Slots} slots, alone ${alone.p99Slots}`);
    t.ok(beside.jain >= 0.99, `Jain’s index ${beside.jain.toFixed(4)}`);
    t.ok(beside.elephantShare > 0.5, `it gets what is left: ${beside.elephantShare.toFixed(2)} of what it wants`);
  });
}

t.test('SCHED-22 in one queue for all they do', async (t) => {
  const alone = run(false, false, 1);
  const beside = run(false, true, 1);
  t.ok(beside.p99Slots > 2 * alone.p99Slots, `p99 of waits ${beside.p99Slots} slots, alone ${alone.p99Slots}`);
});
