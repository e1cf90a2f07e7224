/** The generated files are those the .proto files give today. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { generate } from './generate.ts';

t.test('WIRE-17 the generated code is not stale', async (t) => {
  const fresh = mkdtempSync(join(tmpdir(), 'sluice-generated-'));
  t.teardown(() => rmSync(fresh, { recursive: true }));
  generate(fresh);
  const kept = fileURLToPath(new URL('generated', import.meta.url));
  t.same(readdirSync(kept).sort(), readdirSync(fresh).sort(), 'the same files');
  for (const file of readdirSync(fresh)) {
    const same = readFileSync(join(kept, file), 'utf8') === readFileSync(join(fresh, file), 'utf8');
    t.ok(same, `${file} is fresh; if not, run: npm run generate`);
  }
});
