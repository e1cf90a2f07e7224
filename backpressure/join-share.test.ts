/** Beginnings under more dialogs than can be served: four messages each, sent when the one before was served. */
import fc from 'fast-check';
import t from 'tap';
import { CONTROL_SHARE, JoinShare } from './join-share.ts';

const MESSAGES = 4;
/** Messages that can be served per ms. */
const CAPACITY = 4;
const WINDOW_MS = 50;
const FOR_MS = 30_000;
const THINK_MS = 20;
/** Who waits longer gives up. */
const PATIENCE_MS = 1000;

interface Course {
  /** Dialogs finished as a share of those that could be, were nothing lost. */
  readonly finished: number;
  readonly longestMs: number;
  /** Messages of dialogs under way that came too late. */
  readonly lost: number;
}

/** Simulates dialogs at `load` times the capacity; `admits` decides on each first message. */
function simulate(load: number, seed: number, share: JoinShare, gated = true): Course {
  const random = randomOf(seed);
  const progress: number[] = [];
  const sentMs: number[] = [];
  const queue: number[] = [];
  const later: number[][] = [];
  let [head, due, finished, lost, longestMs, busy] = [0, 0, 0, 0, 0, 0];
  for (let ms = 0; ms < FOR_MS; ms++) {
    for (due += ((load * CAPACITY) / MESSAGES) * 2 * random(); due >= 1; due--) {
      const dialog = progress.push(0) - 1;
      sentMs[dialog] = ms;
      if (!gated || share.admits(Math.floor(random() * 2 ** 32))) queue.push(dialog);
    }
    for (const dialog of later[ms] ?? []) {
      sentMs[dialog] = ms;
      queue.push(dialog);
    }
    for (let served = 0; served < CAPACITY && head < queue.length; served++) {
      busy++;
      const dialog = queue[head++]!;
      const waitedMs = ms - sentMs[dialog]!;
      if (waitedMs > PATIENCE_MS) lost++;
      else if (++progress[dialog]! === MESSAGES) finished++;
      else {
        const at = ms + 1 + Math.floor(random() * THINK_MS);
        later[at] ??= [];
        later[at].push(dialog);
      }
    }
    if ((ms + 1) % WINDOW_MS === 0) {
      const waitMs = head < queue.length ? ms - sentMs[queue[head]!]! : 0;
      longestMs = Math.max(longestMs, waitMs);
      share.endWindow(waitMs, busy / (WINDOW_MS * CAPACITY));
      busy = 0;
    }
  }
  const possible = Math.min(progress.length, (FOR_MS * CAPACITY) / MESSAGES);
  return { finished: finished / possible, longestMs, lost };
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

t.test(
  'CTRL-43 signalling offered at more than can be served finishes nearly nine tenths of the dialogs that could be',
  async (t) => {
    for (const [load, least] of [
      [2, 0.97],
      [5, 0.93],
      [10, 0.9],
    ] as const) {
      for (const seed of [1, 2, 3]) {
        const { finished, lost } = simulate(load, seed, new JoinShare(0));
        t.ok(finished > least * CONTROL_SHARE, `${load} times: ${finished.toFixed(3)} of what could be, seed ${seed}`);
        t.equal(lost, 0, 'and none that was begun is lost');
      }
      const open = simulate(load, 1, new JoinShare(0), false);
      t.ok(open.finished < 0.5, `${load} times, nothing refused: ${open.finished.toFixed(3)}`);
    }
    const half = simulate(0.5, 1, new JoinShare(0));
    t.ok(half.finished > 0.99, 'at half the capacity nobody is refused');
  },
);

t.test('CTRL-43 a lot that is let in is let in at every greater share, and the first of a window always', async (t) => {
  const window = fc.record({ delayMs: fc.nat(100), utilisation: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(window, { maxLength: 30 }), fc.nat(20), fc.nat(0xffffffff), (windows, spared, lot) => {
      const share = new JoinShare(spared);
      for (const { delayMs, utilisation } of windows) share.endWindow(delayMs, utilisation);
      for (let begun = 0; begun < spared; begun++) if (!share.admits(0xffffffff)) return false;
      const admitted = share.admits(lot);
      if (share.share <= 0 || share.share > 1) return false;
      return !admitted || share.admits(Math.floor(lot / 2));
    }),
    { verbose: 1 },
  );
  t.pass();
});
