/**
 * Decodes and encodes whole frames in both encodings: for planes where a frame's content is needed, and for clients.
 *
 * Invariants: a decoded frame has one payload, that of its kind; it owns its bytes, so the buffer it came in may be
 * reused; nothing that arrives makes `decodeFrame` throw.
 */
import protobuf from 'protobufjs/minimal.js';
import { MOST_BATCH_FRAMES } from './batch-walk.ts';
import { CloseCode } from './close-codes.ts';
import { badFrame, type FrameError } from './frame-error.ts';
import { PEEK_MALFORMED, peekFrame } from './frame-peek.ts';
import { BatchWalk, FrameWalk, WalkResult } from './frame-walk.ts';
import { decodeJsonFrame, encodeJsonFrame } from './json-codec.ts';
import { type Fields, PAYLOAD_SHAPES } from './json-shape.ts';
import { KIND_NAMES, Kind, mayBeFinal, PAYLOAD_FIELD_OFFSET } from './kinds.ts';
import { type Frame, proto } from './proto.ts';
import { PROTO_CLASSES } from './proto-classes.ts';

export { type FrameError, isFrameError } from './frame-error.ts';

const walk = new FrameWalk();
const batchWalk = new BatchWalk();

/**
 * Encodes a frame: text for JSON, bytes for protobuf, with `kind` first and `final`, on captions only, second.
 * Throws a TypeError when the frame lacks the payload of its kind.
 */
export function encodeFrame(frame: Frame, json: boolean): Uint8Array | string {
  return json ? encodeJsonFrame(frame) : encodeBinaryFrame(frame);
}

/** `encodeFrame` in protobuf. The bytes are the caller's own. */
export function encodeBinaryFrame(frame: Frame): Uint8Array {
  const kind = frame.kind ?? Kind.none;
  if (!(frame as Fields)[KIND_NAMES[kind] ?? '']) {
    throw new TypeError(`a frame of kind ${KIND_NAMES[kind] ?? kind} without its payload`);
  }
  const strayFinal = frame.final && !mayBeFinal(kind);
  return proto.Frame.encode(strayFinal ? { ...frame, final: false } : frame).finish();
}

/**
 * Decodes one WebSocket message. From a client (not `trusted`) an envelope beyond `pub` and, on captions, `final` is
 * refused; frames from the gateway or through it are `trusted`. Text may come as a string where the socket gives one.
 */
export function decodeFrame(message: Uint8Array | string, json: boolean, trusted = false): Frame | FrameError {
  if (json) return decodeJsonFrame(message, trusted, PROTO_CLASSES);
  if (typeof message === 'string') return badFrame('frame: expected a binary message, found text');
  return decodeBinary(message, trusted);
}

function decodeBinary(bytes: Uint8Array, trusted: boolean): Frame | FrameError {
  const fault = trusted ? trustedFault(bytes) : clientFault(bytes);
  if (fault !== null) return fault;
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  let frame: Frame;
  try {
    frame = proto.Frame.decode(reader);
  } catch (error) {
    return badFrame(`${KIND_NAMES[bytes[1]!]}: ${(error as Error).message}`);
  }
  return trusted ? (innerFault(frame) ?? own(frame)) : own(frame);
}

/** Checks a client's frame, and those of a batch, before anything is decoded. */
function clientFault(bytes: Uint8Array): FrameError | null {
  const fault = walkFault(bytes, 0, bytes.length, 'frame');
  if (fault !== null || walk.kind !== Kind.batch) return fault;
  batchWalk.open(walk.bodyStart, walk.bodyEnd);
  for (let index = 0; ; index++) {
    const step = batchWalk.next(bytes);
    if (step === 0) return null;
    if (step < 0) return badFrame(`batch.frames[${index}]: expected a frame and nothing else`);
    if (index === MOST_BATCH_FRAMES) return badFrame(`batch.frames: expected at most ${MOST_BATCH_FRAMES} frames`);
    const inner = walkFault(bytes, batchWalk.start, batchWalk.end, `batch.frames[${index}]`);
    if (inner !== null) return inner;
    if (walk.kind === Kind.batch) return badFrame(`batch.frames[${index}]: a batch must not hold a batch`);
  }
}

function walkFault(bytes: Uint8Array, start: number, end: number, where: string): FrameError | null {
  if (peekFrame(bytes, start, end) === PEEK_MALFORMED) {
    return badFrame(`${where}: expected its first two bytes to be 8 and the number of a known kind`);
  }
  const name = KIND_NAMES[bytes[start + 1]!];
  const result = walk.frame(bytes, start, end);
  if (result === WalkResult.kindMismatch) return kindMismatch(where, bytes[start + 1]!);
  if (result !== WalkResult.ok) {
    return badFrame(
      `${where}: expected the one payload of ${name} and, beside it, nothing but final (captions) and pub`,
    );
  }
  if (walk.kind === Kind.batch || walk.payload(bytes) === WalkResult.ok) return null;
  return badFrame(`${where}: expected the fields of ${name} in the wire types of the schema`);
}

/** Checks a frame with its whole envelope: kind first and once, one payload, and that of its kind. */
function trustedFault(bytes: Uint8Array): FrameError | null {
  const kind = bytes[1]!;
  if (peekFrame(bytes, 0, bytes.length) === PEEK_MALFORMED) {
    return badFrame('frame: expected its first two bytes to be 8 and the number of a known kind');
  }
  let payloads = 0;
  let matches = true;
  try {
    const reader = protobuf.Reader.create(bytes.subarray(2));
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag >>> 3 === 1) return badFrame('frame: expected its kind once');
      if (tag >>> 3 > PAYLOAD_FIELD_OFFSET) {
        payloads++;
        matches &&= tag >>> 3 === kind + PAYLOAD_FIELD_OFFSET;
      }
      reader.skipType(tag & 7);
    }
  } catch {
    return badFrame(`${KIND_NAMES[kind]}: expected fields that end where the frame does`);
  }
  if (payloads !== 1) return badFrame(`${KIND_NAMES[kind]}: expected one payload, found ${payloads}`);
  return matches ? null : kindMismatch('frame', kind);
}

function innerFault(frame: Frame): FrameError | null {
  const frames = frame.batch?.frames ?? [];
  if (frames.length > MOST_BATCH_FRAMES) return badFrame(`batch.frames: expected at most ${MOST_BATCH_FRAMES} frames`);
  for (const [index, inner] of frames.entries()) {
    const kind = inner.kind ?? Kind.none;
    if (kind === Kind.batch) return badFrame(`batch.frames[${index}]: a batch must not hold a batch`);
    if (!(inner as Fields)[KIND_NAMES[kind] ?? '']) return kindMismatch(`batch.frames[${index}]`, kind);
  }
  return null;
}

/** protobufjs gives views of the message for bytes fields, but uWebSockets.js takes the message back: copy them. */
function own(frame: Frame): Frame {
  const kind = frame.kind as number;
  if (kind === Kind.batch) for (const inner of frame.batch!.frames ?? []) own(inner);
  const field = PAYLOAD_SHAPES[kind]!.bytesField;
  if (field === null) return frame;
  const payload = (frame as Fields)[KIND_NAMES[kind]!] as Record<string, Uint8Array>;
  if (payload[field]!.length > 0) payload[field] = new Uint8Array(payload[field]!);
  return frame;
}

function kindMismatch(where: string, kind: number): FrameError {
  const message = `${where}: expected the payload of ${KIND_NAMES[kind] ?? kind} in field ${kind + PAYLOAD_FIELD_OFFSET}`;
  return { error: true, closeCode: CloseCode.kindMismatch, reason: 'kindMismatch', message };
}
