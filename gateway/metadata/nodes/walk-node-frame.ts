/** The walk over a frame that came from a node, which also says for whose room it is. */
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../../schemas/frame-peek.ts';
import { type FrameWalk, WalkResult } from '../../../schemas/frame-walk.ts';
import { isMetadata, KIND_NAMES } from '../../../schemas/kinds.ts';

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

/** What is wrong with a frame that was refused; `kind` below 0: nothing is known of it. */
export function faultOf(kind: number): string {
  if (kind < 0) return 'expected a metadata frame that begins with its kind';
  return `a ${KIND_NAMES[kind]} frame is broken or lacks its tenant or room`;
}

/** For whom a walked frame is, and through which node it came. Only a process of this gateway speaks in another's name. */
export function originOf(
  walk: FrameWalk,
  bytes: Buffer,
  link: { readonly isGateway: boolean; readonly nodeId: string },
): { identity: string; node: string } {
  const named = link.isGateway && walk.nodeStart >= 0;
  const node = named ? bytes.toString('utf8', walk.nodeStart, walk.nodeEnd) : link.nodeId;
  const from = walk.fromStart < 0 ? '' : bytes.toString('utf8', walk.fromStart, walk.fromEnd);
  return { identity: from === '' ? node : from, node };
}

/** The tenant of a walked frame. */
export function tenantOf(walk: FrameWalk, bytes: Buffer): string {
  return bytes.toString('utf8', walk.tenantStart, walk.tenantEnd);
}

/** The same memory as a Buffer. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
