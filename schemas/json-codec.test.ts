import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { arbitraryFrame } from './arbitrary-frame.ts';
import { decodeFrame, isFrameError } from './frame-codec.ts';
import { decodeJsonFrame, encodeJsonFrame } from './json-codec.ts';
import { SHAPES } from './json-shape.ts';
import { PLAIN_CLASSES } from './plain-classes.ts';
import type { Frame } from './proto.ts';
import { PROTO_CLASSES } from './proto-classes.ts';

t.test(
  'WIRE-19 frames of plain objects hold what frames of generated classes hold, and are written alike',
  async () => {
    fc.assert(
      fc.property(arbitraryFrame(true), (frame) => {
        const text = encodeJsonFrame(frame);
        const plain = decodeJsonFrame(text, true);
        return (
          !isFrameError(plain) &&
          isDeepStrictEqual(bare(plain), bare(decodeFrame(text, true, true))) &&
          encodeJsonFrame(plain) === text
        );
      }),
      { numRuns: 500 },
    );
  },
);

t.test('WIRE-19 what is refused is refused alike', async () => {
  const changes = fc.array(fc.record({ at: fc.nat(), value: fc.nat(127) }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(arbitraryFrame(false), changes, fc.boolean(), (frame, list, trusted) => {
      const bytes = Buffer.from(encodeJsonFrame(frame));
      for (const { at, value } of list) bytes[at % bytes.length] = value;
      return isDeepStrictEqual(bare(decodeJsonFrame(bytes, trusted)), bare(decodeFrame(bytes, true, trusted)));
    }),
    { numRuns: 1000 },
  );
});

t.test('WIRE-19 an empty message reads as the schema says, and shares nothing with the next', async (t) => {
  for (const { name, index, fields } of SHAPES) {
    const plain = new PLAIN_CLASSES[index]!();
    const generated = new PROTO_CLASSES[index]!();
    for (const field of fields) {
      const [found, expected] = [plain[field.name], generated[field.name]];
      t.strictSame(bare(found), bare(expected), `${name}.${field.name}`);
      const shared = typeof found === 'object' && found !== null && found === new PLAIN_CLASSES[index]!()[field.name];
      t.notOk(shared && !Object.isFrozen(found) && !(found instanceof Uint8Array), `${name}.${field.name} is its own`);
    }
  }
});

t.test('WIRE-19 the JSON codec imports no library and no generated code but the field table', async (t) => {
  const files = new Set<string>();
  const follow = (url: URL): void => {
    if (files.has(url.href)) return;
    files.add(url.href);
    for (const [, typeOnly, from = ''] of readFileSync(url, 'utf8').matchAll(IMPORTS)) {
      if (typeOnly) continue;
      t.ok(from.startsWith('.'), `${url.pathname.replace(/^.*\/schemas/, 'schemas')} imports ${from}`);
      if (from.startsWith('.')) follow(new URL(from, url));
    }
  };
  follow(new URL('json-codec.ts', import.meta.url));
  t.ok(files.size > 10, `${files.size} files were followed`);
  const generated = [...files].filter((file) => file.includes('/generated/'));
  t.match(generated, [/field-table\.ts$/]);
  t.equal(generated.length, 1);
});

const IMPORTS = /^(?:import|export)( type)?\b[^;]*?from ['"]([^'"]+)['"]/gm;

/** A value without its prototypes, and bytes as an array. */
function bare(value: Frame | unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, bare(member)]));
}
