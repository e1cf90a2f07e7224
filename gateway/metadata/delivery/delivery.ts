/**
 * Handing room frames to one subscriber, and judging which frames may leave at all. Shared by a room's flush, which
 * serves everybody who is current, and by catching up, which serves one who is not.
 *
 * Invariant: a frame is settled when somebody is sure to be sent it, and once; a subscriber that cannot be served is
 * marked behind and loses nothing of the log.
 */
import { CloseCode } from '../../../schemas/close-codes.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Histogram } from '../../telemetry/histogram.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { TierSeconds } from '../../telemetry/tier-seconds.ts';
import { CAPTION } from '../captions/caption-streams.ts';
import { payloadIsUtf8, payloadStrings } from '../rooms/payload-walk.ts';
import type { Room } from '../rooms/room.ts';
import { type RoomFrame, Waiting } from '../rooms/room-frame.ts';
import { type BatchMessage, writeBatches } from './batch-writer.ts';
import type { Form } from './form.ts';
import type { Subscriber } from './subscriber.ts';
import type { Filter } from './subscription.ts';

/** What deliveries share: limits, counters, and where to tell of subscribers to let go. */
export interface DeliveryContext {
  readonly counters: PlaneCounters;
  /** By class index. */
  readonly gatewaySeconds: readonly Histogram[];
  readonly tierSeconds: Pick<TierSeconds, 'of'>;
  readonly captionStaleness: Histogram;
  /** What a subscriber may have in flight. */
  readonly unackedBytes: number;
  readonly roomLogBytes: number;
  /** The subscriber is to be disconnected with `code`; it must be out of the room when this returns. */
  letGo(subscriber: Subscriber, code: CloseCode): void;
}

/** Frames as messages, and where in the log a subscriber stands after each. */
export interface Delivery {
  readonly form: Form;
  readonly frames: readonly RoomFrame[];
  readonly messages: readonly BatchMessage[];
  readonly positions: readonly number[];
}

/** Frames a subscriber that is behind is given of the log at one time, at most; of bytes, a window and one frame. */
const CATCH_UP_FRAMES = 256;

/** Writes `frames`; the subscriber stands at `from` of the log before and at `to` after. */
export function prepare(frames: readonly RoomFrame[], form: Form, from: number, to: number): Delivery {
  const messages = writeBatches(frames, form);
  const positions: number[] = [];
  let position = from;
  let index = 0;
  for (const message of messages) {
    for (const end = index + message.frames; index < end; index++) {
      position = Math.max(position, frames[index]!.position + 1);
    }
    positions.push(position);
  }
  // Frames that were not wanted may come after the last that is.
  if (positions.length > 0) positions[positions.length - 1] = to;
  return { form, frames, messages, positions };
}

/** The form in which a subscriber takes what it has not got, which is all that came after flush `since`. */
function formOf({ sink, differences }: Subscriber, since: number): Form {
  return { json: sink!.json, differences, since };
}

/** Sends a delivery and notes that the subscriber is current. One whose socket loses a message is let go. */
export function deliver(member: Subscriber, delivery: Delivery, room: Room, context: DeliveryContext): void {
  const { counters } = context;
  const { messages, positions, frames, form } = delivery;
  for (let index = 0; index < messages.length; index++) {
    counters.writes++;
    if (!member.send(messages[index]!, positions[index]!)) {
      context.letGo(member, CloseCode.slowConsumer);
      return;
    }
  }
  for (const frame of frames) {
    counters.deliveries[frame.classIndex]! += 1;
    counters.bytesOut[frame.classIndex]! += frame.lengthIn(form);
  }
  advance(member, room);
}

/** The subscriber has everything that has left the room so far. */
export function advance(member: Subscriber, room: Room): void {
  member.cursor = room.emittedHead;
  member.seenFlush = room.flushes;
  member.behind = false;
  member.blockedSinceMs = -1;
}

/** The subscriber has no room; it stays where it is. */
export function block(member: Subscriber, nowMs: number): void {
  member.behind = true;
  if (member.blockedSinceMs < 0) member.blockedSinceMs = nowMs;
}

/**
 * Gives a subscriber what it has missed: the log whole and in order, a window at a time, then, once it has all of that,
 * the newest content of every live frame it has not seen. Without `live` it is given the log only, and stays behind: what
 * changes has its rhythm.
 */
export function catchUp(member: Subscriber, room: Room, context: DeliveryContext, nowMs: number, live = true): void {
  if (!member.hasRoom(context.unackedBytes)) return block(member, nowMs);
  const states = member.lacksModels ? room.modelStatesBefore(member.cursor) : [];
  const frames = states.filter((frame) => wants(member.filter, frame));
  member.lacksModels = false;
  let position = member.cursor;
  let bytes = 0;
  for (; position < room.emittedHead && frames.length < CATCH_UP_FRAMES && bytes < context.unackedBytes; position++) {
    const frame = room.log.at(position);
    if (!isFit(room, frame, nowMs) || !wants(member.filter, frame)) continue;
    frames.push(frame);
    bytes += frame.length;
  }
  const whole = live && position === room.emittedHead;
  if (whole) {
    for (const frame of room.live.all) {
      const fresh = frame.emittedAt > member.seenFlush && wants(member.filter, frame);
      if (!fresh || !mayBegin(frame, member.seenFlush, nowMs)) continue;
      frames.push(frame);
      // It is given a version that the others are not.
      if (frame.waiting !== Waiting.no && member.differences) frame.difference?.forget();
    }
    // A text that has ended is not live any more, and its end has yet to leave.
    for (let at = room.emittedHead; at < room.log.head; at++) room.log.at(at).appended?.passOver(member.seenFlush);
  }
  settleDelivered(room, frames, context, nowMs);
  const seen = member.seenFlush;
  deliver(member, prepare(frames, formOf(member, seen), member.cursor, position), room, context);
  if (whole || member.memberIndex < 0) return;
  member.cursor = position;
  member.seenFlush = seen;
  member.behind = true;
  room.wantsTick = true;
}

/** Settles frames that somebody is about to be sent, and records how long they waited. */
export function settleDelivered(
  room: Room,
  frames: readonly RoomFrame[],
  context: DeliveryContext,
  nowMs: number,
): void {
  const tierSeconds = context.tierSeconds.of(room.tenant);
  for (const frame of frames) {
    if (!frame.unsettled) continue;
    room.settle(frame, Outcome.delivered);
    const waitedSeconds = (nowMs - frame.admittedMs) / 1000;
    context.gatewaySeconds[frame.classIndex]!.record(waitedSeconds);
    tierSeconds.record(waitedSeconds);
    if (frame.kind !== Kind.caption) continue;
    if (frame.final) context.counters.finalsDelivered++;
    else context.captionStaleness.record(waitedSeconds);
  }
}

/**
 * Whether the frame may leave; what is too old to be of use, or is no text after all, is taken out of the room. Of what
 * is live only the content is too old: it is passed over, and the next may leave.
 */
export function isFit(room: Room, frame: RoomFrame, nowMs: number): boolean {
  if (frame.gone) return false;
  // Text that grows was checked on its way in; passing over a part of it would leave a gap.
  if (frame.appended !== null) return true;
  if (frame.position < 0) {
    // It is checked when it leaves, because most never does.
    if (frame.expiresMs >= nowMs && !payloadIsUtf8(frame)) room.evict(frame, Outcome.malformed);
    else if (frame.expiresMs < nowMs) room.settle(frame, Outcome.evicted_stale);
    return !frame.gone && frame.expiresMs >= nowMs;
  }
  if (frame.expiresMs < nowMs) room.evict(frame, Outcome.evicted_stale);
  return !frame.gone;
}

/**
 * Whether live content that has left before may still be given to one who has everything up to flush `since`. Who has
 * part of a text that grows is given the rest; a stale one is not begun, and comes whole should it grow again.
 */
function mayBegin(frame: RoomFrame, since: number, nowMs: number): boolean {
  if (frame.expiresMs >= nowMs) return true;
  frame.difference?.forget();
  if (frame.appended === null) return false;
  if (!frame.appended.isNewTo(since)) return true;
  frame.appended.passOver(since);
  return false;
}

/** Whether the frame is what a caption says so far, and the next one says it all again. */
export function isInterim(frame: RoomFrame): boolean {
  return frame.kind === Kind.caption && frame.position < 0 && frame.appended === null && !frame.final;
}

/** Whether a filter lets the frame pass. Speakers and languages choose among captions only. */
export function wants(filter: Filter, frame: RoomFrame): boolean {
  if (filter.kinds[frame.kind] === 0) return false;
  if (frame.kind !== Kind.caption) return true;
  const interimsOf = isInterim(frame) ? filter.interimsOf : null;
  if (filter.speakers.size + filter.langs.size === 0 && interimsOf === null) return true;
  if (interimsOf?.size === 0) return false;
  const [speaker = '', lang = ''] = payloadStrings(frame, CAPTION.speaker, CAPTION.lang);
  if (interimsOf !== null && !interimsOf.has(speaker)) return false;
  if (filter.speakers.size > 0 && !filter.speakers.has(speaker)) return false;
  return filter.langs.size === 0 || filter.langs.has(lang);
}
