import fc from 'fast-check';
import t from 'tap';
import { RoomLog } from './room-log.ts';

t.test('META-25 a log is an array whose beginning goes, once, in order', async (t) => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ trim: fc.double({ min: -0.2, max: 1.2, noNaN: true }) }),
    ),
    { maxLength: 60, size: 'max' },
  );
  fc.assert(
    fc.property(steps, (taken) => {
      const log = new RoomLog<{ bytes: number; index: number }>();
      const dropped: number[] = [];
      let appended = 0;
      for (const step of taken) {
        if ('append' in step) {
          for (let count = 0; count < step.append; count++)
            log.append({ bytes: 1 + (appended % 7), index: appended++ });
        } else {
          const position = Math.round(log.base + step.trim * (log.head - log.base));
          const before = log.base;
          log.trim(position, ({ index }) => dropped.push(index));
          if (log.base !== Math.max(before, Math.min(position, appended))) throw new Error(`trimmed to ${log.base}`);
        }
        if (log.head !== appended || log.base !== dropped.length) throw new Error(`${log.base} to ${log.head}`);
        let bytes = 0;
        for (let position = log.base; position < log.head; position++) {
          const entry = log.at(position);
          if (entry.index !== position) throw new Error(`${entry.index} at ${position}`);
          bytes += entry.bytes;
        }
        if (bytes !== log.keptBytes) throw new Error(`${log.keptBytes} bytes instead of ${bytes}`);
      }
      if (dropped.some((index, at) => index !== at)) throw new Error('dropped out of order');
    }),
    { numRuns: 300, verbose: 1 },
  );
  t.pass('positions only grow and name the same entry');
});
