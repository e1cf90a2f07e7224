/** Golden frames: what went over the wire once must always be read, and written, the same way. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { decodeFrame, encodeFrame, isFrameError } from './frame-codec.ts';
import { KIND_NAMES, Kind } from './kinds.ts';
import type { Frame } from './proto.ts';

interface Golden {
  readonly frame: { readonly kind: number };
  readonly hex: string;
  readonly json: string;
}
const goldens = JSON.parse(readFileSync(new URL('fixtures/golden.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Golden>
>;

for (const [name, golden] of Object.entries(goldens)) {
  t.test(`WIRE-7 golden frame: ${name}`, async (t) => {
    const fromBytes = decodeFrame(Buffer.from(golden.hex, 'hex'), false, true);
    const fromJson = decodeFrame(golden.json, true, true);
    t.notOk(isFrameError(fromBytes), 'the bytes decode', { found: fromBytes });
    t.strictSame(plain(fromBytes), plain(golden.frame), 'to the frame recorded');
    t.strictSame(fromJson, fromBytes, 'and the JSON to the same');
    const bytes = encodeFrame(fromBytes as Frame, false) as Uint8Array;
    t.equal(Buffer.from(bytes).toString('hex'), golden.hex, 'which encodes to the same bytes');
    t.equal(encodeFrame(fromBytes as Frame, true), golden.json, 'and the same JSON');
    t.equal(KIND_NAMES[golden.frame.kind], name.split(',')[0], 'of the kind it is listed under');
  });
}

t.test('WIRE-7 every kind has a golden frame', async (t) => {
  const covered = new Set(Object.values(goldens).map((golden) => golden.frame.kind));
  for (const [name, kind] of Object.entries(Kind)) {
    if (kind !== Kind.none) t.ok(covered.has(kind), name);
  }
});

/**
 * The frame as JSON.stringify shows it, bytes in base64, without empty lists and maps: a message has those of every
 * field, of one that was added later too.
 */
function plain(frame: unknown): unknown {
  const shown = (_: string, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0 ? undefined : value;
  };
  return JSON.parse(JSON.stringify(frame, shown));
}
