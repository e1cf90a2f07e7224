import fc from 'fast-check';
import t from 'tap';
import type { MetadataSession } from '../sessions/metadata-session.ts';
import { REST_MS, TurnRest } from './turn-rest.ts';

/** Who it is does not matter to it, only that it is the same. */
const session = () => ({}) as MetadataSession;

t.test(
  'LADDER-26 who has more than ten fragments refused in five seconds rests until it is silent for a second',
  (t) => {
    const rest = new TurnRest();
    const [deaf, sloppy] = [session(), session()];
    for (let count = 0; count < 10; count++) t.notOk(rest.refused(deaf, count));
    t.notOk(rest.refuses(deaf, 10));
    t.ok(rest.refused(deaf, 11));
    t.ok(rest.refuses(deaf, 12));
    t.ok(rest.refuses(deaf, 11 + REST_MS), 'it went on, so that it rests on');
    t.notOk(rest.refuses(deaf, 12 + 2 * REST_MS));
    t.notOk(rest.refused(deaf, 5000), 'and is heard again');
    for (let second = 0; second < 5; second++) {
      for (let count = 0; count < 10; count++) t.notOk(rest.refused(sloppy, 5000 * second + count));
    }
    t.notOk(rest.refuses(sloppy, 25_000));
    t.end();
  },
);

t.test('LADDER-26 whatever came before, a second of silence ends a rest', (t) => {
  const step = fc.record({ afterMs: fc.nat(300), frames: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const rest = new TurnRest();
      const one = session();
      let nowMs = 0;
      for (const { afterMs, frames } of steps) {
        nowMs += afterMs;
        for (let count = 0; count < frames; count++) if (!rest.refuses(one, nowMs)) rest.refused(one, nowMs);
      }
      return !rest.refuses(one, nowMs + REST_MS);
    }),
  );
  t.end();
});
