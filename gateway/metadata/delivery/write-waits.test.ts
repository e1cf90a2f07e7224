import t from 'tap';
import type { Room } from '../rooms/room.ts';
import { WriteWaits } from './write-waits.ts';

/** All that waiting knows of a room. */
const rooms = (count: number): Room[] =>
  Array.from({ length: count }, () => ({ due: { sinceMs: -1 } }) as unknown as Room);

t.test('META-71 the first of a few rooms that wait says how late the plane is', (t) => {
  const waits = new WriteWaits();
  const [first, second, third] = rooms(3) as [Room, Room, Room];
  for (const [room, sinceMs] of [
    [first, 100],
    [second, 130],
    [third, 140],
  ] as const) {
    waits.begin(room, sinceMs);
  }
  waits.begin(first, 145);
  t.strictSame(waits.take(150), { longestMs: 50, usualMs: 50 }, 'who is due is not due anew');
  waits.end(first, 160);
  t.strictSame(waits.take(160), { longestMs: 60, usualMs: 60 });
  for (const room of [second, third]) waits.forget(room);
  t.strictSame(waits.take(170), { longestMs: 0, usualMs: 0 });
  t.end();
});

t.test('META-71 one room in ten may wait without the plane being late', (t) => {
  const waits = new WriteWaits();
  const [elephant, ...mice] = rooms(31) as [Room, ...Room[]];
  waits.begin(elephant, 0);
  for (const mouse of mice.slice(0, 20)) waits.begin(mouse, 998);
  for (const mouse of mice.slice(0, 20)) waits.end(mouse, 1000);
  for (const mouse of mice.slice(20)) waits.begin(mouse, 999);
  t.strictSame(waits.take(1000), { longestMs: 1000, usualMs: 2 });
  waits.begin(mice[0]!, 1000);
  for (const mouse of mice.slice(20, 29)) waits.end(mouse, 1000);
  t.strictSame(waits.take(1300), { longestMs: 1300, usualMs: 301 }, 'where all wait they are no tenth');
  t.end();
});
