/** Both encodings say the same, refuse alike and never throw at what arrives. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { ALL_KINDS, arbitraryFrame, arbitraryFrameOf } from './arbitrary-frame.ts';
import { CloseCode } from './close-codes.ts';
import { decodeFrame, encodeBinaryFrame, encodeFrame, isFrameError } from './frame-codec.ts';
import { KIND_NAMES, Kind } from './kinds.ts';
import { type Frame, proto } from './proto.ts';

for (const kind of ALL_KINDS) {
  t.test(`WIRE-13 ${KIND_NAMES[kind]} frames come back the same from either encoding`, async () => {
    fc.assert(
      fc.property(arbitraryFrameOf(kind, true), (frame) => {
        for (const json of [false, true]) {
          const decoded = decodeFrame(encodeFrame(frame, json), json, true);
          if (isFrameError(decoded)) throw new Error(decoded.message);
          if (!same(decoded, frame)) return false;
        }
        return true;
      }),
      { numRuns: 30 },
    );
  });
}

t.test('WIRE-13 what a client sends is read the same from either encoding', async () => {
  fc.assert(
    fc.property(arbitraryFrame(false), (frame) => {
      const binary = decodeFrame(encodeFrame(frame, false), false);
      const json = decodeFrame(encodeFrame(frame, true), true);
      return !isFrameError(binary) && same(binary, json);
    }),
  );
});

t.test('WIRE-5 no bytes make decoding throw', async () => {
  const changes = fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(arbitraryFrame(false), changes, fc.boolean(), fc.boolean(), (frame, list, json, trusted) => {
      const encoded = encodeFrame(frame, json);
      const bytes = Buffer.from(encoded as string);
      for (const { at, value } of list) bytes[at % bytes.length] = value;
      const decoded = decodeFrame(bytes, json, trusted);
      return isFrameError(decoded) ? decoded.message.length > 0 : decoded.kind !== 0;
    }),
    { numRuns: 2000 },
  );
});

const refusals: readonly (readonly [title: string, hex: string, code: CloseCode, says: RegExp])[] = [
  ['WIRE-1 an empty message', '', CloseCode.badFrame, /first two bytes/],
  ['WIRE-1 an unknown kind', '087f', CloseCode.badFrame, /known kind/],
  ['WIRE-1 a second kind', '08400840820500', CloseCode.badFrame, /one payload of caption/],
  ['WIRE-2 the payload of another kind', '08408a0500', CloseCode.kindMismatch, /caption in field 80/],
  ['WIRE-2 two payloads', '0840820500820500', CloseCode.badFrame, /one payload/],
  ['WIRE-3 final on a ping', '080f1001fa0100', CloseCode.badFrame, /first two bytes/],
  ['WIRE-4 a sender of its own choosing', '08401a03616e6e820500', CloseCode.badFrame, /nothing but final/],
  ['WIRE-5 a string where a number belongs', '0840820503120161', CloseCode.badFrame, /wire types/],
  ['WIRE-5 text that is not UTF-8', '08408205033a01ff', CloseCode.badFrame, /caption: /],
  ['WIRE-6 a nested batch', '082292030712050822920300', CloseCode.badFrame, /must not hold a batch/],
  ['WIRE-6 a number on a client batch', '08229203050d01000000', CloseCode.badFrame, /frames\[0\]/],
];
for (const [title, hex, closeCode, says] of refusals) {
  t.test(`${title} is refused`, async (t) => {
    const result = decodeFrame(Buffer.from(hex, 'hex'), false);
    t.match(result, { error: true, closeCode, message: says });
  });
}

t.test('WIRE-6 a 65th frame is refused, by client and gateway alike', async (t) => {
  const frames = Array.from({ length: 65 }, () => ({ kind: Kind.gauge, gauge: { key: 'cpu' } }));
  const batch = (count: number) => encodeBinaryFrame({ kind: Kind.batch, batch: { frames: frames.slice(0, count) } });
  for (const trusted of [false, true]) {
    t.match(decodeFrame(batch(65), false, trusted), { error: true, message: /at most 64/ });
    t.notOk(isFrameError(decodeFrame(batch(64), false, trusted)));
  }
});

t.test('WIRE-2 a frame from the gateway has one payload, that of its kind, too', async (t) => {
  const hexes = {
    '0840820500820500': 4001,
    '08408a0500': 4004,
    '0840': 4001,
    '08400840820500': 4001,
    '08408205ff': 4001,
  };
  for (const [hex, closeCode] of Object.entries(hexes)) {
    t.match(decodeFrame(Buffer.from(hex, 'hex'), false, true), { error: true, closeCode }, hex);
  }
  const inner = proto.Batch.encode({ frames: [{ kind: Kind.caption, gauge: {} }] }).finish();
  const bytes = Buffer.concat([Buffer.from('08229203', 'hex'), Buffer.from([inner.length]), inner]);
  t.match(decodeFrame(bytes, false, true), { error: true, closeCode: 4004 }, 'inside a batch');
});

t.test('WIRE-16 a decoded frame owns its bytes', async (t) => {
  const batch: Frame = {
    kind: Kind.batch,
    batch: { frames: [{ kind: Kind.presence, presence: { key: 'hand', value: Buffer.from('up') } }] },
  };
  const bytes = Buffer.from(encodeBinaryFrame(batch));
  const frame = decodeFrame(bytes, false) as Frame;
  bytes.fill(0);
  t.equal(Buffer.from(frame.batch!.frames![0]!.presence!.value!).toString(), 'up');
});

t.test('WIRE-16 fields the schema does not have are dropped, not kept as views', async (t) => {
  const known = encodeBinaryFrame({ kind: Kind.caption, caption: { stream: 'mic' } });
  const unknown = Buffer.concat([known, Buffer.from('fa0101ff', 'hex')]); // field 31, one byte
  unknown[4]! += 4;
  const frame = decodeFrame(unknown, false) as Frame;
  t.notOk(isFrameError(frame), 'a newer client is understood', { found: frame });
  t.strictSame(Buffer.from(encodeBinaryFrame(frame)), Buffer.from(known));
});

t.test('WIRE-1 kind leads, final follows, and only on captions', async (t) => {
  const caption = encodeBinaryFrame({ final: true, from: 'ann', caption: {}, kind: Kind.caption });
  t.equal(Buffer.from(caption).toString('hex').slice(0, 10), '084010011a');
  const ping = encodeBinaryFrame({ kind: Kind.ping, final: true, ping: {} });
  t.equal(Buffer.from(ping).toString('hex'), '080ffa0100');
});

t.test('WIRE-1 a frame without the payload of its kind is not encoded', async (t) => {
  for (const json of [false, true]) {
    t.throws(() => encodeFrame({ kind: Kind.caption, gauge: {} }, json), /a frame of kind caption without its payload/);
    t.throws(() => encodeFrame({ ping: {} }, json), /without its payload/);
  }
});

/** Equal, prototypes and the kind of byte array aside. */
function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
