import * as fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import { AckPacer, sizeOf } from './ack-pacer.ts';

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

t.test('CLIENT-2 what is large is acknowledged before the window is used up', async (t) => {
  const pacer = new AckPacer();
  pacer.received(1, 1);
  const due = Array.from({ length: 8 }, () => pacer.received(1, 6000));
  t.same(
    due.flatMap((yes, index) => (yes ? [index] : [])),
    [2, 5],
  );
  const text = 'x'.repeat(70_000);
  const payload = new Uint8Array(900);
  const frames = [
    { kind: Kind.caption, caption: { stream: 's', text } },
    { kind: Kind.toolCall, toolCall: { payload } },
    { kind: Kind.presence },
  ];
  t.equal(sizeOf(frames), 70_901);
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
