/** What batches between processes of the gateway say of their frames' classes. */
import fc from 'fast-check';
import t from 'tap';
import { proto } from '../../schemas/proto.ts';
import { DEFAULT_POLICY } from '../config/default-policy.ts';
import { hopClasses, hopFields } from './hop-classes.ts';

const METADATA = DEFAULT_POLICY.classes.flatMap(({ plane }, index) => (plane === 'metadata' ? [index] : []));
const frames = (count: number) => Array.from({ length: count }, () => new Uint8Array([8, 76]));

t.test('META-61 what one process says of classes, another reads, though it numbers them otherwise', async (t) => {
  const reversed = { version: DEFAULT_POLICY.version, classes: [...DEFAULT_POLICY.classes].reverse() };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...METADATA), { maxLength: 64 }), (classes) => {
      const batch = { frames: frames(classes.length), ...hopFields(DEFAULT_POLICY, classes) };
      const bytes = proto.NodeBatch.encode(batch).finish();
      const read = hopClasses(reversed, proto.NodeBatch.decode(bytes));
      const names = read?.map((index) => reversed.classes[index]!.name);
      return JSON.stringify(names) === JSON.stringify(classes.map((index) => DEFAULT_POLICY.classes[index]!.name));
    }),
    { verbose: 1 },
  );
  t.pass();
});

t.test('META-61 nothing is read from a batch that does not fit', async (t) => {
  const [first] = METADATA;
  const batch = { frames: frames(2), ...hopFields(DEFAULT_POLICY, [first!, first!]) };
  t.same(hopClasses(DEFAULT_POLICY, batch), [first, first]);
  t.equal(hopClasses({ ...DEFAULT_POLICY, version: 99 }, batch), null, 'another policy');
  t.equal(hopClasses(DEFAULT_POLICY, { ...batch, frames: frames(3) }), null, 'not as many classes as frames');
  t.equal(hopClasses(DEFAULT_POLICY, { ...batch, classes: [0, 7] }), null, 'a place without a name');
  t.equal(hopClasses(DEFAULT_POLICY, { ...batch, classNames: ['nonsense'] }), null, 'an unknown class');
  t.equal(hopClasses(DEFAULT_POLICY, { ...batch, classNames: ['call-setup'] }), null, 'a class of signalling');
  t.equal(hopClasses(DEFAULT_POLICY, { frames: frames(2) }), null, 'nothing said');
  t.same(hopFields(DEFAULT_POLICY, [-1]), {}, 'nothing to say of a frame without a class');
});

t.test('WIRE-7 a batch with classes is written as on the day it was recorded', async (t) => {
  const batch = {
    frames: [Uint8Array.of(8, 76)],
    session: 's',
    policyVersion: 7,
    classNames: ['premium'],
    classes: [0],
  };
  const bytes = proto.NodeUp.encode({ batch }).finish();
  t.equal(Buffer.from(bytes).toString('hex'), '12150a02084c120173180722077072656d69756d2a0100');
});
