/** Makes an interim that its publisher sent as a difference whole again. */
import { applyDelta } from '../../backpressure/caption-delta.ts';
import { FrameWalk } from '../../schemas/frame-walk.ts';
import { Kind } from '../../schemas/kinds.ts';
import { CAPTION } from './caption-streams.ts';
import { payloadBytes, payloadIsUtf8 } from './payload-walk.ts';
import type { RoomFrame } from './room-frame.ts';
import { bytesField, payloadWith } from './wire-fields.ts';

const DIFFERENCE = (1 << CAPTION.text) | (1 << CAPTION.keepPrefix) | (1 << CAPTION.baseRevision);
const HEAD = Buffer.from([0x08, Kind.caption]);

const walk = new FrameWalk();

/**
 * The walked difference as a frame with all of its text, walked too; good until the next call. Null where `base`, the
 * newest interim of its segment, is not the version it is to.
 */
export function wholeCaption(
  base: RoomFrame | null,
  source: Buffer,
  difference: FrameWalk,
): { readonly bytes: Buffer; readonly walk: FrameWalk } | null {
  if (base === null || base.epoch !== difference.uint32(CAPTION.epoch)) return null;
  if (base.revision !== difference.uint32(CAPTION.baseRevision) || !payloadIsUtf8(base)) return null;
  const has = difference.has(CAPTION.text);
  const suffix = has
    ? source.subarray(difference.start[CAPTION.text]!, difference.end[CAPTION.text]!)
    : HEAD.subarray(2);
  const text = applyDelta(payloadBytes(base, CAPTION.text), difference.uint32(CAPTION.keepPrefix), suffix);
  if (text === null) return null;
  const payload = source.subarray(difference.payloadStart, difference.bodyEnd);
  const bytes = Buffer.concat([HEAD, payloadWith(payload, DIFFERENCE, bytesField(CAPTION.text, text))]);
  walk.frame(bytes, 0, bytes.length);
  walk.payload(bytes);
  return { bytes, walk };
}
