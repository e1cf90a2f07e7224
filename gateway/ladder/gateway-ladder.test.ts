import fc from 'fast-check';
import t from 'tap';
import type { LadderLoad, LadderPolicy } from '../../backpressure/ladder.ts';
import { GatewayLadder, LOOK_MS, type LoadSource } from './gateway-ladder.ts';

const POLICY: LadderPolicy = {
  triggers: { controlP999Ms: 25, schedulerDelayMs: 10, loopDelayP99Ms: 20, loopUtilisation: 0.85, nodeQueueDepth: 50 },
  stepUpAfterMs: 500,
  stepDownAfterMs: 2000,
  calmShare: 0.7,
  levels: [{ interimTickMs: 300 }, { interims: 'none' }, { newAgentSessions: 'refuse' }, { newCalls: 'refuse' }, {}],
};
/** The last level of it at which calls are taken. */
const TAKES_CALLS = 3;
const BUSY: LadderLoad = { schedulerDelayMs: 100, loopUtilisation: 1, nodeQueueDepth: 99 };

function ladderUnderTest() {
  const told: number[] = [];
  const ladder = new GatewayLadder(POLICY, (level) => told.push(level));
  let nowMs = 0;
  const look = (loads: readonly (readonly [string, LoadSource, LadderLoad])[], forMs: number): number => {
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += LOOK_MS) {
      for (const [plane, source, load] of loads) ladder.report(plane, source, load, nowMs);
      ladder.look(nowMs);
    }
    return ladder.level;
  };
  return { ladder, told, look };
}

t.test('LADDER-8 what workers and nodes measure never refuses calls; what the control plane measures may', (t) => {
  const metadata = ladderUnderTest();
  t.equal(metadata.look([['metadata 0', 'metadata', BUSY]], 20_000), TAKES_CALLS);
  t.strictSame(metadata.told, [1, 2, 3]);
  const nodes = ladderUnderTest();
  t.equal(nodes.look([['control 0', 'control', { nodeQueueDepth: 99 }]], 20_000), TAKES_CALLS);
  t.equal(nodes.ladder.status().cause, 'nodeQueueDepth');
  const control = ladderUnderTest();
  t.equal(control.look([['control 0', 'control', { loopUtilisation: 1 }]], 20_000), POLICY.levels.length);
  t.equal(control.ladder.status().cause, 'loopUtilisation');
  t.equal(control.look([['control 0', 'control', {}]], 20_000), 0, 'and down again');
  t.strictSame(control.told, [1, 2, 3, 4, 5, 4, 3, 2, 1, 0]);
  t.end();
});

t.test('LADDER-8 by any course of loads, calls are refused only after the control plane was in breach', (t) => {
  const load = fc.record({ of: fc.constantFrom<LoadSource>('control', 'metadata'), busy: fc.boolean() });
  fc.assert(
    fc.property(fc.array(load, { maxLength: 60 }), (course) => {
      const { ladder, look } = ladderUnderTest();
      let controlBusy = false;
      for (const { of, busy } of course) {
        controlBusy ||= of === 'control' && busy;
        const other = of === 'control' ? 'metadata' : 'control';
        look(
          [
            [`${of} 0`, of, busy ? BUSY : {}],
            [`${other} 0`, other, {}],
          ],
          2 * LOOK_MS,
        );
        if (ladder.level > TAKES_CALLS && !controlBusy) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('LADDER-9 a plane that falls silent is as late as it is silent; one that is gone says nothing', (t) => {
  const { ladder, look } = ladderUnderTest();
  look([['metadata 0', 'metadata', {}]], 1000);
  t.equal(look([], 3500), 0, 'a report may come late');
  t.ok(look([], 2000) > 0, 'it is stuck');
  t.equal(ladder.status().cause, 'schedulerDelayMs');
  ladder.forget('metadata 0');
  t.equal(look([], 20_000), 0);
  t.end();
});

t.test('LADDER-25 what all workers spend together is what the policy bounds', (t) => {
  const told: number[] = [];
  const spending = { ...POLICY, triggers: { spendPerSecond: 10 } };
  const ladder = new GatewayLadder(spending, (level) => told.push(level));
  for (let nowMs = 0; nowMs <= 1000; nowMs += LOOK_MS) {
    for (const worker of [0, 1]) ladder.report(`metadata ${worker}`, 'metadata', { spendPerSecond: 4 }, nowMs);
    ladder.look(nowMs);
  }
  t.equal(ladder.level, 0, 'eight of ten');
  for (let nowMs = 1250; nowMs <= 2000; nowMs += LOOK_MS) {
    for (const worker of [0, 1]) ladder.report(`metadata ${worker}`, 'metadata', { spendPerSecond: 6 }, nowMs);
    ladder.look(nowMs);
  }
  t.ok(ladder.level > 0, 'twelve of ten');
  t.equal(ladder.status().cause, 'spendPerSecond');
  t.end();
});

t.test('LADDER-4 the gateway’s ladder holds a pinned level against any load, and its policy’s levels only', (t) => {
  const { ladder, told, look } = ladderUnderTest();
  ladder.pin(5);
  t.equal(look([['control 0', 'control', {}]], 20_000), 5);
  t.match(ladder.status(), { level: 5, highest: 5, pinned: true, cause: null });
  t.throws(() => ladder.pin(6), { message: 'expected a level from 0 to 5, found 6' });
  t.throws(() => ladder.pin(1.5), RangeError);
  ladder.unpin();
  t.equal(look([['control 0', 'control', {}]], 20_000), 0);
  t.strictSame(told, [5, 4, 3, 2, 1, 0]);
  ladder.pin(5);
  ladder.adopt({ ...POLICY, levels: POLICY.levels.slice(0, 2) });
  t.equal(ladder.level, 2);
  ladder.adopt(null);
  t.equal(ladder.level, 0);
  t.end();
});
