/**
 * Frames of every metadata class, encoded once, of which only the time they were due is written anew.
 *
 *     … '@' class digit, 13 digits: µs of the machine's clock, filler …
 *
 * The mark is in the text or payload, so whoever receives the frame finds it whatever the kind. A caption's segment is the
 * second it was due in, as people pause for breath; within one always the same revision is sent: of two the greater text
 * stands, which is the later stamp.
 */
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import { readStampMs, STAMP_DIGITS, writeStamp } from '../wire/caption-frame.ts';

/** Classes of the default policy, the most important first. */
export const TRAFFIC_CLASSES = ['premium', 'captions', 'standard', 'deferred'] as const;
export type TrafficClassName = (typeof TRAFFIC_CLASSES)[number];

const MARK = 0x40;
const DIGIT_0 = 0x30;
/** The least number that takes four bytes as a varint, and its bytes. */
const FIRST_SEGMENT = 2_097_152;
const FIRST_SEGMENT_BYTES = Uint8Array.of(0x80, 0x80, 0x80, 0x01);
/** As much as a sentence or two with what was found out about it. */
const FILLER = 'so the load goes on and on, '.repeat(12);

/** An encoded frame and where its stamp is. */
export interface StampedFrame {
  readonly bytes: Uint8Array;
  readonly stampAt: number;
  /** Where a caption's segment is, four bytes of varint; -1 of other frames. */
  readonly segmentAt: number;
}

/** The frame that agent number `agent` sends of the class with index `classIndex`; `fillers` make it longer, by 26 bytes each. */
export function stampedFrame(classIndex: number, agent: number, fillers = 1): StampedFrame {
  const mark = `@${classIndex}${'0'.repeat(STAMP_DIGITS)}${FILLER.repeat(fillers)}`;
  const bytes = proto.Frame.encode(frameOf(TRAFFIC_CLASSES[classIndex]!, mark, agent)).finish();
  return { bytes, stampAt: bytes.lastIndexOf(MARK) + 2, segmentAt: Buffer.from(bytes).indexOf(FIRST_SEGMENT_BYTES) };
}

/** Writes the time a frame was due, ms of the machine's clock. */
export function stamp(frame: StampedFrame, dueMs: number): void {
  const { bytes, stampAt, segmentAt } = frame;
  writeStamp(bytes, stampAt, dueMs);
  if (segmentAt < 0) return;
  const segment = FIRST_SEGMENT + (Math.floor(dueMs / 1000) % FIRST_SEGMENT);
  for (let index = 0; index < FIRST_SEGMENT_BYTES.length; index++) {
    const more = index < FIRST_SEGMENT_BYTES.length - 1 ? 0x80 : 0;
    bytes[segmentAt + index] = ((segment >>> (7 * index)) & 0x7f) | more;
  }
}

/** What a received frame says of itself in `bytes[start, end)`; false when it bears no stamp. */
export class StampScan {
  classIndex = 0;
  dueMs = 0;

  find(bytes: Uint8Array, start: number, end: number): boolean {
    for (
      let at = bytes.indexOf(MARK, start);
      at >= 0 && at + 2 + STAMP_DIGITS <= end;
      at = bytes.indexOf(MARK, at + 1)
    ) {
      this.classIndex = bytes[at + 1]! - DIGIT_0;
      if (this.classIndex < 0 || this.classIndex >= TRAFFIC_CLASSES.length) continue;
      this.dueMs = readStampMs(bytes, at + 2, end);
      if (this.dueMs >= 0) return true;
    }
    return false;
  }
}

function frameOf(name: TrafficClassName, mark: string, agent: number): Frame {
  switch (name) {
    case 'premium':
      // By a rule of the default policy. What is premium by its kind is never refused for overload, so it would show nothing.
      return { kind: Kind.custom, custom: { type: 'alert.load', payload: Buffer.from(mark) } };
    case 'captions':
      return { kind: Kind.caption, caption: { stream: `s${agent}`, segment: FIRST_SEGMENT, text: mark } };
    case 'standard':
      return { kind: Kind.custom, custom: { type: 'load', payload: Buffer.from(mark) } };
    case 'deferred':
      return { kind: Kind.summary, summary: { payload: Buffer.from(mark), model: 'm', modelVersion: '1' } };
  }
}
