import t from 'tap';
import { KeyedRows } from './keyed-rows.ts';

t.test('ADMIT-4 a key keeps its row while somebody holds it or its buckets are not full, and not longer', async (t) => {
  const full = new Set<number>();
  const rows = new KeyedRows((row) => full.has(row));
  const began: number[] = [];
  const take = (key: string) => rows.take(key, (row) => began.push(row));
  const ann = take('ann');
  t.equal(take('ann'), ann);
  t.not(take('bob'), ann);
  t.same(began.length, 2, 'a row begins once');
  rows.release(ann, 0);
  full.add(ann);
  rows.sweep(0);
  t.equal(take('ann'), ann, 'one still held it');
  rows.release(ann, 0);
  rows.release(ann, 0);
  t.equal(rows.size, 1, 'nobody holds it and it is full');
  full.delete(ann);
  t.equal(take('cat'), ann, 'its row is used again');
  t.equal(began.length, 3);
});

t.test('ADMIT-4 many who are gone are looked at in turns, and all are forgotten in the end', async (t) => {
  const full = new Set<number>();
  const rows = new KeyedRows((row) => full.has(row));
  const taken = Array.from({ length: 20_000 }, (_, index) => rows.take(`user ${index}`, () => {}));
  for (const row of taken) rows.release(row, 0);
  t.equal(rows.size, 20_000);
  // The first of them never come to rest.
  for (const row of taken.slice(5000)) full.add(row);
  let sweeps = 0;
  for (; rows.size > 5000 && sweeps < 100; sweeps++) rows.sweep(0);
  t.equal(rows.size, 5000);
  t.ok(sweeps > 1, `${sweeps} sweeps`);
});

t.test('ADMIT-4 of those who are gone only so many are remembered', async (t) => {
  const rows = new KeyedRows(() => false);
  for (let index = 0; index < 70_000; index++)
    rows.release(
      rows.take(`user ${index}`, () => {}),
      0,
    );
  t.ok(rows.size <= 65_536, `${rows.size} rows`);
  t.ok(rows.find('user 69999') !== undefined && rows.find('user 0') === undefined, 'the last ones');
});
