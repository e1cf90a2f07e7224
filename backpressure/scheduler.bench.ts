/**
 * What the scheduler costs a frame, enqueue and dequeue together: `node backpressure/scheduler.bench.ts`. With few and with
 * many flows, beside a ring that is first in, first out and bounded, and beside what memory alone costs where flows come in
 * no order: rows of the scheduler's sizes are touched as a frame must touch them, each found in the one before, and nothing
 * is done with them.
 *
 *     queues empty:  flow → share                   backlogged:  flow → last frame,  share → flow → first frame
 *
 * Nanoseconds per frame: the best, the median and the 99th percentile of batches of 512 frames. The clock is read once per
 * batch, so it is no part of them; on a busy machine the best batch says most.
 */
import { NOTHING_QUEUED } from './enqueued.ts';
import { MetadataScheduler } from './scheduler.ts';

const BATCH = 512;
const BATCHES = 2000;
const WARM_UP_BATCHES = 500;
const CLASSES = [8, 6, 2, 1].map((weight) => ({ weight, guardShare: 0.05 }));
const FLOWS_PER_TENANT = 20;
const TTL_MS = 500;
const FLOW_INTS = 16;
const FRAME_INTS = 8;

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

/** Puts one frame in and takes one out. */
type Turn = (flow: number, nowMs: number, expiresMs: number) => number;

/** Runs batches and prints percentiles of ns per frame. */
function measure(name: string, flows: Int32Array, turn: Turn): void {
  const timesNs: number[] = [];
  let at = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const startMs = performance.now();
    const expiresMs = startMs + TTL_MS;
    for (let frame = 0; frame < BATCH; frame++) sink += turn(flows[at++ & (flows.length - 1)]!, startMs, expiresMs);
    if (batch >= WARM_UP_BATCHES) timesNs.push(((performance.now() - startMs) * 1e6) / BATCH);
  }
  timesNs.sort((a, b) => a - b);
  const [least, at50, at99] = [0, 0.5, 0.99].map((part) => timesNs[Math.floor(timesNs.length * part)]!.toFixed(0));
  console.log(`${name.padEnd(52)}${least!.padStart(6)} ns best${at50!.padStart(6)} ns p50${at99!.padStart(7)} ns p99`);
}

/** Rows of 64 bytes for flows and shares and of 32 for frames, each naming the row that a frame touches after it. */
class TouchedRows {
  readonly #flows: Int32Array<ArrayBuffer>;
  readonly #shares: Int32Array<ArrayBuffer>;
  readonly #frames: Int32Array<ArrayBuffer>;

  constructor(flows: number) {
    const shares = Math.ceil(flows / FLOWS_PER_TENANT) * CLASSES.length;
    this.#flows = new Int32Array(flows * FLOW_INTS);
    this.#shares = new Int32Array(shares * FLOW_INTS);
    this.#frames = new Int32Array(2 * flows * FRAME_INTS);
    const order = randomFlows(flows);
    for (let flow = 0; flow < flows; flow++) {
      this.#flows[flow * FLOW_INTS] = flow % shares;
      this.#flows[flow * FLOW_INTS + 1] = order[flow]! * 2;
    }
    for (let share = 0; share < shares; share++) this.#shares[share * FLOW_INTS] = order[share % order.length]!;
  }

  ofEmpty(flow: number): number {
    const share = this.#flows[flow * FLOW_INTS]!;
    this.#flows[flow * FLOW_INTS + 2]!++;
    return ++this.#shares[share * FLOW_INTS + 2]!;
  }

  ofBacklogged(flow: number): number {
    const last = this.#flows[flow * FLOW_INTS + 1]!;
    this.#flows[flow * FLOW_INTS + 2]!++;
    this.#frames[last * FRAME_INTS]!++;
    const share = this.#flows[flow * FLOW_INTS]!;
    const served = this.#shares[share * FLOW_INTS]!;
    const first = this.#flows[served * FLOW_INTS + 1]!;
    this.#flows[served * FLOW_INTS + 2]!++;
    return ++this.#frames[(first + 1) * FRAME_INTS]!;
  }
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
  const touched = new TouchedRows(flows);
  measure(`${flows} flows, memory alone, queues empty`, randomFlows(flows), (flow) => touched.ofEmpty(flow));
  measure(`${flows} flows, memory alone, backlogged`, randomFlows(flows), (flow) => touched.ofBacklogged(flow));
  for (const backlogged of [false, true]) {
    const { scheduler, rows } = schedulerOf(flows);
    if (backlogged) for (const row of rows) for (let n = 0; n < 2; n++) scheduler.enqueue(row, 1, false, 1e12, row, 0);
    const name = `${flows} flows, ${backlogged ? 'all of them backlogged' : 'queues empty before each frame'}`;
    measure(name, randomFlows(flows), (flow, nowMs, expiresMs) => {
      scheduler.enqueue(rows[flow]!, 1, (flow & 7) === 0, expiresMs, flow, nowMs);
      const item = scheduler.dequeue(nowMs);
      scheduler.evicted.clear();
      return item;
    });
  }
}
process.exitCode = sink > 0 ? 0 : 1;
