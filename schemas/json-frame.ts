/**
 * Frames as JSON: one flat object, `kind` first, the payload's fields and the envelope's beside it.
 *
 *     {"kind":"caption","final":false,"stream":"mic","segment":0,…,"from":"ann","ts":1700000000000}
 *
 * Invariants: what is read equals what the binary form of the same frame decodes to; types are checked, never
 * coerced; a member that is unknown, comes twice, or is not the sender's to set is an error that names it.
 */
import { MOST_BATCH_FRAMES } from './batch-walk.ts';
import { countMembers, duplicateMember } from './json-members.ts';
import {
  asArray,
  asObject,
  expected,
  JsonFault,
  type MessageClasses,
  type Reading,
  readField,
  unknownMember,
} from './json-read.ts';
import { ENVELOPE, type FieldShape, type Fields, FRAME_SHAPE, isDefault, PAYLOAD_SHAPES } from './json-shape.ts';
import { writeFields, writeMember } from './json-write.ts';
import { KIND_COUNT, KIND_NAMES, Kind, type KindName, mayBeFinal } from './kinds.ts';
import { didYouMean } from './nearest-word.ts';
import type { Frame } from './proto.ts';

/** `{"kind":"…"` by kind. */
const HEADS = KIND_NAMES.map((name) => `{"kind":"${name}"`);
/** Envelope members by kind. Where the payload has a member of the same name (`credit.class`), that one is meant. */
const ENVELOPE_BY_KIND: readonly (readonly FieldShape[])[] = Array.from({ length: KIND_COUNT }, (_, kind) =>
  ENVELOPE.filter((field) => !PAYLOAD_SHAPES[kind]?.byJson.has(field.json)),
);
const ENVELOPE_BY_NAME = new Map(ENVELOPE.map((field) => [field.json, field]));
const KIND_WORDS = KIND_NAMES.filter((name) => name !== undefined);
const KIND_BY_WORD = new Map<string, number>(KIND_WORDS.map((name) => [name, Kind[name]]));

/** Writes a frame as JSON text. Throws a TypeError when the frame lacks the payload of its kind. */
export function writeJsonFrame(frame: Frame): string {
  const kind = frame.kind ?? Kind.none;
  const shape = PAYLOAD_SHAPES[kind];
  const payload = shape && (frame as Fields)[KIND_NAMES[kind]!];
  if (!payload) throw new TypeError(`a frame of kind ${KIND_NAMES[kind] ?? kind} without its payload`);
  let text = HEADS[kind]!;
  if (mayBeFinal(kind)) text += frame.final ? ',"final":true' : ',"final":false';
  text += writeFields(shape, payload as Fields, writeJsonFrame);
  for (const field of ENVELOPE_BY_KIND[kind]!) {
    const value = (frame as Fields)[field.name];
    if (value !== undefined && value !== null && !isDefault(field.type, value)) text += writeMember(field, value);
  }
  return `${text}}`;
}

/**
 * Reads a frame from `text`, whose UTF-8 is `bytes`. A client (not `trusted`) may set of the envelope only `pub` and,
 * on captions, `final`. Messages are made of `classes`. Throws `JsonFault`, which says what was expected where.
 */
export function readJsonFrame(text: string, bytes: Uint8Array, trusted: boolean, classes: MessageClasses): Frame {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new JsonFault(`frame: expected JSON, but ${(error as Error).message}`);
  }
  const reading: Reading = { members: 0, classes };
  let frame: Frame | null = null;
  let fault: unknown = null;
  try {
    frame = readFrame(parsed, '', trusted, reading);
  } catch (error) {
    fault = error;
  }
  const { members, escapedName } = countMembers(bytes);
  // After a fault not every object was entered, so the counts need not agree.
  if (fault === null && members !== reading.members) {
    throw new JsonFault(`frame: member ${JSON.stringify(duplicateMember(text))} comes twice`);
  }
  if (fault !== null) throw fault;
  if (escapedName && !trusted) throw new JsonFault('frame: expected member names spelled without escapes');
  return frame!;
}

function readFrame(value: unknown, place: string, trusted: boolean, reading: Reading): Frame {
  const object = asObject(value, place || 'frame');
  const names = Object.keys(object);
  const kind = kindOf(names[0], object, place || 'frame');
  const name = KIND_NAMES[kind] as KindName;
  const where = place || name;
  if (place !== '' && kind === Kind.batch) throw new JsonFault(`${place}: a batch must not hold a batch`);
  const shape = PAYLOAD_SHAPES[kind]!;
  const frame = new reading.classes[FRAME_SHAPE.index]!();
  const payload = new reading.classes[shape.index]!();
  frame.kind = kind;
  frame[name] = payload;
  reading.members += names.length;
  for (let index = 1; index < names.length; index++) {
    const member = names[index]!;
    const field = shape.byJson.get(member);
    if (field === undefined) readEnvelope(kind, member, object[member], where, frame, trusted, reading);
    else if (kind === Kind.batch) readBatchField(field, object[member], payload, trusted, reading);
    else readField(field, object[member], where, payload, reading);
  }
  return frame as Frame;
}

function kindOf(first: string | undefined, object: Fields, where: string): number {
  if (first !== 'kind') throw new JsonFault(`${where}: expected "kind" as its first member`);
  const kind = KIND_BY_WORD.get(object.kind as string);
  if (kind !== undefined) return kind;
  const fault = expected(`${where}.kind`, 'a known kind', object.kind);
  throw typeof object.kind === 'string' ? new JsonFault(fault.message + didYouMean(object.kind, KIND_WORDS)) : fault;
}

function readEnvelope(
  kind: number,
  member: string,
  value: unknown,
  where: string,
  frame: Fields,
  trusted: boolean,
  reading: Reading,
): void {
  if (member === 'final' && mayBeFinal(kind)) {
    if (typeof value !== 'boolean') throw expected(`${where}.final`, 'true or false', value);
    if (value) frame.final = true;
    return;
  }
  const field = ENVELOPE_BY_NAME.get(member);
  if (field === undefined) {
    throw unknownMember(where, member, [
      ...PAYLOAD_SHAPES[kind]!.byJson.keys(),
      ...(mayBeFinal(kind) ? ['final'] : []),
    ]);
  }
  if (!trusted && member !== 'pub') throw new JsonFault(`${where}.${member}: only the gateway may set this`);
  readField(field, value, where, frame, reading);
}

function readBatchField(field: FieldShape, value: unknown, payload: Fields, trusted: boolean, reading: Reading) {
  if (field.name !== 'frames') {
    if (!trusted) throw new JsonFault('batch.number: only the gateway numbers batches');
    readField(field, value, 'batch', payload, reading);
    return;
  }
  const frames = asArray(value, 'batch.frames');
  if (frames.length > MOST_BATCH_FRAMES) {
    throw new JsonFault(`batch.frames: expected at most ${MOST_BATCH_FRAMES} frames, found ${frames.length}`);
  }
  if (frames.length === 0) return;
  payload.frames = frames.map((frame, index) => readFrame(frame, `batch.frames[${index}]`, trusted, reading));
}
