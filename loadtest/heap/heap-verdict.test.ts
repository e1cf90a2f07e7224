import t from 'tap';
import { growthOf } from './heap-verdict.ts';

t.test('LOAD-42 memory is flat when the last third of a run has at most a tenth more than the middle one', (t) => {
  const warm = [5, 10, 15, 18, 19, 20];
  t.match(growthOf([...warm, 20, 20, 20, 21, 20, 20, 20, 20, 21, 20, 20, 20]), { middle: 20, last: 20, flat: true });
  t.match(growthOf([1, 2, 3, 10, 10, 10, 11, 11, 11]), { flat: true });
  t.match(growthOf([1, 2, 3, 10, 10, 10, 11, 11.1, 12]), { middle: 10, last: 11.1, flat: false });
  const leaking = Array.from({ length: 20 }, (_, index) => 20 + index);
  t.match(growthOf(leaking), { flat: false });
  t.match(growthOf([...warm, 20, 20, 20, 20, 90, 20, 20, 20]), { flat: true }, 'one outlier is none');
  t.throws(() => growthOf([1, 2, 3, 4, 5, 6, 7, 8]), new RangeError('expected 9 values or more, found 8'));
  t.end();
});
