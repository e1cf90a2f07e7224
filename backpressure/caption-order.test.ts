import fc from 'fast-check';
import t from 'tap';
import { type CaptionVersion, captionOrder } from './caption-order.ts';

interface Version extends CaptionVersion {
  readonly text: string;
}

const version: fc.Arbitrary<Version> = fc.record({
  epoch: fc.nat(2),
  final: fc.boolean(),
  revision: fc.nat(4),
  text: fc.constantFrom('a', 'b', 'c'),
});

function merged(versions: readonly Version[]): Version {
  return versions.reduce((current, next) => {
    const order = captionOrder(next.epoch, next.final, next.revision, current) || (next.text > current.text ? 1 : -1);
    return order > 0 ? next : current;
  });
}

t.test('META-31 partials end in the same state in any order and however often they come', async (t) => {
  const partials = fc.array(version, { minLength: 1, maxLength: 8 });
  const orders = partials.chain((versions) => {
    const interims = versions.map((one) => ({ ...one, final: false }));
    const again = fc.array(fc.constantFrom(...interims), { maxLength: 8 });
    const shuffled = again.chain((more) => {
      const all = [...interims, ...more];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });
    return fc.tuple(fc.constant(interims), shuffled);
  });
  fc.assert(
    fc.property(orders, ([once, shuffled]) => {
      const [expected, got] = [merged(once), merged(shuffled)];
      return JSON.stringify(expected) === JSON.stringify(got);
    }),
    { numRuns: 3000, verbose: 1 },
  );
  t.pass('idempotent, commutative and associative');
});

t.test('META-31 a final freezes its epoch; only a higher epoch corrects it', async (t) => {
  fc.assert(
    fc.property(version, version, (frozen, next) => {
      const order = captionOrder(next.epoch, next.final, next.revision, { ...frozen, final: true });
      return order > 0 === next.epoch > frozen.epoch && order !== 0;
    }),
    { numRuns: 2000, verbose: 1 },
  );
  t.pass('a second final included');
});
