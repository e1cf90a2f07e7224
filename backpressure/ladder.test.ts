import fc from 'fast-check';
import t from 'tap';
import { ADVICE_ACTIONS } from '../schemas/advice-actions.ts';
import { proto } from '../schemas/proto.ts';
import { LADDER_TRIGGERS, Ladder, type LadderLoad, type LadderPolicy, type LadderTrigger } from './ladder.ts';
import { effectsByLevel, type LadderLevel } from './ladder-levels.ts';

const LEVELS: readonly LadderLevel[] = [
  { interimTickMs: 300, advice: ['reduceFrequency'] },
  { kindsOff: ['presence', 'gauge'], advice: ['bypassOnPath'] },
  { interims: 'focused', advice: ['narrowRetrieval'] },
  { interims: 'none', agentTurns: 'capped', advice: ['singleTool'] },
  { newAgentSessions: 'refuse', advice: ['concise'] },
  { newCalls: 'refuse', advice: ['clientOnly'] },
];
const POLICY: LadderPolicy = {
  triggers: { controlP999Ms: 25, schedulerDelayMs: 10, loopDelayP99Ms: 20, loopUtilisation: 0.85, nodeQueueDepth: 50 },
  stepUpAfterMs: 500,
  stepDownAfterMs: 10_000,
  calmShare: 0.7,
  levels: LEVELS,
};
const LOOK_MS = 100;

/** Load as a share of every trigger's value: above 1 is breach, below 0.7 calm. */
function loadOf(share: number): LadderLoad {
  const entries = Object.entries(POLICY.triggers).map(([name, value]) => [name, share * value!]);
  return Object.fromEntries(entries) as LadderLoad;
}

/** Looks at a constant load for a while; returns the level after every look. */
function hold(ladder: Ladder, share: number, fromMs: number, forMs: number): number[] {
  const levels: number[] = [];
  for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs += LOOK_MS) {
    ladder.observe(loadOf(share), nowMs);
    levels.push(ladder.level);
  }
  return levels;
}

const signals = fc.array(
  fc.record({
    share: fc.double({ min: 0, max: 2, noNaN: true }),
    looks: fc.nat(150),
    lookMs: fc.integer({ min: 1, max: 400 }),
  }),
  { maxLength: 40, size: 'max' },
);

t.test(
  'LADDER-1 it climbs one level per 500 ms of breach, and descends one per 10 s of calm, whatever the load',
  async (t) => {
    let steps = 0;
    fc.assert(
      fc.property(signals, (signal) => {
        const ladder = new Ladder(POLICY);
        let nowMs = 0;
        let level = 0;
        let lastUpMs = Number.NEGATIVE_INFINITY;
        let breachSinceMs: number | null = null;
        let calmSinceMs: number | null = null;
        for (const { share, looks, lookMs } of signal) {
          for (let look = 0; look < looks; look++) {
            nowMs += lookMs;
            breachSinceMs = share > 1 ? (breachSinceMs ?? nowMs) : null;
            calmSinceMs = share < 0.7 ? (calmSinceMs ?? nowMs) : null;
            const changed = ladder.observe(loadOf(share), nowMs);
            if (changed !== (ladder.level !== level)) throw new Error('what it returns');
            if (Math.abs(ladder.level - level) > 1) throw new Error('two steps at once');
            if (ladder.level > level) {
              if (breachSinceMs === null || nowMs - breachSinceMs < 500 || nowMs - lastUpMs < 500)
                throw new Error('too soon up');
              lastUpMs = nowMs;
              breachSinceMs = nowMs;
            } else if (ladder.level < level) {
              if (calmSinceMs === null || nowMs - calmSinceMs < 10_000) throw new Error('too soon down');
              calmSinceMs = nowMs;
            } else {
              // And it does not wait longer than that either.
              if (breachSinceMs !== null && nowMs - breachSinceMs >= 500 && level < LEVELS.length)
                throw new Error('stays low');
              if (calmSinceMs !== null && nowMs - calmSinceMs >= 10_000 && level > 0) throw new Error('stays high');
            }
            if (ladder.effects.level !== ladder.level) throw new Error('effects of another level');
            if (changed) steps++;
            level = ladder.level;
          }
        }
      }),
      { numRuns: 500, verbose: 1 },
    );
    t.ok(steps > 300, `${steps} steps`);
  },
);

t.test('LADDER-2 a load that stays the same moves it in one direction at most, from wherever it is', async (t) => {
  const share = fc.oneof(fc.double({ min: 0, max: 2, noNaN: true }), fc.constantFrom(0.7, 1, 0.699999, 1.000001));
  fc.assert(
    fc.property(fc.nat(LEVELS.length), share, (start, constant) => {
      const ladder = new Ladder(POLICY);
      ladder.pin(start);
      ladder.unpin();
      const levels = hold(ladder, constant, 0, 80_000);
      const ups = levels.filter((level, at) => level > (levels[at - 1] ?? start)).length;
      const downs = levels.filter((level, at) => level < (levels[at - 1] ?? start)).length;
      if (ups > 0 && downs > 0) throw new Error(`${ups} steps up and ${downs} down`);
      const end = constant > 1 ? LEVELS.length : constant < 0.7 ? 0 : start;
      if (levels.at(-1) !== end) throw new Error(`ends at ${levels.at(-1)} instead of ${end}`);
    }),
    { numRuns: 500, verbose: 1 },
  );
  t.pass('and it ends at the top, at the bottom, or where it was');
});

t.test(
  'LADDER-3 each trigger alone is enough, one that is not measured or not in the policy does nothing',
  async (t) => {
    for (const trigger of LADDER_TRIGGERS) {
      const triggers = { [trigger]: 10 } as Record<LadderTrigger, number>;
      const ladder = new Ladder({ ...POLICY, triggers });
      for (let nowMs = 0; nowMs <= 500; nowMs += LOOK_MS) ladder.observe({ [trigger]: 11 }, nowMs);
      t.equal(ladder.level, 1, trigger);
      t.equal(ladder.cause, trigger);
      const others = Object.fromEntries(
        LADDER_TRIGGERS.filter((other) => other !== trigger).map((other) => [other, 1e9]),
      );
      for (let nowMs = 600; nowMs <= 20_000; nowMs += LOOK_MS)
        ladder.observe({ ...others, [trigger]: undefined }, nowMs);
      t.equal(ladder.level, 0, 'the others say nothing');
      t.equal(ladder.cause, null);
    }
  },
);

t.test('LADDER-4 an operator holds a level against any load, and gives it back', async (t) => {
  const ladder = new Ladder(POLICY);
  ladder.pin(3);
  t.ok(ladder.pinned);
  t.ok(hold(ladder, 2, 0, 5000).every((level) => level === 3));
  ladder.unpin();
  t.strictSame(hold(ladder, 2, 5000, 1200), [3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5], 'every wait begins anew');
  t.throws(() => ladder.pin(7), { message: 'expected a level from 0 to 6, found 7' });
  t.throws(() => ladder.pin(1.5), RangeError);
});

t.test('LADDER-5 another policy holds from the next look, at the same level or its highest', async (t) => {
  const ladder = new Ladder(POLICY);
  hold(ladder, 2, 0, 3000);
  t.equal(ladder.level, 5);
  ladder.adopt({ ...POLICY, levels: LEVELS.slice(0, 2) });
  t.equal(ladder.level, 2);
  t.strictSame(ladder.effects.kindsOff, ['presence', 'gauge']);
  ladder.adopt({ ...POLICY, stepDownAfterMs: 200 });
  t.equal(ladder.level, 2);
  t.equal(hold(ladder, 0, 3000, 300).at(-1), 1);
});

t.test('LADDER-6 a level keeps what the ones before it gave up, and advises what they advised', async (t) => {
  const effects = effectsByLevel(LEVELS);
  t.strictSame(effects[0], {
    level: 0,
    interimTickMs: null,
    interims: 'all',
    kindsOff: [],
    agentTurnsCapped: false,
    refusesAgentSessions: false,
    refusesCalls: false,
    advice: [],
  });
  t.strictSame(effects[6], {
    level: 6,
    interimTickMs: 300,
    interims: 'none',
    kindsOff: ['presence', 'gauge'],
    agentTurnsCapped: true,
    refusesAgentSessions: true,
    refusesCalls: true,
    advice: [...ADVICE_ACTIONS],
  });
  t.strictSame(
    effects.map(({ refusesCalls }) => refusesCalls),
    [false, false, false, false, false, false, true],
  );
  const words = Object.keys(proto.Advice.Action).filter((word) => word !== 'none' && Number.isNaN(Number(word)));
  t.strictSame(words, [...ADVICE_ACTIONS], 'the words of the wire');
});
