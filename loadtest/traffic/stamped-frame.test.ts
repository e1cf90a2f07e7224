import t from 'tap';
import { decodeFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { StampScan, stamp, stampedFrame, TRAFFIC_CLASSES } from './stamped-frame.ts';

t.test('LOAD-18 a stamped frame of any class is a frame, says when it was due, and is found with its class', (t) => {
  const scan = new StampScan();
  for (const [classIndex, name] of TRAFFIC_CLASSES.entries()) {
    const frame = stampedFrame(classIndex, 7);
    for (const dueMs of [5_000_000.25, 5_001_234.5]) {
      stamp(frame, dueMs);
      t.ok(scan.find(frame.bytes, 2, frame.bytes.length), `${name} is found`);
      t.strictSame([scan.classIndex, scan.dueMs], [classIndex, dueMs]);
      const decoded = decodeFrame(frame.bytes, false);
      t.notOk(isFrameError(decoded), `${name} decodes`);
      if (!isFrameError(decoded) && decoded.caption) {
        t.equal(decoded.caption.segment, 2_097_152 + Math.floor(dueMs / 1000), 'a segment each second');
      }
    }
  }
  t.notOk(scan.find(clientFrame('a frame of somebody else @x'), 0, 30));
  t.end();
});
