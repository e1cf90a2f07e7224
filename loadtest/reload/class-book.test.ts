/** The check itself, on counts whose answer is known. */
import fc from 'fast-check';
import t from 'tap';
import { ClassBook, classBounds, outsideBounds } from './class-book.ts';

const A = ['x', 'y', 'z'];
const B = ['x', 'z', 'y'];

function bookOf(frames: readonly (readonly [sort: number, name: string])[]): ClassBook {
  const book = new ClassBook(3);
  // One buffer for all, as frames come from a socket.
  const bytes = Buffer.alloc(16);
  for (const [sort, name] of frames) book.count(sort, bytes, 2, 2 + bytes.write(name, 2));
  return book;
}

t.test('LOAD-30 a frame is misclassified when its class is that of no policy that was in force', async (t) => {
  const seen = bookOf([
    [0, 'x'],
    [1, 'y'],
    [1, 'z'],
    [2, 'y'],
  ]);
  t.equal(seen.misclassified([A, B]), 0);
  t.equal(seen.misclassified([A]), 2);
  t.equal(seen.misclassified([B]), 1);
  t.equal(seen.total, 4);
  t.strictSame(seen.byClass, { x: 1, y: 2, z: 1 });
  t.equal(bookOf([[0, 'xx']]).misclassified([A, B]), 1, 'a name that only begins like it');
  t.equal(bookOf([[0, '']]).misclassified([A, B]), 1, 'none at all');
  t.throws(() => bookOf([[3, 'x']]), /expected a sort below 3, got 3/);
});

t.test('LOAD-30 the split of frames that are each judged by one policy is within the bounds of both', async (t) => {
  const frames = fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 40 });
  fc.assert(
    fc.property(frames, (judged) => {
      const written = [0, 0, 0];
      const offered: Record<string, number> = {};
      for (const [sort, byA] of judged) {
        written[sort]! += 1;
        const name = (byA ? A : B)[sort]!;
        offered[name] = (offered[name] ?? 0) + 1;
      }
      return outsideBounds(offered, classBounds(written, [A, B])) === 0;
    }),
  );
  const bounds = classBounds([5, 2, 1], [A, B]);
  t.strictSame(bounds, { x: [5, 5], y: [0, 3], z: [0, 3] });
  t.equal(outsideBounds({ x: 4, y: 4, w: 1 }, bounds), 3, 'one below, one above, one where nothing may be');
});
