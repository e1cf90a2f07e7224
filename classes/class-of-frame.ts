/** Which class a frame has, from what a walk found in it: the step of classification that looks into a frame. */

import type { FrameWalk } from '../schemas/frame-walk.ts';
import { BY_TEXT, type FrameClassifier } from './frame-classifier.ts';

/** Field numbers of `Custom` in frame.proto. */
const CUSTOM = { type: 1, label: 2 } as const;

/**
 * The class of the frame in `bytes` whose structure and payload `walk` has found sound, sent by whom `classifier` is for.
 * Allocates nothing.
 */
export function classOfFrame(classifier: FrameClassifier, walk: FrameWalk, bytes: Uint8Array): number {
  const classIndex = classifier.classOf(walk.kind);
  if (classIndex !== BY_TEXT) return classIndex;
  // Where a field is absent, what the walk says of its place is of another frame.
  const hasType = walk.has(CUSTOM.type);
  const hasLabel = walk.has(CUSTOM.label);
  return classifier.classOfTexts(
    bytes,
    hasType ? walk.start[CUSTOM.type]! : 0,
    hasType ? walk.end[CUSTOM.type]! : 0,
    hasLabel ? walk.start[CUSTOM.label]! : 0,
    hasLabel ? walk.end[CUSTOM.label]! : 0,
  );
}
