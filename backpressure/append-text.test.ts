import fc from 'fast-check';
import t from 'tap';
import { AppendText, Fragment, textHash } from './append-text.ts';

const ROOMY = 1 << 20;
/** What is easily cut wrong: pairs, joined and combining characters, right-to-left letters, and plain ones. */
const point = fc.oneof(
  fc.constantFrom('a', ' ', 'é', 'e\u0301', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'שָׁ', 'م', '\u202e', '𝕏', '한', '\u{10ffff}'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.array(point, { maxLength: 40 }).map((points) => points.join(''));

interface Piece {
  readonly offset: number;
  readonly text: string;
}

/** The text cut into pieces that cover it, some of them longer or again, in any order. */
const cut = text.chain((whole) => {
  const points = [...whole];
  const cuts = fc.uniqueArray(fc.nat(points.length), { maxLength: 8 });
  return cuts.chain((at) => {
    const edges = [0, ...at.sort((a, b) => a - b), points.length];
    const spans = edges.slice(1).map((end, index) => [edges[index]!, end] as const);
    const more = fc.array(fc.tuple(fc.nat(points.length), fc.nat(points.length)), { maxLength: 6 });
    return more.chain((extra) => {
      const all = [...spans, ...extra.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)];
      const pieces = all.map(([from, to]): Piece => ({ offset: from, text: points.slice(from, to).join('') }));
      const order = fc.shuffledSubarray(pieces, { minLength: pieces.length });
      return order.map((pieces) => ({ whole, pieces, spans: spans.length }));
    });
  });
});

const utf8 = (value: string) => new TextEncoder().encode(value);
const textOf = ({ bytes, byteLength }: AppendText) =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, byteLength));

function take(into: AppendText, { offset, text }: Piece): Fragment {
  const bytes = utf8(text);
  return into.take(offset, bytes, 0, bytes.length);
}

t.test('APPEND-1 any order of the fragments, with any repeated, gives the same text', async (t) => {
  fc.assert(
    fc.property(cut, fc.nat(), ({ whole, pieces }, seed) => {
      const append = new AppendText(ROOMY);
      const bytes = utf8(whole);
      const endAt = seed % (pieces.length + 1);
      for (const [index, piece] of pieces.entries()) {
        if (index === endAt && !append.end([...whole].length, textHash(bytes, bytes.length))) return false;
        if (take(append, piece) >= Fragment.conflict) return false;
        // What there is at any time is whole characters, from the beginning.
        const soFar = textOf(append);
        if (!whole.startsWith(soFar) || [...soFar].length !== append.length) return false;
      }
      if (!append.end([...whole].length, -1)) return false;
      return append.complete && !append.gap && textOf(append) === whole && append.heldBytes === 0;
    }),
    { numRuns: 3000, verbose: 1 },
  );
  t.pass();
});

t.test('APPEND-2 either all is there or a gap is flagged', async (t) => {
  let gaps = 0;
  fc.assert(
    fc.property(cut, fc.nat(), ({ whole, pieces }, lost) => {
      const points = [...whole];
      const append = new AppendText(ROOMY);
      const left = pieces.filter((_, index) => index !== lost % (pieces.length + 1));
      for (const piece of left) take(append, piece);
      const covered = points.map((_, at) =>
        left.some(({ offset, text }) => offset <= at && at < offset + [...text].length),
      );
      const first = covered.indexOf(false);
      if (append.length !== (first < 0 ? points.length : first)) return false;
      if (append.gap !== (first >= 0 && covered.indexOf(true, first) >= 0)) return false;
      append.end(points.length, -1);
      if (append.gap) gaps++;
      return append.complete === first < 0 && append.gap === first >= 0;
    }),
    { numRuns: 3000, verbose: 1 },
  );
  t.ok(gaps > 100, `${gaps} gaps`);
});

t.test('APPEND-3 fragments that contradict each other are a conflict, in whichever order', async (t) => {
  fc.assert(
    fc.property(cut, fc.nat(), ({ whole, pieces }, at) => {
      const points = [...whole];
      if (points.length === 0) return true;
      const wrong = { offset: at % points.length, text: points[at % points.length] === 'x' ? 'y' : 'x' };
      const place = at % (pieces.length + 1);
      const all = [...pieces.slice(0, place), wrong, ...pieces.slice(place)];
      const append = new AppendText(ROOMY);
      return all.some((piece) => take(append, piece) === Fragment.conflict);
    }),
    { numRuns: 2000, verbose: 1 },
  );
  const known = new AppendText(ROOMY);
  take(known, { offset: 0, text: 'word' });
  t.equal(take(known, { offset: 1, text: 'or' }), Fragment.known);
  t.notOk(known.end(3, -1), 'an end before what has come');
  t.notOk(known.end(4, textHash(utf8('ward'), 4)), 'the hash of another text');
  const told = new AppendText(ROOMY);
  t.ok(told.end(4, textHash(utf8('word'), 4)));
  t.notOk(told.end(5, -1), 'another end');
  t.equal(take(told, { offset: 2, text: 'rds' }), Fragment.conflict, 'text beyond the end');
  t.equal(take(told, { offset: 0, text: 'ward' }), Fragment.conflict, 'all there, and not what was vouched for');
});

t.test('APPEND-4 texts may be empty or long, and what is kept is bounded', async (t) => {
  const empty = new AppendText(ROOMY);
  t.equal(take(empty, { offset: 0, text: '' }), Fragment.known);
  t.ok(empty.end(0, textHash(utf8(''), 0)));
  t.ok(empty.complete && !empty.gap);

  const long = '🎉é'.repeat(10_923).slice(0, 32_768);
  const append = new AppendText(ROOMY);
  const points = [...long];
  for (let at = points.length - 100; at > -100; at -= 100)
    t.ok(
      take(append, { offset: Math.max(0, at), text: points.slice(Math.max(0, at), at + 100).join('') }) <=
        Fragment.held,
    );
  t.ok(append.end(points.length, -1) && append.complete);
  t.ok(append.byteLength >= 65_536, `${append.byteLength} bytes`);
  t.equal(textOf(append), long);

  const bounded = new AppendText(100);
  let took = 0;
  for (let at = 0; at < 300; at += 2) {
    if (take(bounded, { offset: at + (at % 3), text: 'ab' }) === Fragment.overflow) break;
    took++;
    t.ok(bounded.byteLength + bounded.heldBytes <= 100);
  }
  t.ok(took > 5 && took < 100, 'too much is refused');
  const holes = new AppendText(ROOMY);
  let held = 0;
  while (take(holes, { offset: 10 + held * 10, text: 'ab' }) === Fragment.held) held++;
  t.equal(held, 64, 'so are too many pieces beyond gaps');
});
