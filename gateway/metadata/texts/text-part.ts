/**
 * A fragment of a text that grows: where in the whole it belongs, and whether it ends it. One object for each kind of
 * frame serves all its fragments: it is read at once.
 */
import { codePoints } from '../../../backpressure/code-points.ts';
import type { FrameWalk } from '../../../schemas/frame-walk.ts';

/** How a fragment ends its text. */
export const Ending = { none: 0, whole: 1, cut: 2 } as const;

export class TextPart {
  /** Code points of the whole before it. */
  offset = 0;
  /** Where in its frame the text stands; equal where there is none. */
  textStart = 0;
  textEnd = 0;
  ending: (typeof Ending)[keyof typeof Ending] = Ending.none;
  /** The state or phase it ends with. */
  state = 0;
  /** Code points of the whole up to its own end. */
  reach = 0;
  /** Code points of the whole, where it ends it. */
  total = 0;
  /** What its publisher vouches for the whole with; -1: nothing. */
  hash = -1;
  modelTokens = 0;
  /** Fields that are written anew for each receiver, as bits. */
  readonly changing: number;

  constructor(changing: number) {
    this.changing = changing;
  }

  /** Reads where the text belongs from the walked frame's fields of those numbers. */
  locate(source: Buffer, walk: FrameWalk, offset: number, text: number): void {
    const has = walk.has(text);
    this.offset = walk.uint32(offset);
    this.textStart = has ? walk.start[text]! : 0;
    this.textEnd = has ? walk.end[text]! : 0;
    this.reach = this.offset + codePoints(source, this.textStart, this.textEnd);
  }
}
