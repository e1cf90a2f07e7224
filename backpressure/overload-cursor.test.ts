/**
 * The cursor under loads it has never seen, in simulated time: a queue served at a fixed rate, behind the cursor or behind
 * DAGOR's law with its published constants, or behind nothing.
 */
import t from 'tap';
import { DagorLaw } from './fixtures/other-laws.ts';
import { CALM_MS, LawGate, type Stretch, simulate } from './fixtures/simulated-queue.ts';
import { CURSOR_WINDOW_MS, OverloadCursor } from './overload-cursor.ts';
import type { OverloadLaw } from './overload-law.ts';

const course = (load: number): Stretch[] => [
  { ms: 1000, load: 0.9 },
  { ms: 5000, load },
  { ms: 2000, load: 0.9 },
];
const SEEDS = [1, 2, 3];
/** A queue that is no longer than this is short. */
const SHORT_MS = 10;

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
  const above = delaysMs.findIndex((delayMs, index) => index >= from && delayMs > SHORT_MS);
  return delaysMs.findIndex((delayMs, index) => index > above && delayMs < 2 * SHORT_MS) - from;
}

t.test('META-63 the queue is short again soon after a step, the first time as the second', async (t) => {
  for (const [load, most] of [
    [1.4, 2],
    [2, 4],
    [10, 6],
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
      const late = later.filter((delayMs) => delayMs > 2 * SHORT_MS).length / later.length;
      t.ok(late <= 0.25, `late in ${late.toFixed(2)} of all windows from a second after the step on`);
    }
  }
});

t.test('META-69 the most important class has its own share of what is served, however deep the cut', async (t) => {
  // A tenth of what is offered is of that class: at four times the capacity 40 % of it, less than its share.
  let cut = 0;
  for (const lumpMs of [1, 20, 40]) {
    for (const seed of SEEDS) {
      const refusedOf = (share: number) => {
        const gate = new LawGate(new OverloadCursor(), share);
        const [, during] = simulate(
          gate,
          [
            { ms: 1000, load: 0.9 },
            { ms: 4000, load: 4 },
          ],
          3,
          seed,
          lumpMs,
        );
        return { refused: gate.refusedFirst, goodput: during!.goodput };
      };
      const [guarded, open] = [refusedOf(8 / 17), refusedOf(0)];
      t.equal(guarded.refused, 0, `lumps of ${lumpMs} ms: ${open.refused} are refused without it`);
      t.ok(guarded.goodput >= open.goodput - 0.04, `goodput ${guarded.goodput.toFixed(3)}, ${open.goodput.toFixed(3)}`);
      cut += open.refused;
    }
  }
  t.ok(cut > 100, `without its share ${cut} are refused`);
  const cursor = new OverloadCursor();
  // Of what it may have waiting at full load, 1890, as much waits, and then twice that.
  const passed = () => Array.from({ length: 4000 }, (_, n) => cursor.admits(0, n, n)).filter(Boolean).length;
  for (let windows = 0; windows < 3; windows++) {
    passed();
    cursor.endWindow({ delayMs: 20, served: 2000, backlog: 4000, first: { share: 0.45, backlog: 1800 } });
  }
  t.ok(Math.abs(passed() - 900) < 60, 'no more than that share, to be sure');
  cursor.endWindow({ delayMs: 20, served: 2000, backlog: 4000, first: { share: 0.45, backlog: 3600 } });
  t.ok(passed() < 600, 'and less where it is its own that waits');
});

t.test('META-65 nothing is refused while there is little, however late everything is', async (t) => {
  const cursor = new OverloadCursor();
  let refused = 0;
  for (let window = 0; window < 100; window++) {
    for (let frame = 0; frame < 100; frame++) if (!cursor.admits(7, frame, frame)) refused++;
    cursor.endWindow({ delayMs: 500, served: 10, backlog: window % 2 === 0 ? 500 : 0 });
  }
  t.equal(refused, 0);
  for (let frame = 0; frame < 5000; frame++) cursor.admits(7, frame, frame);
  cursor.endWindow({ delayMs: 500, served: 10, backlog: 5000 });
  for (let frame = 0; frame < 5000; frame++) if (!cursor.admits(7, frame, frame)) refused++;
  t.ok(refused > 4000, 'a lot is another matter');
});

t.test('META-65 one pause of the plane is forgotten within a second', async (t) => {
  const gate = new LawGate(new OverloadCursor());
  simulate(gate, [{ ms: 2000, load: 0.5 }], 3, 1);
  // A pause: nearly nothing was served in that window, and what came waited.
  for (let frame = 0; frame < 500; frame++) gate.law.admits(2, frame, frame);
  gate.law.endWindow({ delayMs: 45, served: 20, backlog: 480 });
  const [after] = simulate(gate, [{ ms: 1000, load: 0.5 }], 3, 2);
  t.ok(after!.refusedLater < 0.02 * after!.offered, `${after!.refusedLater} of ${after!.offered} refused`);
});

t.test(
  'META-65 what came while the worker could not read is let in, and the same at any other time is not',
  async (t) => {
    const refusedAfter = (stalledMs: number) => {
      const gate = new LawGate(new OverloadCursor());
      simulate(gate, [{ ms: 2000, load: 0.7 }], 3, 1);
      gate.law.endWindow({ delayMs: 5, served: 700, backlog: 50, utilisation: 0.7, stalledMs });
      let refused = 0;
      // Five windows of it, at once.
      for (let frame = 0; frame < 3500; frame++) if (!gate.law.admits(2, frame, frame)) refused++;
      return refused;
    };
    t.equal(refusedAfter(200), 0);
    t.ok(refusedAfter(0) > 500, `${refusedAfter(0)} refused`);
  },
);

t.test('META-65 a worker that got no time for a second has recovered from it in another', async (t) => {
  const gate = new LawGate(new OverloadCursor());
  simulate(gate, [{ ms: 2000, load: 0.5 }], 3, 1);
  let refused = 0;
  for (let windows = 0; windows < 20; windows++) {
    for (let frame = 0; frame < 500; frame++) if (!gate.law.admits(2, frame, frame)) refused++;
    gate.law.endWindow({ delayMs: 200, served: 5, backlog: 500 });
  }
  t.ok(refused > 2000, `${refused} were refused: it was taken to be able to do next to nothing`);
  const second = { ms: 1000, load: 0.5 };
  const [soon, later] = simulate(gate, [second, second], 3, 2);
  t.ok(soon!.refusedLater < 0.1 * soon!.offered, `${soon!.refusedLater} of ${soon!.offered} in the first`);
  t.equal(later!.refusedLater, 0);
});

t.test(
  'META-65 a worker that is late with what it was asked for before refuses nothing that fits beside it',
  async (t) => {
    // It writes to receivers who are behind, and is late all the time; of what comes meanwhile it could do four times as much.
    const refusedBy = (law: OverloadLaw) => {
      const gate = new LawGate(law);
      simulate(gate, [{ ms: 2000, load: 5 }], 3, 1);
      for (let windows = 0; windows < 100; windows++) law.endWindow({ delayMs: 4000, served: 1000, backlog: 0 });
      let refused = 0;
      for (let windows = 0; windows < 100; windows++) {
        for (let n = 0; n < 250; n++) if (!law.admits(2, n * 7919, n)) refused++;
        law.endWindow({ delayMs: 50, served: 1000, backlog: 200 });
      }
      return refused;
    };
    t.equal(refusedBy(new OverloadCursor()), 0);
    t.ok(refusedBy(new DagorLaw()) > 1000, 'a law that goes by the delay refuses most of it');
  },
);

t.test('META-62 one who is behind is given what is left and no more, though all others be in time', async (t) => {
  // Mice ask for half of what can be done, the elephant for ten times as much; whoever serves them serves mice first.
  for (const seen of [true, false]) {
    const cursor = new OverloadCursor();
    let [mice, elephant, backlog] = [0, 0, 0];
    for (let window = 0; window < 200; window++) {
      let asked = 0;
      for (let n = 0; n < 500; n++) if (cursor.admits(2, n, n)) asked++;
      let heavy = 0;
      for (let n = 0; n < 100; n++) if (cursor.admits(2, 7, 99_991, 100)) heavy += 100;
      backlog += heavy;
      const done = Math.min(backlog, 1000 - asked);
      backlog -= done;
      const utilisation = Math.min(1, (asked + done) / 1000);
      cursor.endWindow({ delayMs: 3, served: asked + done, backlog: seen ? backlog : 0, utilisation });
      if (window < 100) continue;
      mice += asked;
      elephant += heavy;
    }
    t.ok(mice >= 0.998 * 100 * 500, `of mice’s frames ${mice} of ${100 * 500}`);
    const share = elephant / (100 * 500);
    if (seen) t.ok(share > 0.9 && share <= 1.1, `of what is left the elephant is let in ${share.toFixed(2)}`);
    else t.ok(share > 2, `where its backlog does not count, ${share.toFixed(2)}`);
  }
});
