import fc from 'fast-check';
import t from 'tap';
import { FrameWalk, WalkResult } from '../../schemas/frame-walk.ts';
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { captionBytes, captionText, readStampMs, writeCaption } from './caption-frame.ts';
import { clientFrame, frameSheet, Opcode } from './client-frame.ts';
import { DeliveryScan } from './delivery-scan.ts';
import { ServerFrames } from './server-frames.ts';

/** An unmasked server frame, by the book. */
function serverFrame(payload: Uint8Array, opcode: number): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >>> 8, length & 0xff])
        : Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0, length >>> 16, (length >>> 8) & 0xff, length & 0xff]);
  return Buffer.concat([head, payload]);
}

t.test('LOAD-5 a caption written by hand is the frame the general decoder reads', async (t) => {
  const text = captionText('s17', 40);
  const bytes = new Uint8Array(captionBytes(text));
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(70_000),
      fc.boolean(),
      fc.integer({ min: 0, max: 9e9 }),
      (segment, revision, final, us) => {
        const end = writeCaption(bytes, 0, text, segment, revision, final, us / 1000);
        const frame = proto.Frame.decode(bytes.subarray(0, end));
        const { caption } = frame;
        return (
          frame.kind === Kind.caption &&
          frame.final === final &&
          caption?.stream === 's17' &&
          caption.segment === segment &&
          caption.revision === revision &&
          Math.abs(readStampMs(Buffer.from(caption.text ?? ''), 0, 53) - us / 1000) < 0.002
        );
      },
    ),
  );
  const walk = new FrameWalk();
  const end = writeCaption(bytes, 0, text, 300, 59, true, 1);
  t.equal(walk.frame(bytes, 0, end), WalkResult.ok);
  t.equal(walk.payload(bytes), WalkResult.ok);
});

t.test('LOAD-5 client frames of every length class unmask to their payload', async (t) => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = Uint8Array.from({ length }, (_, index) => index);
    const frame = clientFrame(payload);
    const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    t.equal(frame.length, headerBytes + 4 + length);
    t.equal(frame[0], 0x80 | Opcode.binary);
    const mask = frame.subarray(headerBytes, headerBytes + 4);
    const unmasked = Uint8Array.from(frame.subarray(headerBytes + 4), (byte, index) => byte ^ mask[index & 3]!);
    t.ok(Buffer.from(unmasked).equals(Buffer.from(payload)), `${length} bytes`);
  }
  const sheet = frameSheet([Uint8Array.of(1), Uint8Array.of(2, 3)], 1000);
  t.ok(sheet.bytes.length >= 1000 && sheet.frames >= 1000 / 9);
});

t.test('LOAD-6 server frames come out whole whatever pieces TCP makes of them', async (t) => {
  const sizes = [0, 5, 125, 126, 3000, 70_000];
  const stream = Buffer.concat(sizes.map((size) => serverFrame(new Uint8Array(size).fill(size & 0xff), 2)));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1 }), (cuts) => {
      const seen: number[] = [];
      const frames = new ServerFrames({
        message: (bytes, start, end) => {
          seen.push(bytes.subarray(start, end).every((byte) => byte === ((end - start) & 0xff)) ? end - start : -1);
        },
        closing: () => {},
        pinged: () => {},
      });
      for (let at = 0, cut = 0; at < stream.length; cut++) {
        const end = at + cuts[cut % cuts.length]!;
        frames.push(stream.subarray(at, end));
        at = end;
      }
      t.equal(seen.join(), sizes.join());
    }),
    { numRuns: 30 },
  );
});

t.test('LOAD-6 what is left over is kept apart from the buffer it came in', async (t) => {
  const seen: string[] = [];
  const frames = new ServerFrames({
    message: (bytes, start, end) => void seen.push(Buffer.from(bytes.subarray(start, end)).toString()),
    closing: (code) => void seen.push(String(code)),
    pinged: () => void seen.push('ping'),
  });
  const whole = Buffer.concat([
    serverFrame(Buffer.from('hello'), 1),
    serverFrame(new Uint8Array(0), 9),
    serverFrame(Buffer.from([0x10, 0x21]), 8),
  ]);
  const first = Buffer.from(whole.subarray(0, 4));
  frames.push(first);
  first.fill(0);
  frames.push(whole.subarray(4));
  t.strictSame(seen, ['hello', 'ping', '4129']);
  t.throws(() => frames.push(Buffer.from([0x82, 0x80, 0, 0, 0, 0])), /masked/);
});

t.test('LOAD-6 a scan finds every caption of a batch, and what was set around it', async (t) => {
  const captions = Array.from({ length: 5 }, (_, revision) => ({
    kind: Kind.caption,
    final: revision === 4,
    from: 'agent-1',
    node: 'n',
    ts: 12.5,
    class: 'captions',
    caption: { stream: 's9', segment: 3, revision, text: 'so it goes', speaker: 'a' },
  }));
  const other = { kind: Kind.presence, from: 'x', presence: { key: 'k', value: Uint8Array.of(1) } };
  const batch = { kind: Kind.batch, batch: { number: 70_000, frames: [...captions, other] } };
  const bytes = proto.Frame.encode(batch).finish();
  const scan = new DeliveryScan();
  const seen: string[] = [];
  const count = scan.frames(bytes, 0, bytes.length, (from) => {
    if (scan.kind !== Kind.caption) {
      seen.push('other');
      return;
    }
    scan.caption(from);
    const text = Buffer.from(from.subarray(scan.textStart, scan.textEnd)).toString();
    const stream = Buffer.from(from.subarray(scan.streamStart, scan.streamEnd)).toString();
    seen.push(`${stream} ${scan.segment}.${scan.revision}${scan.final ? ' final' : ''} ${text}`);
  });
  t.equal(count, 6);
  t.equal(scan.batchNumber, 70_000);
  const interims = [0, 1, 2, 3].map((revision) => `s9 3.${revision} so it goes`);
  t.strictSame(seen, [...interims, 's9 3.4 final so it goes', 'other']);
  t.throws(() => scan.frames(bytes, 0, bytes.length - 2, () => {}), /cut off/);
});
