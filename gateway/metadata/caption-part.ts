/** A fragment of an appended caption, as found in a walked frame. */
import { codePoints } from '../../backpressure/code-points.ts';
import type { FrameWalk } from '../../schemas/frame-walk.ts';
import { SegmentState } from './appended-content.ts';
import { Ending, type Part } from './appended-texts.ts';
import { CAPTION } from './caption-streams.ts';

const CHANGING =
  (1 << CAPTION.offset) | (1 << CAPTION.text) | (1 << CAPTION.state) | (1 << CAPTION.totalLen) | (1 << CAPTION.hash);
const part: Part = {
  offset: 0,
  textStart: 0,
  textEnd: 0,
  ending: Ending.none,
  state: 0,
  reach: 0,
  total: 0,
  hash: -1,
  modelTokens: 0,
  changing: CHANGING,
};

/** Reads the walked caption; what is returned is good until the next call. */
export function readCaptionPart(source: Buffer, walk: FrameWalk): Part {
  const state = walk.uint32(CAPTION.state);
  const ends = walk.final;
  part.offset = walk.uint32(CAPTION.offset);
  part.textStart = walk.has(CAPTION.text) ? walk.start[CAPTION.text]! : 0;
  part.textEnd = walk.has(CAPTION.text) ? walk.end[CAPTION.text]! : 0;
  part.ending = !ends ? Ending.none : state > SegmentState.completed ? Ending.cut : Ending.whole;
  part.state = state === SegmentState.open ? SegmentState.completed : state;
  part.reach = part.offset + codePoints(source, part.textStart, part.textEnd);
  part.total = walk.has(CAPTION.totalLen) ? walk.uint32(CAPTION.totalLen) : part.reach;
  part.hash = walk.has(CAPTION.hash) ? walk.uint32(CAPTION.hash) : -1;
  return part;
}

/** Whether the fragment is all there is of its segment. */
export function isWhole(part: Part): boolean {
  return (
    part.ending !== Ending.none &&
    part.offset === 0 &&
    (part.ending === Ending.cut || part.total === part.reach) &&
    part.hash < 0
  );
}
