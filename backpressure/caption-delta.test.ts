import fc from 'fast-check';
import t from 'tap';
import { applyDelta, keptPrefix } from './caption-delta.ts';

/** Characters that share bytes with each other, and some that are pairs in UTF-16. */
const point = fc.oneof(
  fc.constantFrom('a', 'b', 'é', 'è', '한', '핟', '🎉', '🎊', '\u{1f389}\u200d', 'م', 'ن', '\u0301', '\u0302'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const words = fc.array(point, { maxLength: 30 }).map((points) => points.join(''));
/** A text and a revision of it: mostly the same beginning. */
const revised = fc.oneof(
  fc.tuple(words, words),
  fc.tuple(words, words, words).map(([start, one, other]) => [start + one, start + other] as const),
);
const utf8 = (text: string) => new TextEncoder().encode(text);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

t.test('DELTA-1 a difference applied to its base is the text, and is cut between characters', async (t) => {
  let kept = 0;
  fc.assert(
    fc.property(revised, ([base, text]) => {
      const { bytes, points } = keptPrefix(utf8(base), utf8(text));
      const suffix = utf8(text).subarray(bytes);
      // Decoding is strict: half a character would throw.
      if (decoder.decode(suffix) !== [...text].slice(points).join('')) return false;
      // As long as can be: the next characters differ, or there is none.
      const [next, other] = [[...base][points], [...text][points]];
      if (next !== undefined && next === other) return false;
      kept += points;
      const applied = applyDelta(utf8(base), points, suffix);
      return applied !== null && decoder.decode(applied) === text;
    }),
    { numRuns: 5000, verbose: 1 },
  );
  t.ok(kept > 1000, `${kept} characters kept`);
  t.equal(applyDelta(utf8('é🎉'), 3, utf8('x')), null, 'a base that is too short');
  t.same(decoder.decode(applyDelta(utf8('é🎉'), 1, utf8('x'))!), 'éx');
});
