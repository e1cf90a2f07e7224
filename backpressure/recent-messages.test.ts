import fc from 'fast-check';
import t from 'tap';
import { MOST_ID_BYTES, RecentMessages } from './recent-messages.ts';

const WINDOW_MS = 1000;
const MOST = 8;
const encoder = new TextEncoder();

const asked = (recent: RecentMessages, sender: string, kind: number, id: string, nowMs: number) => {
  const bytes = encoder.encode(`<<${id}>>`);
  return recent.repeats(encoder.encode(`${sender}\0`), kind, bytes, 2, bytes.length - 2, nowMs);
};

t.test('META-59 a message of the last window is known again, a new one never is, and memory is bounded', (t) => {
  const message = fc.record({
    sender: fc.constantFrom('a', 'ab'),
    kind: fc.nat(2),
    id: fc.constantFrom('b', 'bb', 'c'),
  });
  const step = fc.tuple(message, fc.integer({ min: 0, max: 700 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const recent = new RecentMessages(MOST, WINDOW_MS);
      /** When each message was first told of since it was last forgotten, and how many new ones came since. */
      const known = new Map<string, { atMs: number; since: number }>();
      let nowMs = 0;
      for (const [{ sender, kind, id }, waitMs] of steps) {
        nowMs += waitMs;
        const name = JSON.stringify([sender, kind, id]);
        const before = known.get(name);
        const repeats = asked(recent, sender, kind, id, nowMs);
        if (repeats && before === undefined) return false;
        const must = before !== undefined && nowMs - before.atMs <= WINDOW_MS && before.since < MOST;
        if (must && !repeats) return false;
        if (!repeats) {
          for (const one of known.values()) one.since++;
          known.set(name, { atMs: nowMs, since: 0 });
        }
        if (recent.size > 2 * MOST) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('META-59 without an ID, or with one that is too long, every message is new', (t) => {
  const recent = new RecentMessages(MOST, WINDOW_MS);
  for (const id of ['', 'x'.repeat(MOST_ID_BYTES + 1)]) {
    t.notOk(asked(recent, 'a', 1, id, 0));
    t.notOk(asked(recent, 'a', 1, id, 1));
  }
  const longest = 'x'.repeat(MOST_ID_BYTES);
  t.strictSame([asked(recent, 'a', 1, longest, 0), asked(recent, 'a', 1, longest, 1)], [false, true]);
  t.notOk(asked(recent, 'a', 1, longest, 2 * WINDOW_MS + 2), 'and forgotten');
  t.equal(recent.size, 1);
  t.end();
});
