/** The walk over a frame that came from a node, which also says for whose room it is. */
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../schemas/frame-peek.ts';
import { type FrameWalk, WalkResult } from '../../schemas/frame-walk.ts';
import { isMetadata } from '../../schemas/kinds.ts';

/** What is no metadata frame, and one that is broken or names no tenant or no room. */
export const NodeFrame = { notMetadata: -1, broken: -2 } as const;

/** Walks the frame and returns its kind, or one of `NodeFrame`. */
export function walkNodeFrame(walk: FrameWalk, bytes: Uint8Array): number {
  const peeked = peekFrame(bytes, 0, bytes.length);
  if (peeked === PEEK_MALFORMED || !isMetadata(peeked & ~PEEK_FINAL)) return NodeFrame.notMetadata;
  if (walk.frame(bytes, 0, bytes.length, true) !== WalkResult.ok) return NodeFrame.broken;
  if (walk.payload(bytes) !== WalkResult.ok || walk.tenantStart < 0 || walk.roomStart < 0) return NodeFrame.broken;
  return walk.kind;
}

/** The tenant of a walked frame. */
export function tenantOf(walk: FrameWalk, bytes: Buffer): string {
  return bytes.toString('utf8', walk.tenantStart, walk.tenantEnd);
}

/** The same memory as a Buffer. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
