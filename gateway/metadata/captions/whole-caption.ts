/** Makes an interim that its publisher sent as a difference whole again. */
import { applyDelta } from '../../../backpressure/caption-delta.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Arrival } from '../rooms/arrival.ts';
import { payloadBytes, payloadIsUtf8 } from '../rooms/payload-walk.ts';
import type { RoomFrame } from '../rooms/room-frame.ts';
import { bytesField, payloadWith } from '../rooms/wire-fields.ts';
import { CAPTION } from './caption-streams.ts';

const DIFFERENCE = (1 << CAPTION.text) | (1 << CAPTION.keepPrefix) | (1 << CAPTION.baseRevision);
const HEAD = Buffer.from([0x08, Kind.caption]);

const whole = new Arrival();

/**
 * The difference as a frame with all of its text; good until the next call. Null where `base`, the newest interim of its
 * segment, is not the version it is to.
 */
export function wholeCaption(base: RoomFrame | null, difference: Arrival): Arrival | null {
  const { source, walk } = difference;
  if (base === null || base.epoch !== walk.uint32(CAPTION.epoch)) return null;
  if (base.revision !== walk.uint32(CAPTION.baseRevision) || !payloadIsUtf8(base)) return null;
  const suffix = walk.has(CAPTION.text)
    ? source.subarray(walk.start[CAPTION.text]!, walk.end[CAPTION.text]!)
    : HEAD.subarray(2);
  const text = applyDelta(payloadBytes(base, CAPTION.text), walk.uint32(CAPTION.keepPrefix), suffix);
  if (text === null) return null;
  const payload = source.subarray(walk.payloadStart, walk.bodyEnd);
  const bytes = Buffer.concat([HEAD, payloadWith(payload, DIFFERENCE, bytesField(CAPTION.text, text))]);
  whole.walk.frame(bytes, 0, bytes.length);
  whole.walk.payload(bytes);
  return whole.of(difference.publisher, bytes, difference.classIndex, difference.moment);
}
