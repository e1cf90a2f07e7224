import fc from 'fast-check';
import t from 'tap';
import type { AdviceEvent } from './advice.ts';
import { SluiceError } from './sluice-error.ts';
import { type EndTurn, TurnPacer } from './turn-pacer.ts';

const SINGLE: AdviceEvent = { level: 4, actions: ['reduceFrequency', 'singleTool'] };
const closed = new SluiceError(0, 'closed', 'the client was closed');
const NONE: AdviceEvent = { level: 0, actions: [] };

/** Lets promises that are settled be told of. */
const told = () => new Promise((resolve) => setImmediate(resolve));

t.test(
  'CLIENT-43 by any course of events, turns begin in order, and none beside another while they are capped',
  async () => {
    const step = fc.constantFrom('begin' as const, 'end' as const, 'single' as const, 'none' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const pacer = new TurnPacer();
        const begun: number[] = [];
        const open: EndTurn[] = [];
        let [asked, capped] = [0, false];
        for (const now of steps) {
          const before = pacer.open;
          if (now === 'begin') {
            const number = asked++;
            void pacer.begin().then((end) => {
              begun.push(number);
              open.push(end);
            });
          } else if (now === 'end') {
            const end = open.shift();
            end?.();
            end?.();
          } else {
            capped = now === 'single';
            pacer.advised(capped ? SINGLE : NONE);
          }
          await told();
          if (capped && pacer.open > Math.max(1, before)) return false;
          if (!capped && pacer.waiting > 0) return false;
          if (capped && pacer.open === 0 && pacer.waiting > 0) return false;
          if (pacer.open !== open.length || begun.length + pacer.waiting !== asked) return false;
        }
        return begun.every((number, index) => number === index);
      }),
    );
  },
);

t.test('CLIENT-43 turns that wait too many, or for a client that ends, are refused', async (t) => {
  const pacer = new TurnPacer();
  pacer.advised(SINGLE);
  await pacer.begin();
  const waiting = Array.from({ length: 256 }, () => pacer.begin());
  await t.rejects(pacer.begin(), new SluiceError(0, 'queueFull', '256 turns wait for another to end'));
  pacer.close();
  t.strictSame(
    await Promise.allSettled(waiting),
    waiting.map(() => ({ status: 'rejected', reason: closed })),
  );
  await t.rejects(pacer.begin(), closed);
});
