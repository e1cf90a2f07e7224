import * as fc from 'fast-check';
import t from 'tap';
import { AckPacer } from './ack-pacer.ts';

t.test('CLIENT-2 unacknowledged batches stay few, whatever their size', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 200 }), (batches) => {
      const pacer = new AckPacer();
      let owedBatches = 0;
      let owedFrames = 0;
      for (const [index, frames] of batches.entries()) {
        owedBatches++;
        owedFrames += frames;
        const due = pacer.received(frames);
        if (index === 0 && !due) return false;
        if (due) owedBatches = owedFrames = 0;
        if (owedBatches >= 8 || owedFrames >= 32 || pacer.owing !== owedBatches > 0) return false;
      }
      return true;
    }),
  );
  t.pass('for every sequence of batches');
});

t.test('CLIENT-2 small batches share an acknowledgement', async (t) => {
  const pacer = new AckPacer();
  const due = Array.from({ length: 17 }, () => pacer.received(1));
  t.same(
    due.flatMap((yes, index) => (yes ? [index] : [])),
    [0, 8, 16],
  );
  pacer.restart();
  t.equal(pacer.received(1), true, 'the first on a new socket goes at once');
});
