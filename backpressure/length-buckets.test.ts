import fc from 'fast-check';
import t from 'tap';
import { LengthBuckets } from './length-buckets.ts';
import { RowTable } from './row-table.ts';

const ROWS = 12;
const steps = fc.array(
  fc.record({ row: fc.nat(ROWS - 1), verb: fc.constantFrom('grow', 'grow', 'grow', 'shrink', 'empty', 'leave') }),
  { maxLength: 400, size: 'max' },
);

t.test('SCHED-3 who has to give way is longer than half of the longest of its group', async (t) => {
  let found = 0;
  fc.assert(
    fc.property(steps, (taken) => {
      const buckets = new LengthBuckets(new RowTable(ROWS), 5);
      buckets.reserve(2);
      const lengths = new Array<number>(ROWS).fill(0);
      taken.forEach(({ row, verb }, at) => {
        const group = row % 2;
        if (verb === 'grow') {
          buckets.grow(group, row);
          lengths[row]!++;
        } else if (verb === 'leave' && lengths[row] === 0) buckets.leave(group, row);
        else {
          for (let left = verb === 'shrink' ? 1 : lengths[row]!; left > 0 && lengths[row]! > 0; left--) {
            buckets.shrink(row);
            lengths[row]!--;
          }
        }
        if (at % 3 !== 0) return;
        const longest = buckets.longest(group);
        const most = Math.max(...lengths.filter((_, other) => other % 2 === group));
        if ((longest === -1) !== (most === 0)) throw new Error(`found ${longest} where the longest is ${most}`);
        if (longest >= 0 && (longest % 2 !== group || lengths[longest]! * 2 <= most)) {
          throw new Error(`${longest} has ${lengths[longest]} of ${most}`);
        }
        if (longest >= 0) found++;
      });
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.ok(found > 10_000);
});
