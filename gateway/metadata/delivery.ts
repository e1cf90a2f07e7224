/**
 * Handing room frames to one subscriber, and judging which frames may leave at all. Shared by a room's flush, which
 * serves everybody who is current, and by catching up, which serves one who is not.
 *
 * Invariant: a frame is settled when somebody is sure to be sent it, and once; a subscriber that cannot be served is
 * marked behind and loses nothing of the log.
 */
import { CloseCode } from '../../schemas/close-codes.ts';
import { FrameWalk } from '../../schemas/frame-walk.ts';
import { Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Histogram } from '../telemetry/histogram.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { type BatchMessage, writeBatches } from './batch-writer.ts';
import type { Room } from './room.ts';
import type { RoomFrame } from './room-frame.ts';
import type { Subscriber } from './subscriber.ts';
import type { Filter } from './subscription.ts';

/** What deliveries share: limits, counters, and where to tell of subscribers to let go. */
export interface DeliveryContext {
  readonly counters: PlaneCounters;
  /** By class index. */
  readonly gatewaySeconds: readonly Histogram[];
  readonly captionStaleness: Histogram;
  /** What a subscriber may have in flight. */
  readonly unackedBytes: number;
  readonly roomLogBytes: number;
  /** The subscriber is to be disconnected with `code`; it must be out of the room when this returns. */
  letGo(subscriber: Subscriber, code: CloseCode): void;
}

/** Frames as messages, and where in the log a subscriber stands after each. */
export interface Delivery {
  readonly frames: readonly RoomFrame[];
  readonly messages: readonly BatchMessage[];
  readonly positions: readonly number[];
}

const SPEAKER_FIELD = 14;
const LANG_FIELD = 15;
/** Frames a subscriber that is behind is given at one time, at most. */
const CATCH_UP_FRAMES = 256;

const walk = new FrameWalk();
/** `FrameWalk` reads whole frames; a room keeps payloads, so they are put behind a kind here first. */
let frameScratch = Buffer.allocUnsafeSlow(4096);

/** Writes what of `frames` is wanted; the subscriber stands at `from` before and at `to` after. */
export function prepare(frames: readonly RoomFrame[], json: boolean, from: number, to: number): Delivery {
  const messages = writeBatches(frames, json);
  const positions: number[] = [];
  let position = from;
  let index = 0;
  for (const message of messages) {
    for (const end = index + message.frames; index < end; index++) {
      if (frames[index]!.position >= 0) position = frames[index]!.position + 1;
    }
    positions.push(position);
  }
  // Frames that were not wanted may come after the last that is.
  if (positions.length > 0) positions[positions.length - 1] = to;
  return { frames, messages, positions };
}

/** Sends a delivery and notes that the subscriber is current. One whose socket loses a message is let go. */
export function deliver(member: Subscriber, delivery: Delivery, room: Room, context: DeliveryContext): void {
  const { counters } = context;
  const { messages, positions, frames } = delivery;
  for (let index = 0; index < messages.length; index++) {
    counters.writes++;
    if (!member.send(messages[index]!, positions[index]!)) {
      context.letGo(member, CloseCode.slowConsumer);
      return;
    }
  }
  for (const frame of frames) {
    counters.deliveries[frame.classIndex]! += 1;
    counters.bytesOut[frame.classIndex]! += frame.length;
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
 * Gives a subscriber what it has missed: the log whole and in order, then, once it has all of that, the newest
 * content of every live frame it has not seen.
 */
export function catchUp(member: Subscriber, room: Room, context: DeliveryContext, nowMs: number): void {
  if (!member.hasRoom(context.unackedBytes)) return block(member, nowMs);
  const frames: RoomFrame[] = [];
  let position = member.cursor;
  for (; position < room.emittedHead && frames.length < CATCH_UP_FRAMES; position++) {
    const frame = room.log.at(position);
    if (isFit(room, frame, nowMs) && wants(member.filter, frame)) frames.push(frame);
  }
  const wholeLog = position === room.emittedHead;
  if (wholeLog) {
    for (const frame of room.live.all) {
      if (frame.emittedAt > member.seenFlush && wants(member.filter, frame)) frames.push(frame);
    }
  }
  settleDelivered(room, frames, context, nowMs);
  const seen = member.seenFlush;
  deliver(member, prepare(frames, member.sink!.json, member.cursor, position), room, context);
  if (wholeLog || member.memberIndex < 0) return;
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
  for (const frame of frames) {
    if (!frame.unsettled) continue;
    room.settle(frame, Outcome.delivered);
    const waitedSeconds = (nowMs - frame.admittedMs) / 1000;
    context.gatewaySeconds[frame.classIndex]!.record(waitedSeconds);
    if (frame.kind !== Kind.caption) continue;
    if (frame.final) context.counters.finalsDelivered++;
    else context.captionStaleness.record(waitedSeconds);
  }
}

/** Whether the frame may leave; what is too old to be of use, or is no text after all, is taken out of the room. */
export function isFit(room: Room, frame: RoomFrame, nowMs: number): boolean {
  if (frame.gone) return false;
  if (frame.expiresMs < nowMs) room.evict(frame, Outcome.evicted_stale);
  // What goes into the log was checked on its way in; live frames are, when they leave, because most never do.
  else if (frame.position < 0 && !walk.stringsAreUtf8(walkPayload(frame))) room.evict(frame, Outcome.malformed);
  return !frame.gone;
}

/** Whether a filter lets the frame pass. Speakers and languages choose among captions only. */
export function wants(filter: Filter, frame: RoomFrame): boolean {
  if (filter.kinds[frame.kind] === 0) return false;
  if (filter.speakers.size + filter.langs.size === 0 || frame.kind !== Kind.caption) return true;
  const bytes = walkPayload(frame);
  if (filter.speakers.size > 0 && !filter.speakers.has(stringField(bytes, SPEAKER_FIELD))) return false;
  return filter.langs.size === 0 || filter.langs.has(stringField(bytes, LANG_FIELD));
}

/** Walks the frame's payload and returns the bytes the findings refer to. */
function walkPayload(frame: RoomFrame): Buffer {
  const end = frame.length + 2;
  if (frameScratch.length < end) frameScratch = Buffer.allocUnsafeSlow(end * 2);
  frameScratch[0] = 0x08;
  frameScratch[1] = frame.kind;
  frame.payload.copy(frameScratch, 2, 0, frame.length);
  walk.frame(frameScratch, 0, end);
  walk.payload(frameScratch);
  return frameScratch;
}

function stringField(bytes: Buffer, field: number): string {
  return walk.has(field) ? bytes.toString('utf8', walk.start[field]!, walk.end[field]!) : '';
}
