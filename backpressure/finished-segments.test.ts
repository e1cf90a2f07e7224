import fc from 'fast-check';
import t from 'tap';
import { FinishedSegments } from './finished-segments.ts';

t.test('META-31 what has ended stays ended, whatever ends after it', async (t) => {
  const ends = fc.array(fc.record({ segment: fc.nat(30), epoch: fc.nat(3) }), { maxLength: 60 });
  fc.assert(
    fc.property(ends, fc.integer({ min: 1, max: 12 }), (taken, capacity) => {
      const finished = new FinishedSegments(capacity);
      const ended = new Map<number, number>();
      for (const { segment, epoch } of taken) {
        finished.end(segment, epoch);
        ended.set(segment, Math.max(epoch, ended.get(segment) ?? 0));
        for (const [known, last] of ended) {
          if (!finished.ended(known, last)) throw new Error(`segment ${known} is open again`);
        }
        const newest = [...ended.keys()].sort((a, b) => b - a).slice(0, capacity);
        const oldest = Math.min(...newest);
        for (let other = oldest; other <= 31; other++) {
          const isOver = ended.has(other) || other < oldest;
          if (finished.ended(other, 0) !== isOver) throw new Error(`segment ${other} of the newest ${newest}`);
          if (ended.has(other) && finished.ended(other, ended.get(other)! + 1))
            throw new Error('a correction is refused');
        }
      }
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.pass('the newest are remembered, older ones are taken as ended');
});
