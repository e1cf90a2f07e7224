import fc from 'fast-check';
import t from 'tap';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { Outbox } from './outbox.ts';

const event = (sdpBytes: number): Frame => ({ kind: Kind.offer, offer: { sdp: 'x'.repeat(sdpBytes) } });

t.test('CTRL-13 an outbox keeps the newest events, numbered without gaps, within its bounds', async () => {
  const step = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constant('age' as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), fc.nat(700), (steps, lastSeq) => {
      const outbox = new Outbox();
      const all: Frame[] = [];
      for (const size of steps) {
        if (size === 'age') outbox.age();
        else {
          all.push(event(size));
          if (outbox.add(all.at(-1)!) !== all.length) return false;
        }
      }
      const missed = outbox.after(lastSeq);
      if (lastSeq > all.length) return missed === null;
      if (missed === null) return lastSeq < all.length;
      const bytes = missed.reduce((sum, frame) => sum + frame.offer!.sdp!.length, 0);
      return missed.length <= 256 && bytes <= 131_072 && missed.every((frame, at) => frame === all[lastSeq + at]);
    }),
  );
});

t.test('CTRL-13 ageing drops what was there at the time before', async (t) => {
  const outbox = new Outbox();
  outbox.add(event(1));
  outbox.age();
  outbox.add(event(2));
  t.equal(outbox.after(0)?.length, 2);
  outbox.age();
  t.equal(outbox.after(0), null);
  t.equal(outbox.after(1)?.length, 1);
  outbox.age();
  t.equal(outbox.after(1), null);
  t.same(outbox.after(2), []);
  t.equal(outbox.add(event(3)), 3);
});
