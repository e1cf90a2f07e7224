/** A fragment of an appended caption, as found in the frame that brought it. */
import type { Arrival } from '../rooms/arrival.ts';
import { SegmentState } from '../texts/appended-content.ts';
import { Ending, TextPart } from '../texts/text-part.ts';
import { CAPTION } from './caption-streams.ts';

const CHANGING =
  (1 << CAPTION.offset) | (1 << CAPTION.text) | (1 << CAPTION.state) | (1 << CAPTION.totalLen) | (1 << CAPTION.hash);
const part = new TextPart(CHANGING);

/** Reads the caption; what is returned is good until the next call. */
export function readCaptionPart({ source, walk }: Arrival): TextPart {
  const state = walk.uint32(CAPTION.state);
  part.locate(source, walk, CAPTION.offset, CAPTION.text);
  part.ending = !walk.final ? Ending.none : state > SegmentState.completed ? Ending.cut : Ending.whole;
  part.state = state === SegmentState.open ? SegmentState.completed : state;
  part.total = walk.has(CAPTION.totalLen) ? walk.uint32(CAPTION.totalLen) : part.reach;
  part.hash = walk.has(CAPTION.hash) ? walk.uint32(CAPTION.hash) : -1;
  return part;
}

/** Whether the fragment is all there is of its segment. */
export function isWhole(part: TextPart): boolean {
  return (
    part.ending !== Ending.none &&
    part.offset === 0 &&
    (part.ending === Ending.cut || part.total === part.reach) &&
    part.hash < 0
  );
}
