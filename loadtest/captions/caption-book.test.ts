import t from 'tap';
import { LatencyRecord } from '../latency-record.ts';
import { CaptionBook } from './caption-book.ts';
import { RoomRecord, segmentKey } from './room-record.ts';
import type { ScriptedFragment } from './room-script.ts';

const KEY = segmentKey(1, 7);

function setUp() {
  const room = new RoomRecord();
  const staleness = new LatencyRecord();
  const book = new CaptionBook(room, 100, staleness, new LatencyRecord());
  const said = (revision: number, final: boolean, atMs: number, segment = 7): void => {
    const fragment: ScriptedFragment = { speaker: 1, segment, revision, final, text: `text ${revision}`, dueMs: 0 };
    room.sent(fragment, atMs, atMs);
  };
  const came = (revision: number, final: boolean, nowMs: number, segment = 7, text = `text ${revision}`): void => {
    const bytes = Buffer.from(text);
    book.received(segmentKey(1, segment), revision, final, bytes, 0, bytes.length, nowMs);
  };
  return { room, staleness, book, said, came };
}

t.test('LOAD-16 what was sent is stale until it, or a newer one, has come', (t) => {
  const { staleness, book, said, came } = setUp();
  said(0, false, 1000);
  said(1, false, 1040);
  said(2, false, 1080);
  came(0, false, 1001);
  came(2, false, 1100);
  said(3, true, 1500);
  came(3, true, 1510);
  t.equal(staleness.count, 3, 'each once');
  t.equal(Math.round(staleness.percentileMs(100)), 60, 'the one that was overtaken counts from its own time');
  t.strictSame(book.finals, [KEY]);
  const { missing, repeated, outOfOrder, wrongText, backwards, tooMany } = book.tally();
  t.strictSame([missing, repeated, outOfOrder, wrongText, backwards, tooMany], [0, 0, 0, 0, 0, 0]);
  t.end();
});

t.test(
  'LOAD-16 finals that are missing, repeated, out of order or other than sent are counted, each as what it is',
  (t) => {
    const { book, said, came } = setUp();
    for (const segment of [1, 2, 3, 4]) said(0, true, 1000 + segment, segment);
    came(0, true, 1010, 2);
    came(0, true, 1011, 1);
    came(0, true, 1012, 1);
    came(0, true, 1013, 3, 'text that nobody said');
    const { finals, missing, repeated, outOfOrder, wrongText } = book.tally();
    t.strictSame(
      { finals, missing, repeated, outOfOrder, wrongText },
      { finals: 3, missing: 1, repeated: 1, outOfOrder: 1, wrongText: 1 },
    );
    t.end();
  },
);

t.test('LOAD-16 interims above one and one a tick, and interims that go back, are counted', (t) => {
  const { book, said, came } = setUp();
  for (const revision of [0, 1, 2, 3]) said(revision, false, 1000 + revision);
  for (const revision of [0, 1, 2, 3]) came(revision, false, 1050 + revision);
  t.equal(book.tally().tooMany, 2, 'within the first tick two may come');
  book.connected();
  came(3, false, 1060);
  t.equal(book.tally().tooMany, 2, 'on a new connection what is open may come again');
  came(2, false, 1300);
  said(4, true, 1400);
  came(4, true, 1410);
  came(3, false, 1700);
  t.equal(book.tally().backwards, 2, 'older than what was there, and after the final');
  t.end();
});
