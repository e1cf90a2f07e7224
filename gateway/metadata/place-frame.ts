/** Where an admitted frame goes in its room, by its kind: the last step of every way in. */
import type { Policy } from '../../classes/policy.ts';
import type { FrameWalk } from '../../schemas/frame-walk.ts';
import { Kind } from '../../schemas/kinds.ts';
import type { Publisher } from './publisher.ts';
import type { Room } from './room.ts';
import type { Moment } from './room-frame.ts';

/**
 * Places a frame that has been charged, in its class, to whoever sent it. Returns its outcome, or `QUEUED`. The walk must have found
 * frame and payload sound.
 */
export function placeFrame(
  policy: Policy,
  room: Room,
  publisher: Publisher,
  source: Buffer,
  walk: FrameWalk,
  classIndex: number,
  moment: Moment,
): number {
  const { kind } = walk;
  if (kind === Kind.caption) return room.admitCaption(publisher, source, walk, classIndex, moment);
  if (kind === Kind.modelState) return room.admitModelState(publisher, source, walk, classIndex, moment);
  if (kind === Kind.agentTurn) return room.admitTurn(publisher, source, walk, classIndex, moment);
  if (policy.conflateByKind[kind] === 1) return room.admitKeyed(publisher, source, walk, classIndex, moment);
  return room.admitEvent(publisher, source, walk, classIndex, moment);
}
