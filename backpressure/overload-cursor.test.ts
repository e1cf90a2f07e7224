/**
 * The cursor under loads it has never seen, in simulated time: a queue served at a fixed rate, behind the cursor or behind
 * DAGOR's law with its published constants, or behind nothing.
 */
import fc from 'fast-check';
import t from 'tap';
import { DagorLaw } from './fixtures/other-laws.ts';
import { CURSOR_LEVELS, CURSOR_TARGET_MS, CURSOR_WINDOW_MS, OverloadCursor } from './overload-cursor.ts';
import type { OverloadLaw } from './overload-law.ts';

/** Frames that can be done per ms. */
const CAPACITY = 20;
/** What a frame may wait and still be worth something: the lifetime of an interim caption. */
const TTL_MS = 500;

/** What stands before the queue. */
interface Gate {
  admits(level: number, tenantHash: number, sessionHash: number): boolean;
  /** Once per simulated ms, with what the queue has to say. */
  tick(ms: number, queue: SimulatedQueue): void;
}

class SimulatedQueue {
  readonly #arrivedMs: number[] = [];
  /** What is done is done at once every so often, ms: rooms write what has come in the meantime. */
  readonly #lumpMs: number;
  #head = 0;
  waitedMs = 0;
  served = 0;
  /** Frames done in time, since the start. */
  inTime = 0;

  constructor(lumpMs: number) {
    this.#lumpMs = lumpMs;
  }

  add(ms: number): void {
    this.#arrivedMs.push(ms);
  }

  serve(ms: number): void {
    if (ms % this.#lumpMs !== 0) return;
    for (let count = 0; count < CAPACITY * this.#lumpMs && this.#head < this.#arrivedMs.length; count++) {
      const waitedMs = ms - this.#arrivedMs[this.#head++]!;
      // What waits for its lump is not late.
      this.waitedMs += Math.max(0, waitedMs - this.#lumpMs + 1);
      this.served++;
      if (waitedMs <= TTL_MS) this.inTime++;
    }
  }

  /** Average wait of what was served since the last call, or the first one's so far, whichever is more. */
  takeDelayMs(ms: number): { delayMs: number; served: number } {
    const averageMs = this.served === 0 ? 0 : this.waitedMs / this.served;
    const headMs = this.#head < this.#arrivedMs.length ? ms - this.#arrivedMs[this.#head]! - this.#lumpMs + 1 : 0;
    const { served } = this;
    this.waitedMs = 0;
    this.served = 0;
    return { delayMs: Math.max(averageMs, headMs), served };
  }
}

class LawGate<L extends OverloadLaw> implements Gate {
  readonly law: L;
  readonly delaysMs: number[] = [];
  /** Frames of the most important level that were refused. */
  refusedFirst = 0;
  readonly #guardShare: number;

  constructor(law: L, guardShare = 0) {
    this.law = law;
    this.#guardShare = guardShare;
  }

  admits(level: number, tenantHash: number, sessionHash: number): boolean {
    const admitted = this.law.admits(level, tenantHash, sessionHash);
    if (!admitted && level === 0) this.refusedFirst++;
    return admitted;
  }

  tick(ms: number, queue: SimulatedQueue): void {
    if ((ms + 1) % CURSOR_WINDOW_MS !== 0) return;
    const { delayMs, served } = queue.takeDelayMs(ms);
    this.delaysMs.push(delayMs);
    this.law.endWindow(delayMs, served, this.#guardShare);
  }
}

interface Stretch {
  readonly ms: number;
  /** Offered load as a share of capacity. */
  readonly load: number;
}

interface StretchResult {
  readonly goodput: number;
  readonly offered: number;
  /** Refused in this stretch, from `CALM_MS` after its beginning on. */
  readonly refusedLater: number;
}

/** How long after a change the past may still show. */
const CALM_MS = 200;

/** Runs the stretches behind each other; frames are of random classes, tenants and sessions. */
function simulate(
  gate: Gate,
  stretches: readonly Stretch[],
  tenants: number,
  seed: number,
  lumpMs = 1,
): StretchResult[] {
  const random = randomOf(seed);
  const queue = new SimulatedQueue(lumpMs);
  let ms = 0;
  let due = 0;
  return stretches.map((stretch) => {
    const inTimeBefore = queue.inTime;
    let offered = 0;
    let refusedLater = 0;
    for (let at = 0; at < stretch.ms; at++, ms++) {
      for (due += stretch.load * CAPACITY; due >= 1; due--) {
        const level = [0, 1, 1, 1, 2, 2, 2, 2, 3, 3][Math.floor(random() * 10)]!;
        const tenant = Math.floor(random() * tenants);
        const session = Math.floor(random() * 500);
        offered++;
        if (gate.admits(level, tenant * 7919, session * 104_729 + tenant)) queue.add(ms);
        else if (at >= CALM_MS) refusedLater++;
      }
      queue.serve(ms);
      gate.tick(ms, queue);
    }
    const goodput = (queue.inTime - inTimeBefore) / (CAPACITY * stretch.ms);
    return { goodput, offered, refusedLater };
  });
}

/** Numbers in [0, 1). Source: Mulberry32 (Ettinger). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const course = (load: number): Stretch[] => [
  { ms: 1000, load: 0.9 },
  { ms: 5000, load },
  { ms: 2000, load: 0.9 },
];
const SEEDS = [1, 2, 3];

for (const load of [1, 2, 10]) {
  for (const tenants of [1, 3, 200]) {
    t.test(
      `META-62 at ${load} times the capacity, from ${tenants} tenants, it is used to the full and given back at once`,
      async (t) => {
        for (const seed of SEEDS) {
          const [before, during, after] = simulate(new LawGate(new OverloadCursor()), course(load), tenants, seed);
          t.equal(before!.refusedLater, 0, 'nothing is refused before');
          t.ok(during!.goodput >= 0.95, `goodput ${during!.goodput.toFixed(3)} of capacity, seed ${seed}`);
          t.equal(after!.refusedLater, 0, `nothing is refused ${CALM_MS} ms after`);
          t.ok(after!.goodput >= 0.85, 'and all of it is done in time');
        }
      },
    );
  }
}

t.test('META-62 the control arms fail where the cursor holds: DAGOR as published, and nothing at all', async (t) => {
  for (const tenants of [1, 3, 200]) {
    for (const seed of SEEDS) {
      const [, during] = simulate(new LawGate(new DagorLaw()), course(10), tenants, seed);
      t.ok(during!.goodput < 0.8, `DAGOR, ${tenants} tenants: goodput ${during!.goodput.toFixed(3)}`);
    }
  }
  const [, open] = simulate({ admits: () => true, tick: () => {} }, course(10), 3, 1);
  t.ok(open!.goodput < 0.2, `no gate: goodput ${open!.goodput.toFixed(3)}`);
});

/** Windows from a step at `fromMs` until the delay is near its target again: a step that has been caught leaves it there. */
function windowsToRecover(delaysMs: readonly number[], fromMs: number): number {
  const from = fromMs / CURSOR_WINDOW_MS;
  const above = delaysMs.findIndex((delayMs, index) => index >= from && delayMs > CURSOR_TARGET_MS);
  return delaysMs.findIndex((delayMs, index) => index > above && delayMs < 2 * CURSOR_TARGET_MS) - from;
}

t.test('META-63 the queue is short again soon after a step, the sooner the second time', async (t) => {
  for (const [load, most] of [
    [1.4, 2],
    [2, 4],
    [10, 13],
  ] as const) {
    const gate = new LawGate(new OverloadCursor());
    const step = [
      { ms: 1000, load: 0.7 },
      { ms: 3000, load },
    ];
    simulate(gate, [...step, ...step], 3, 1);
    const [first, second] = [windowsToRecover(gate.delaysMs, 1000), windowsToRecover(gate.delaysMs, 5000)];
    t.ok(first <= most, `${load}: ${first} windows`);
    t.ok(second <= first, `${load}: ${second} windows the second time`);
    if (load === 10) t.ok(second < first, 'what can be done is known by then, and a window is judged before its end');
  }
});

t.test('META-63 work that is done in lumps is taken for no more than it is, and so is not late for long', async (t) => {
  for (const lumpMs of [20, 40, 70]) {
    for (const seed of SEEDS) {
      const gate = new LawGate(new OverloadCursor());
      const step = [
        { ms: 1000, load: 0.7 },
        { ms: 3000, load: 5 },
      ];
      const [, during] = simulate(gate, step, 3, seed, lumpMs);
      const windows = windowsToRecover(gate.delaysMs, 1000);
      t.ok(windows <= 15, `every ${lumpMs} ms: short again after ${windows} windows`);
      t.ok(during!.goodput >= 0.95, `goodput ${during!.goodput.toFixed(3)}`);
      const later = gate.delaysMs.slice(2000 / CURSOR_WINDOW_MS);
      const late = later.filter((delayMs) => delayMs > 2 * CURSOR_TARGET_MS).length / later.length;
      t.ok(late <= 0.25, `late in ${late.toFixed(2)} of all windows from a second after the step on`);
    }
  }
});

t.test('META-69 the most important class has its own share of what is served, however deep the cut', async (t) => {
  // A tenth of what is offered is of that class: at four times the capacity 40 % of it, less than its share.
  let cut = 0;
  for (const lumpMs of [1, 40, 60]) {
    for (const seed of SEEDS) {
      const refusedOf = (guardShare: number) => {
        const gate = new LawGate(new OverloadCursor(), guardShare);
        simulate(gate, [{ ms: 1000, load: 4 }], 3, seed, lumpMs);
        const atFirst = gate.refusedFirst;
        const [later] = simulate(gate, [{ ms: 4000, load: 4 }], 3, seed, lumpMs);
        return { refused: gate.refusedFirst - atFirst, goodput: later!.goodput };
      };
      const [guarded, open] = [refusedOf(8 / 17), refusedOf(0)];
      t.equal(guarded.refused, 0, `lumps of ${lumpMs} ms: ${open.refused} are refused without it`);
      t.ok(guarded.goodput >= open.goodput - 0.04, `goodput ${guarded.goodput.toFixed(3)}, ${open.goodput.toFixed(3)}`);
      cut += open.refused;
    }
  }
  t.ok(cut > 100, `without its share ${cut} are refused`);
  const cursor = new OverloadCursor();
  const passed = () => Array.from({ length: 4000 }, (_, n) => cursor.admits(0, n, n)).filter(Boolean).length;
  for (let windows = 0; windows < 3; windows++) {
    passed();
    cursor.endWindow(100, 2000, 0.45);
  }
  t.ok(Math.abs(passed() - 900) < 60, 'no more than that share, to be sure');
  cursor.endWindow(101, 2000, 0.45);
  t.ok(passed() < 600, 'nor where all would be late');
});

t.test('META-64 whoever is admitted would be at every higher priority, whatever has been offered before', async (t) => {
  const offer = fc.record({
    level: fc.nat(CURSOR_LEVELS - 1),
    tenant: fc.nat(5),
    session: fc.nat(1000),
    count: fc.nat(3000),
  });
  const window = fc.record({ offers: fc.array(offer, { maxLength: 8 }), delayMs: fc.nat(60), served: fc.nat(2000) });
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 12 }), fc.nat(1000), (windows, session) => {
      const cursor = new OverloadCursor();
      for (const { offers, delayMs, served } of windows) {
        for (const { level, tenant, session: sender, count } of offers)
          for (let sent = 0; sent < count; sent++) cursor.admits(level, tenant, sender + sent);
        cursor.endWindow(delayMs, served);
      }
      // The same tenant and session on every level: once refused, never admitted further down.
      let refused = false;
      for (let level = 0; level < CURSOR_LEVELS; level++) {
        const admitted = cursor.admits(level, 1, session);
        if (admitted && refused) return false;
        refused = !admitted;
      }
      return true;
    }),
    { numRuns: 500, verbose: 1 },
  );
  t.pass();
});

t.test(
  'META-64 of a tenant, and of one alone, a part of the sessions passes, and another part in the next window',
  async (t) => {
    const cursor = new OverloadCursor();
    const windowOf = (delayMs: number) => {
      const admitted = Array.from({ length: 4000 }, (_, session) => cursor.admits(3, 1, session * 7919));
      cursor.endWindow(delayMs, 1000 / 0.75);
      return admitted;
    };
    windowOf(20);
    windowOf(20);
    const [first, second] = [windowOf(20), windowOf(20)];
    const share = first.filter(Boolean).length / first.length;
    t.ok(share > 0.2 && share < 0.3, `${share} of the sessions, where 1000 of 4000 frames may pass`);
    const both = first.filter((admitted, session) => admitted && second[session]).length / first.length;
    t.ok(both < 0.15, `${both} in both`);
  },
);

t.test('META-64 who asks for more than the others is refused first, whatever tenants there are', async (t) => {
  for (const tenants of [1, 20]) {
    for (const [frames, cost] of [
      [200, 1],
      [2, 100],
    ] as const) {
      const cursor = new OverloadCursor();
      let [ofMice, ofElephant] = [0, 0];
      for (let window = 0; window < 50; window++) {
        for (let frame = 0; frame < Math.max(2, frames); frame++) {
          for (let mouse = 0; frame < 2 && mouse < 500; mouse++) {
            if (cursor.admits(2, (mouse % tenants) * 7919, mouse * 104_729) && window >= 10) ofMice++;
          }
          if (frame < frames && cursor.admits(2, 0, 99_991, cost) && window >= 10) ofElephant += cost;
        }
        // Of 1200 that are offered 1110 may pass.
        cursor.endWindow(20, 1110 / 0.75);
      }
      t.ok(ofMice >= 0.98 * 40 * 1000, `${tenants} tenants: ${ofMice} of ${40 * 1000} frames of mice`);
      t.ok(ofElephant > 0.2 * 40 * 200 && ofElephant < 0.9 * 40 * 200, `elephant: ${ofElephant} of ${40 * 200}`);
    }
  }
});

t.test('META-65 nothing is refused while there is little, however late everything is', async (t) => {
  const cursor = new OverloadCursor();
  let refused = 0;
  for (let window = 0; window < 100; window++) {
    for (let frame = 0; frame < 100; frame++) if (!cursor.admits(7, frame, frame)) refused++;
    cursor.endWindow(window % 2 === 0 ? 500 : 0, 10);
  }
  t.equal(refused, 0);
  for (let frame = 0; frame < 5000; frame++) cursor.admits(7, frame, frame);
  cursor.endWindow(500, 10);
  for (let frame = 0; frame < 5000; frame++) if (!cursor.admits(7, frame, frame)) refused++;
  t.ok(refused > 4000, 'a lot is another matter');
});

t.test('META-65 one pause of the plane is forgotten within a second', async (t) => {
  const gate = new LawGate(new OverloadCursor());
  simulate(gate, [{ ms: 2000, load: 0.5 }], 3, 1);
  // A pause: nearly nothing was served in that window, and what came waited.
  gate.law.endWindow(45, 20);
  const [after] = simulate(gate, [{ ms: 1000, load: 0.5 }], 3, 2);
  t.ok(after!.refusedLater < 0.02 * after!.offered, `${after!.refusedLater} of ${after!.offered} refused`);
});

t.test('META-65 a worker that got no time for a second has recovered from it in another', async (t) => {
  const gate = new LawGate(new OverloadCursor());
  simulate(gate, [{ ms: 2000, load: 0.5 }], 3, 1);
  for (let windows = 0; windows < 20; windows++) gate.law.endWindow(200, 5);
  const [soon, later] = simulate(
    gate,
    [
      { ms: 1000, load: 0.5 },
      { ms: 1000, load: 0.5 },
    ],
    3,
    2,
  );
  t.ok(soon!.refusedLater > 0, 'it was taken to be able to do next to nothing');
  t.equal(later!.refusedLater, 0);
});

t.test('META-66 exempt frames are never refused, and what they take is taken from the others', async (t) => {
  const passed = (exempt: number) => {
    const cursor = new OverloadCursor();
    const offer = () =>
      Array.from({ length: 4000 }, (_, session) => cursor.admits(2, session % 100, session * 7919)).filter(Boolean);
    for (let windows = 0; windows < 3; windows++) {
      for (let count = 0; count < exempt; count++) cursor.exempt();
      offer();
      cursor.endWindow(20, 2000);
    }
    return offer().length;
  };
  const [none, some, more] = [passed(0), passed(500), passed(5000)];
  t.ok(Math.abs(none! - 1500) < 100 && Math.abs(some! - 1000) < 100, `${none}, and ${some} beside 500 exempt ones`);
  t.equal(more, 0, 'nothing is left beside more than can be done');
});
