/** Looks into the payload of a room's frame without decoding it. */
import { FrameWalk } from '../../../schemas/frame-walk.ts';
import type { RoomFrame } from './room-frame.ts';

const NOTHING = Buffer.alloc(0);
const walk = new FrameWalk();
/** `FrameWalk` reads whole frames; a room keeps payloads, so they are put behind a kind here first. */
let scratch = Buffer.allocUnsafeSlow(4096);

/** Whether every string of the payload is valid UTF-8. */
export function payloadIsUtf8(frame: RoomFrame): boolean {
  return walk.stringsAreUtf8(walkPayload(frame));
}

/** Strings of the payload, by field number; empty where it has none. */
export function payloadStrings(frame: RoomFrame, ...fields: readonly number[]): string[] {
  const bytes = walkPayload(frame);
  return fields.map((field) => (walk.has(field) ? bytes.toString('utf8', walk.start[field]!, walk.end[field]!) : ''));
}

/** The bytes of a string of the payload, empty where it has none; good until the next look at any payload. */
export function payloadBytes(frame: RoomFrame, field: number): Buffer {
  const bytes = walkPayload(frame);
  return walk.has(field) ? bytes.subarray(walk.start[field]!, walk.end[field]!) : NOTHING;
}

/** Walks the frame's payload and returns the bytes the findings refer to. */
function walkPayload(frame: RoomFrame): Buffer {
  const end = frame.length + 2;
  if (scratch.length < end) scratch = Buffer.allocUnsafeSlow(end * 2);
  scratch[0] = 0x08;
  scratch[1] = frame.kind;
  frame.payload.copy(scratch, 2, 0, frame.length);
  walk.frame(scratch, 0, end);
  walk.payload(scratch);
  return scratch;
}
