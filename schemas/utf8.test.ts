import * as buffer from 'node:buffer';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { decodesAsUtf8, isUtf8, isUtf8Between } from './utf8.ts';

t.test('WIRE-18 the browser check of UTF-8 and the one of Node agree on any bytes', async (t) => {
  t.equal(isUtf8, buffer.isUtf8, 'Node uses its own');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => decodesAsUtf8(bytes) === isUtf8(bytes)),
    { numRuns: 2000 },
  );
  for (const text of ['', 'plain', 'grüße', '\u{1f600}', '\ufeff']) t.ok(decodesAsUtf8(Buffer.from(text)), text);
  for (const bytes of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80]]) {
    t.notOk(decodesAsUtf8(Uint8Array.from(bytes)), bytes.join());
  }
});

t.test('WIRE-5 a part of a frame is text exactly when it would be by itself', async (t) => {
  const told = { text: 0, none: 0 };
  const ascii = fc.integer({ min: 60, max: 70 }).map((length) => Buffer.alloc(length, 'plain '));
  const others = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
  );
  const piece = fc.oneof(ascii, others);
  fc.assert(
    fc.property(piece, piece, piece, (before, between, behind) => {
      const bytes = Buffer.concat([before, between, behind]);
      for (const [start, end] of [
        [before.length, before.length + between.length],
        [0, before.length + between.length],
        [before.length, bytes.length],
      ] as const) {
        const alone = isUtf8(bytes.subarray(start, end));
        if (isUtf8Between(bytes, start, end) !== alone) return false;
        told[alone ? 'text' : 'none']++;
      }
      return true;
    }),
    { numRuns: 3000 },
  );
  t.ok(told.text > 1000 && told.none > 1000, 'both came', { found: told });
});

t.test('WIRE-18 what speaks frames imports nothing a browser has not', async (t) => {
  t.strictSame(foreignImports('frame-codec.ts'), ['protobufjs/minimal.js']);
});

t.test('CLIENT-35 the client library, protobuf left aside, imports nothing that is not its own', async (t) => {
  t.strictSame(foreignImports('../gateway/client/sluice-client.ts'), []);
});

/** What the file, and everything it imports of ours, imports of others. Imports on demand are not followed. */
function foreignImports(file: string): string[] {
  const seen = new Set<string>();
  const foreign = new Set<string>();
  const follow = (url: URL): void => {
    if (seen.has(url.href) || url.href.endsWith('.json')) return;
    seen.add(url.href);
    const code = readFileSync(url, 'utf8');
    for (const [, typeOnly, from] of code.matchAll(/^(?:import|export)( type)?\b[^;]*?from ['"]([^'"]+)['"]/gm)) {
      if (typeOnly) continue;
      if (from!.startsWith('.')) follow(new URL(from!, url));
      else foreign.add(from!);
    }
  };
  follow(new URL(file, import.meta.url));
  if (seen.size < 15) throw new Error(`only ${seen.size} files were followed from ${file}`);
  return [...foreign];
}
