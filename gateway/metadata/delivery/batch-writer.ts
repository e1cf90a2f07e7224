/**
 * Writes room frames into batch messages, in either subprotocol, once for all subscribers that get the same ones.
 *
 * A message differs between subscribers only in its number, which stands at a fixed place in a fixed width: `stamp`
 * writes it in place just before each send. Sending copies the bytes, so one buffer serves everybody.
 */
import { MOST_BATCH_FRAMES } from '../../../schemas/batch-walk.ts';
import { encodeFrame } from '../../../schemas/frame-codec.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { proto } from '../../../schemas/proto.ts';
import type { RoomFrame } from '../rooms/room-frame.ts';
import { varintLength, writeVarint } from '../rooms/wire-fields.ts';
import type { Form } from './form.ts';

/** A batch is closed when it reaches this, so that one message cannot fill a subscriber's window. */
const ENOUGH_BYTES = 32_768;

/** One finished batch message and what is in it. */
export interface BatchMessage {
  readonly bytes: Buffer;
  readonly json: boolean;
  /** Where the number is. */
  readonly numberAt: number;
  readonly frames: number;
}

const TAG_BATCH = [0x92, 0x03]; // field 50, length-delimited
const TAG_NUMBER = 0x0d; // field 1, fixed32
const TAG_INNER = 0x12; // field 2, length-delimited
const TAG_TS = 0x29; // field 5, double
const JSON_NUMBER_WIDTH = 10;
const JSON_HEAD = '{"kind":"batch","number":';
const JSON_BLANK = ' '.repeat(JSON_NUMBER_WIDTH);

/**
 * Splits frames into as many batch messages as their limits ask for. An empty list gives none.
 */
export function writeBatches(frames: readonly RoomFrame[], form: Form): BatchMessage[] {
  const messages: BatchMessage[] = [];
  let from = 0;
  let bytes = 0;
  for (let index = 0; index < frames.length; index++) {
    const next = frames[index]!.lengthIn(form) + 64;
    if (index > from && (index - from >= MOST_BATCH_FRAMES || bytes + next > ENOUGH_BYTES)) {
      messages.push(write(frames, from, index, form));
      from = index;
      bytes = 0;
    }
    bytes += next;
  }
  if (from < frames.length) {
    messages.push(write(frames, from, frames.length, form));
  }
  return messages;
}

/** Writes a subscriber's own batch number into a message. */
export function stamp(message: BatchMessage, number: number): void {
  if (!message.json) {
    message.bytes.writeUInt32LE(number >>> 0, message.numberAt);
    return;
  }
  let rest = number;
  for (let at = message.numberAt + JSON_NUMBER_WIDTH - 1; at >= message.numberAt; at--) {
    message.bytes[at] = rest > 0 || at === message.numberAt + JSON_NUMBER_WIDTH - 1 ? 48 + (rest % 10) : 32;
    rest = Math.floor(rest / 10);
  }
}

function write(frames: readonly RoomFrame[], from: number, to: number, form: Form): BatchMessage {
  return form.json ? writeJson(frames, from, to, form) : writeBinary(frames, from, to, form);
}

function writeBinary(frames: readonly RoomFrame[], from: number, to: number, form: Form): BatchMessage {
  let body = 5;
  for (let index = from; index < to; index++) {
    const length = innerLength(frames[index]!, form);
    body += 1 + varintLength(length) + length;
  }
  const bytes = Buffer.allocUnsafe(2 + TAG_BATCH.length + varintLength(body) + body);
  bytes[0] = 0x08;
  bytes[1] = Kind.batch;
  bytes[2] = TAG_BATCH[0]!;
  bytes[3] = TAG_BATCH[1]!;
  let at = writeVarint(bytes, 4, body);
  bytes[at++] = TAG_NUMBER;
  const numberAt = at;
  at += 4;
  for (let index = from; index < to; index++) {
    const frame = frames[index]!;
    bytes[at++] = TAG_INNER;
    at = writeVarint(bytes, at, innerLength(frame, form));
    at = writeInner(bytes, at, frame, form);
  }
  return { bytes, json: false, numberAt, frames: to - from };
}

/** Writes one frame, as it stands in a batch: kind, final, payload, then the envelope. Returns the end. */
function writeInner(bytes: Buffer, at: number, frame: RoomFrame, form: Form): number {
  bytes[at++] = 0x08;
  bytes[at++] = frame.kind;
  if (frame.final) {
    bytes[at++] = 0x10;
    bytes[at++] = 1;
  }
  at = frame.writeIn(form, bytes, at);
  const suffix = frame.publisher.suffix(frame.classIndex);
  suffix.copy(bytes, at, 0, suffix.length);
  at += suffix.length;
  bytes[at++] = TAG_TS;
  return bytes.writeDoubleLE(frame.ts, at);
}

function innerLength(frame: RoomFrame, form: Form): number {
  return (frame.final ? 4 : 2) + frame.lengthIn(form) + frame.publisher.suffix(frame.classIndex).length + 9;
}

function writeJson(frames: readonly RoomFrame[], from: number, to: number, form: Form): BatchMessage {
  const parts: string[] = [];
  for (let index = from; index < to; index++) parts.push(jsonOf(frames[index]!, form));
  const bytes = Buffer.from(`${JSON_HEAD}${JSON_BLANK},"frames":[${parts.join(',')}]}`, 'utf8');
  return { bytes, json: true, numberAt: JSON_HEAD.length, frames: to - from };
}

function jsonOf(frame: RoomFrame, form: Form): string {
  const bytes = Buffer.allocUnsafe(innerLength(frame, form));
  writeInner(bytes, 0, frame, form);
  return encodeFrame(proto.Frame.decode(bytes), true) as string;
}
