import t from 'tap';
import { freshSecret } from './fresh-secret.ts';

t.test('CTRL-1 no byte of a secret is used twice, wherever the draws begin and end', async (t) => {
  // Sixteen bytes do not come twice by chance; two secrets that overlapped would have most of their bytes in common.
  const windows = new Set<string>();
  let count = 0;
  for (let draw = 0; draw < 2000; draw++) {
    const bytes = 16 + (draw % 7);
    const secret = Buffer.from(freshSecret(bytes), 'base64url');
    t.equal(secret.length, bytes);
    for (let at = 0; at + 16 <= bytes; at++, count++) windows.add(secret.toString('latin1', at, at + 16));
  }
  t.equal(windows.size, count);
});

t.test('CTRL-1 a length that makes no sense is refused', async (t) => {
  for (const bytes of [0, -1, 5000, Number.NaN]) t.throws(() => freshSecret(bytes), /expected 1 to 4096 bytes/);
});
