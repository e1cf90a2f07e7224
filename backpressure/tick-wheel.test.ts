import fc from 'fast-check';
import t from 'tap';
import { TickWheel } from './tick-wheel.ts';

const TICK_MS = 100;
const SLOTS = 20;

t.test('META-20 a waiting room falls due once at every boundary of its own, never before', async (t) => {
  const phases = fc.array(fc.nat(SLOTS - 1), { minLength: 1, maxLength: 6 });
  const stepsMs = fc.array(fc.oneof(fc.double({ min: 0, max: 12, noNaN: true }), fc.integer({ min: 0, max: 450 })), {
    minLength: 1,
    maxLength: 80,
  });
  const startMs = fc.double({ min: 0, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(phases, stepsMs, startMs, (members, steps, start) => {
      const wheel = new TickWheel<number>(TICK_MS, SLOTS, start);
      let nowMs = start;
      const dueAtMs = new Map<number, number>();
      const isWaiting = new Set<number>();
      /** Of those who began to wait when nobody did: since when. */
      const aloneSinceMs = new Map<number, number>();
      for (const [index, stepMs] of steps.entries()) {
        nowMs += stepMs;
        const due: number[] = [];
        // Nobody advances a wheel on which nobody waits.
        const lateMs = wheel.waiting > 0 ? wheel.advance(nowMs, due) : 0;
        if (lateMs < 0) throw new Error('early');
        for (const member of due) {
          if (!isWaiting.delete(member)) throw new Error('due without waiting, or twice');
          const boundaryMs = wheel.boundaryMs(members[member]!, nowMs);
          if (boundaryMs > nowMs || nowMs - boundaryMs >= TICK_MS + 1e-6) throw new Error('not the last boundary');
          // Lateness may bring two turns nearer to each other, but not to the same boundary.
          if ((dueAtMs.get(member) ?? -1) >= boundaryMs) throw new Error(`twice for the boundary at ${boundaryMs}`);
          if (boundaryMs < (aloneSinceMs.get(member) ?? 0)) throw new Error('due for a boundary before it waited');
          dueAtMs.set(member, boundaryMs);
        }
        for (const member of isWaiting) {
          const sinceMs = nowMs - wheel.boundaryMs(members[member]!, nowMs);
          if (sinceMs < stepMs - wheel.slotMs && dueAtMs.has(member)) throw new Error('passed over at its boundary');
        }
        const member = index % members.length;
        if (!isWaiting.has(member)) {
          if (isWaiting.size === 0) aloneSinceMs.set(member, nowMs);
          else aloneSinceMs.delete(member);
          wheel.wait(member, members[member]!, nowMs);
          isWaiting.add(member);
        }
        if (wheel.waiting !== isWaiting.size) throw new Error(`${wheel.waiting} wait instead of ${isWaiting.size}`);
        const nextMs = wheel.nextInMs(nowMs);
        if (nextMs < 0 || nextMs > wheel.slotMs + 1e-6) throw new Error(`${nextMs} ms to the next slot`);
      }
      const due: number[] = [];
      wheel.advance(nowMs + TICK_MS, due);
      if (due.length !== isWaiting.size) throw new Error('somebody waits for longer than a tick');
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.pass('however late the turns are');
});

t.test('META-20 phases spread over the tick', async (t) => {
  const wheel = new TickWheel<number>(TICK_MS, SLOTS, 0);
  const used = new Set(Array.from({ length: 500 }, (_, index) => wheel.phaseOf(Math.imul(index, 0x9e3779b1))));
  t.equal(used.size, SLOTS);
  t.ok(Number.isInteger(wheel.phaseOf(-5)), 'any number has one');
});
