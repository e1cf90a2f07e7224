/** What the rooms of a worker and their subscribers take, looked up one by one: about once a second. */
import type { Config } from '../../config/config.ts';
import { type HeldBytes, HeldTally } from '../../telemetry/held-bytes.ts';
import type { Room } from '../rooms/room.ts';
import type { Subscriber } from './subscriber.ts';

/** By what it is of; the bounds are those of `limits`. */
export function roomMemory(
  rooms: Iterable<Room>,
  limits: Pick<Config['limits'], 'roomLogBytes' | 'roomLiveBytes' | 'unackedBytes'>,
): readonly HeldBytes[] {
  const log = new HeldTally('room_log', limits.roomLogBytes);
  const live = new HeldTally('room_live', limits.roomLiveBytes);
  const unacked = new HeldTally('subscriber_unacked', limits.unackedBytes);
  for (const room of rooms) {
    log.add(room.log.keptBytes);
    live.add(room.live.bytes);
    for (const { members } of room.groups.all()) for (const member of members) unacked.add(underWay(member));
  }
  return [log.held, live.held, unacked.held];
}

/** Bytes on the way to a subscriber, by what it acknowledges or, where it does not, by what its socket holds. */
function underWay({ window, sink }: Subscriber): number {
  return window.acknowledging ? window.unackedBytes : (sink?.bufferedBytes() ?? 0);
}
