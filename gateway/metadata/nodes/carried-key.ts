/**
 * For whom a node's frame is: its tenant, room, origin and node as one key, put together without a string.
 *
 * Invariant: two frames have one key exactly when all four are equal; the key is good until the next call.
 */
import type { FrameWalk } from '../../../schemas/frame-walk.ts';

/** The key last made: `bytes[0, length)`. */
export const carriedKey = { bytes: Buffer.allocUnsafeSlow(1024), length: 0 };

/** Puts tenant, room, origin and node of the walked frame in `bytes` behind each other in `carriedKey`. */
export function makeCarriedKey(walk: FrameWalk, bytes: Buffer): void {
  const most = bytes.length + 4;
  if (carriedKey.bytes.length < most) carriedKey.bytes = Buffer.allocUnsafeSlow(most * 2);
  const key = carriedKey.bytes;
  let at = bytes.copy(key, 0, walk.tenantStart, walk.tenantEnd);
  key[at++] = 0;
  at += bytes.copy(key, at, walk.roomStart, walk.roomEnd);
  key[at++] = 0;
  if (walk.fromStart >= 0) at += bytes.copy(key, at, walk.fromStart, walk.fromEnd);
  key[at++] = 0;
  if (walk.nodeStart >= 0) at += bytes.copy(key, at, walk.nodeStart, walk.nodeEnd);
  carriedKey.length = at;
}
