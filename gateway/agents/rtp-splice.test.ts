import fc from 'fast-check';
import t from 'tap';
import { RtpSplice } from './rtp-splice.ts';
import { startsVp8Keyframe } from './vp8-keyframe.ts';

t.test('NODE-28 whatever pieces a stream is made of, the receiver sees numbers that go on by one', async () => {
  const piece = fc.record({
    sequence: fc.integer({ min: 0, max: 0xffff }),
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
    length: fc.integer({ min: 1, max: 300 }),
    pauseMs: fc.integer({ min: 0, max: 100_000 }),
  });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const splice = new RtpSplice(90_000);
      let nowMs = 0;
      let last: { sequence: number; timestamp: number } | null = null;
      for (const { sequence, timestamp, length, pauseMs } of pieces) {
        splice.cut();
        nowMs += pauseMs;
        for (let index = 0; index < length; index++) {
          nowMs += 20;
          const accepted = splice.rewrite((sequence + index) & 0xffff, (timestamp + index * 1800) >>> 0, nowMs);
          if (!accepted) return false;
          if (last && splice.sequenceNumber !== ((last.sequence + 1) & 0xffff)) return false;
          // Time goes on too: by less than half the number space, so that it counts as later.
          if (last && ((splice.timestamp - last.timestamp) >>> 0) - 1 >= 0x7fff_ffff) return false;
          last = { sequence: splice.sequenceNumber, timestamp: splice.timestamp };
        }
      }
      return true;
    }),
  );
});

t.test('NODE-28 losses and reordering within a piece stay visible; packets from before it are refused', async (t) => {
  const splice = new RtpSplice(48_000);
  const out: (number | null)[] = [];
  const send = (sequence: number) =>
    out.push(splice.rewrite(sequence, sequence * 960, sequence) ? splice.sequenceNumber : null);
  for (const sequence of [100, 101, 103, 102, 106]) send(sequence);
  splice.cut();
  for (const sequence of [500, 499, 501, 503, 502]) send(sequence);
  t.same(out, [100, 101, 103, 102, 106, 107, null, 108, 110, 109]);
});

t.test('NODE-28 a piece may be longer than the number space', async (t) => {
  const splice = new RtpSplice(48_000);
  let refused = 0;
  for (let index = 0; index < 200_000; index++) if (!splice.rewrite(index & 0xffff, index * 960, index * 20)) refused++;
  t.equal(refused, 0);
});

t.test('NODE-21 a keyframe is known by its first packet, with or without picture numbers', async (t) => {
  const cases: [number[], boolean][] = [
    [[0x10, 0x00], true],
    [[0x10, 0x01], false],
    [[0x00, 0x00], false],
    [[0x11, 0x00], false],
    [[0x90, 0x80, 0x05, 0x00], true],
    [[0x90, 0x80, 0x85, 0x01, 0x00], true],
    [[0x90, 0x80, 0x85, 0x01, 0x01], false],
    [[0x90, 0xe0, 0x85, 0x01, 0x02, 0x03, 0x00], true],
    [[0x90, 0x30, 0x03, 0x00], true],
    [[0x90], false],
    [[0x10], false],
    [[], false],
  ];
  for (const [bytes, keyframe] of cases) t.equal(startsVp8Keyframe(Uint8Array.from(bytes)), keyframe, String(bytes));
});
