/**
 * What the scheduler costs a frame, enqueue and dequeue together: `node backpressure/scheduler.bench.ts`. With few and with
 * many backlogged flows, beside a ring that is first in, first out and bounded. Nanoseconds per frame: p50 and p99 over
 * batches of 512 frames.
 */
import { NOTHING_QUEUED } from './enqueued.ts';
import { MetadataScheduler } from './scheduler.ts';

const BATCH = 512;
const BATCHES = 2000;
const WARM_UP_BATCHES = 500;
const CLASSES = [8, 6, 2, 1].map((weight) => ({ weight, guardShare: 0.05 }));
const FLOWS_PER_TENANT = 20;

/** What the calls return ends here, so that none can be optimised away. */
let sink = 0;

/** A bounded queue without any notion of fairness. */
class FifoRing {
  readonly #items: Int32Array<ArrayBuffer>;
  #head = 0;
  #tail = 0;

  constructor(capacity: number) {
    this.#items = new Int32Array(capacity);
  }

  enqueue(item: number): boolean {
    if (this.#tail - this.#head === this.#items.length) return false;
    this.#items[this.#tail++ & (this.#items.length - 1)] = item;
    return true;
  }

  dequeue(): number {
    return this.#head === this.#tail ? NOTHING_QUEUED : this.#items[this.#head++ & (this.#items.length - 1)]!;
  }
}

/** Random flow numbers, the same in every run: xorshift32. */
function randomFlows(flows: number): Int32Array {
  let state = 2463534242;
  return Int32Array.from({ length: 1 << 18 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % flows;
  });
}

/** Runs batches and prints percentiles of ns per frame. `turn` puts one frame in and takes one out. */
function measure(name: string, flows: Int32Array, turn: (flow: number, nowMs: number) => number): void {
  const timesNs: number[] = [];
  let at = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const startMs = performance.now();
    for (let frame = 0; frame < BATCH; frame++) sink += turn(flows[at++ & (flows.length - 1)]!, startMs);
    if (batch >= WARM_UP_BATCHES) timesNs.push(((performance.now() - startMs) * 1e6) / BATCH);
  }
  timesNs.sort((a, b) => a - b);
  const at50 = timesNs[timesNs.length >> 1]!.toFixed(0);
  const at99 = timesNs[Math.floor(timesNs.length * 0.99)]!.toFixed(0);
  console.log(`${name.padEnd(52)}${at50.padStart(6)} ns p50${at99.padStart(8)} ns p99`);
}

function schedulerOf(flows: number): { scheduler: MetadataScheduler; rows: number[] } {
  const limits = { flowFrames: 1024, classFrames: 1 << 19, totalFrames: 1 << 19 };
  const scheduler = new MetadataScheduler(1, limits, { classes: CLASSES, tierFactors: [1, 4] });
  const rows: number[] = [];
  for (let tenant = 0; rows.length < flows; tenant++) {
    const row = scheduler.openTenant(tenant % 10 === 0 ? 1 : 0);
    for (let flow = 0; flow < FLOWS_PER_TENANT && rows.length < flows; flow++) {
      rows.push(scheduler.openFlow(flow % CLASSES.length, row));
    }
  }
  return { scheduler, rows };
}

const ring = new FifoRing(1 << 19);
measure('first in, first out', randomFlows(1000), (flow) => {
  ring.enqueue(flow);
  return ring.dequeue();
});
for (const flows of [1, 1000, 100_000]) {
  for (const backlogged of [false, true]) {
    const { scheduler, rows } = schedulerOf(flows);
    if (backlogged) for (const row of rows) for (let n = 0; n < 2; n++) scheduler.enqueue(row, 1, false, 1e12, row, 0);
    const name = `${flows} flows, ${backlogged ? 'all of them backlogged' : 'queues empty before each frame'}`;
    measure(name, randomFlows(flows), (flow, nowMs) => {
      scheduler.enqueue(rows[flow]!, 1, (flow & 7) === 0, nowMs + 500, flow, nowMs);
      const item = scheduler.dequeue(nowMs);
      scheduler.evicted.clear();
      return item;
    });
  }
}
process.exitCode = sink > 0 ? 0 : 1;
