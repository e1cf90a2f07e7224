import fc from 'fast-check';
import t from 'tap';
import { FAIR_RANKS, FairRanks } from './fair-ranks.ts';

interface Sender {
  readonly tenant: number;
  readonly session: number;
  /** Frames per window, and what each costs. */
  readonly frames: number;
  readonly cost: number;
}

/** What passes of each sender, in cost, where `budget` of all does, by ranks: mean over windows. */
function passed(senders: readonly Sender[], budget: number, windows = 40): number[] {
  const ranks = new FairRanks();
  const sums = senders.map(() => 0);
  for (let window = -2; window < windows; window++, ranks.endWindow()) {
    const offered: { rank: number; who: number; cost: number }[] = [];
    const most = Math.max(...senders.map(({ frames }) => frames));
    for (let frame = 0; frame < most; frame++) {
      for (const [who, { tenant, session, frames, cost }] of senders.entries()) {
        if (frame >= frames) continue;
        offered.push({ rank: ranks.rankOf(2, tenant * 7919, session * 104_729, cost), who, cost });
      }
    }
    offered.sort((a, b) => a.rank - b.rank);
    let left = budget;
    for (const { who, cost } of offered) {
      left -= cost;
      if (left < 0) break;
      if (window >= 0) sums[who]! += cost / windows;
    }
  }
  return sums;
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

t.test(
  'META-64 who asks for a hundred times as much gets what the others leave, in frames or in what they cost',
  async (t) => {
    for (const [frames, cost] of [
      [200, 1],
      [2, 100],
      [20, 10],
    ] as const) {
      const mice = Array.from({ length: 500 }, (_, session) => ({ tenant: 1, session, frames: 2, cost: 1 }));
      const elephant = { tenant: 1, session: 1000, frames, cost };
      const parts = passed([...mice, elephant], 1100);
      const ofMice = parts.slice(0, 500);
      t.ok(Math.min(...ofMice) >= 1.9, `mice get all of it: ${Math.min(...ofMice)} of 2`);
      t.ok(parts[500]! > 50 && parts[500]! <= 101, `the elephant ${parts[500]} of 200`);
    }
  },
);

t.test('META-64 a tenant gets no more for having more sessions', async (t) => {
  const crowd = Array.from({ length: 1000 }, (_, session) => ({ tenant: 1, session, frames: 1, cost: 1 }));
  const single = { tenant: 2, session: 5000, frames: 2000, cost: 1 };
  const parts = passed([...crowd, single], 800);
  const [ofCrowd, ofSingle] = [total(parts.slice(0, 1000)), parts[1000]!];
  t.ok(ofSingle > 0.75 * ofCrowd && ofSingle < 1.35 * ofCrowd, `${ofCrowd} and ${ofSingle}`);
  const modest = passed([...crowd, { ...single, frames: 100 }], 800);
  t.ok(modest[1000]! >= 99, `one that asks for less than its share gets it: ${modest[1000]} of 100`);
});

t.test('META-64 sessions that ask alike get alike over time, however little there is', async (t) => {
  const alike = Array.from({ length: 300 }, (_, session) => ({ tenant: 1, session, frames: 1, cost: 1 }));
  const parts = passed(alike, 60, 400);
  const mean = total(parts) / parts.length;
  const spread = Math.max(...parts.map((part) => Math.abs(part - mean)));
  t.ok(Math.abs(mean - 0.2) < 0.01 && spread < 0.12, `${mean} each, at most ${spread} beside it`);
});

t.test('META-64 whatever is offered has a rank, and what is offered first in vain is not what passes', async (t) => {
  const offer = fc.record({
    tenant: fc.nat(3),
    session: fc.nat(20),
    level: fc.nat(7),
    cost: fc.integer({ min: 1, max: 5000 }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(offer, { maxLength: 60 }), { maxLength: 4 }), (windows) => {
      const ranks = new FairRanks();
      const isRank = (rank: number) => Number.isInteger(rank) && rank >= 0 && rank < FAIR_RANKS;
      for (const offers of windows) {
        for (const { tenant, session, level, cost } of offers) {
          if (!isRank(ranks.rankOf(level, tenant, session * 7919 + tenant, cost))) return false;
          if (ranks.lot < 0 || ranks.lot >= 1) return false;
        }
        ranks.endWindow();
      }
      return isRank(ranks.rankOf(0, 1, 1, Number.MAX_SAFE_INTEGER));
    }),
  );
  const ranks = new FairRanks();
  const window = () => Array.from({ length: 4000 }, (_, frame) => ranks.rankOf(1, 1, (frame % 40) * 7919, 1));
  window();
  ranks.endWindow();
  const offered = window();
  const median = [...offered].sort((a, b) => a - b)[2000]!;
  const early = offered.slice(0, 2000).filter((rank) => rank < median).length;
  const late = offered.slice(2000).filter((rank) => rank < median).length;
  t.ok(late > 0.8 * early && early > 0.8 * late, `of what passes ${early} came early in the window and ${late} late`);
});
