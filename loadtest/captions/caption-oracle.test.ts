import fc from 'fast-check';
import t from 'tap';
import { type CaptionInput, costAtPhase, oracleCost } from './caption-oracle.ts';

const TICK_MS = 100;
const interim = (atMs: number, revision: number, key = 1): CaptionInput => ({ key, revision, final: false, atMs });
const final = (atMs: number, key = 1): CaptionInput => ({ key, revision: 99, final: true, atMs });

t.test('LOAD-15 the oracle sends a first interim and a final at once, and of a tick the newest only', (t) => {
  const said = [interim(10, 0), interim(20, 1), interim(30, 2), interim(150, 3), final(170)];
  t.strictSame(costAtPhase(said, TICK_MS, 0), { frames: 3, writes: 3 }, 'first, tick at 100, final');
  t.strictSame(costAtPhase(said, TICK_MS, 60), { frames: 4, writes: 4 }, 'first, ticks at 60 and 160, final');
  t.strictSame(oracleCost([interim(0, 0), final(1)], TICK_MS), { frames: 2, writes: 2 });
  t.end();
});

t.test(
  'LOAD-15 the oracle sends neither what was said before nor what was overtaken, and one write for a tick',
  (t) => {
    const said = [
      interim(0, 0),
      interim(10, 2),
      interim(20, 1),
      interim(30, 2),
      final(310),
      interim(320, 3),
      final(330),
    ];
    t.strictSame(costAtPhase(said, TICK_MS, 0), { frames: 3, writes: 3 });
    const two = [interim(0, 0, 1), interim(1, 0, 2), interim(10, 1, 1), interim(20, 1, 2)];
    t.strictSame(costAtPhase(two, TICK_MS, 0), { frames: 4, writes: 3 });
    t.end();
  },
);

t.test(
  'LOAD-15 whatever is said, the oracle needs no more than one frame each, and the bound of the ticks holds',
  (t) => {
    const gaps = fc.array(fc.record({ gapMs: fc.nat(90), final: fc.integer({ min: 0, max: 9 }), key: fc.nat(2) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(gaps, fc.nat(99), (steps, phaseMs) => {
        let atMs = 0;
        const said = steps.map(({ gapMs, final: one, key }, revision): CaptionInput => {
          atMs += gapMs;
          return { key, revision, final: one === 0, atMs };
        });
        const cost = costAtPhase(said, TICK_MS, phaseMs);
        const best = oracleCost(said, TICK_MS);
        const keys = new Set(said.map(({ key }) => key)).size;
        const least = keys;
        const most = keys * (3 + Math.ceil(atMs / TICK_MS));
        return (
          cost.writes <= cost.frames &&
          cost.frames <= Math.min(said.length, most) &&
          best.frames >= least &&
          best.frames + best.writes <= costAtPhase(said, TICK_MS, 0).frames + costAtPhase(said, TICK_MS, 0).writes
        );
      }),
    );
    t.end();
  },
);
