/** The JSON peek reads the kind wherever the decoder would, and nowhere else. */
import fc from 'fast-check';
import t from 'tap';
import { arbitraryFrame, arbitraryFrameOf } from './arbitrary-frame.ts';
import { decodeFrame, encodeFrame, isFrameError } from './frame-codec.ts';
import { PEEK_MALFORMED } from './frame-peek.ts';
import { mayHoldFinal, peekJsonFrame } from './json-peek.ts';
import { KIND_NAMES, Kind } from './kinds.ts';

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 });

t.test('WIRE-14 the peek tells the kind of every JSON frame, whatever the white space', async () => {
  fc.assert(
    fc.property(arbitraryFrame(false), fc.array(space, { minLength: 6, maxLength: 6 }), (frame, gaps) => {
      const word = KIND_NAMES[frame.kind!]!;
      const head = `${gaps[0]}{${gaps[1]}"kind"${gaps[2]}:${gaps[3]}"${word}"${gaps[4]}`;
      const text = head + (encodeFrame(frame, true) as string).slice(`{"kind":"${word}"`.length) + gaps[5];
      const peeked = peekJsonFrame(Buffer.from(text));
      return peeked === frame.kind && !isFrameError(decodeFrame(text, true));
    }),
  );
});

t.test('WIRE-14 what the peek refuses, the decoder refuses', async (t) => {
  let refused = 0;
  fc.assert(
    fc.property(
      arbitraryFrame(false),
      fc.nat(24),
      fc.constantFrom(...' "\\:{},kindjo'.split('')),
      (frame, at, character) => {
        const text = encodeFrame(frame, true) as string;
        const broken = Buffer.from(text.slice(0, at) + character + text.slice(at + 1));
        const decoded = decodeFrame(broken, true);
        if (peekJsonFrame(broken) !== PEEK_MALFORMED) {
          return isFrameError(decoded) || decoded.kind === peekJsonFrame(broken);
        }
        refused++;
        return isFrameError(decoded);
      },
    ),
    { numRuns: 1000 },
  );
  t.ok(refused > 100, `${refused} were refused`);
});

const malformed = [
  '',
  '{',
  '{"kind"',
  '{"kind":"',
  '{"kind":"caption',
  '{"kind":"caption"',
  '{"kind":"none"}',
  '{"kind":"captions"}',
  '{"kind":"aVeryLongWordThatIsNoKind"}',
  '{"kind":64}',
  '{"k\\u0069nd":"caption"}',
  '{"kind":"capt\\u0069on"}',
  '{"stream":"mic","kind":"caption"}',
  '[{"kind":"caption"}]',
];
for (const text of malformed) {
  t.test(`WIRE-14 the peek and the decoder refuse ${text || 'nothing'}`, async (t) => {
    t.equal(peekJsonFrame(Buffer.from(text)), PEEK_MALFORMED);
    t.ok(isFrameError(decodeFrame(text, true)));
  });
}

t.test('WIRE-14 a JSON caption in which "final" does not occur is an interim', async (t) => {
  let without = 0;
  fc.assert(
    fc.property(arbitraryFrameOf(Kind.caption, false), (frame) => {
      const text = (encodeFrame(frame, true) as string).replace('"final":false,', '');
      const may = mayHoldFinal(Buffer.from(text));
      if (!may) without++;
      return may === text.includes('"final"') && (may || !frame.final);
    }),
  );
  t.ok(without > 0, 'some were without');
  t.notOk(mayHoldFinal(Buffer.from('{"kind":"caption","text":"fina final ""l"')));
  t.ok(mayHoldFinal(Buffer.from('"final"')));
});
