/**
 * Arbitrary frames of every kind, for property tests: made from the same shapes the codecs use, so that a new kind or
 * field is tested without a word here. Only what both encodings can say is generated.
 */
import fc from 'fast-check';
import type { MessageShape } from './json-shape.ts';
import { ENVELOPE, type FieldShape, type Fields, FieldType, isDefault, PAYLOAD_SHAPES } from './json-shape.ts';
import { KIND_NAMES, KIND_USES, Kind, KindUse, mayBeFinal } from './kinds.ts';
import { type Frame, proto } from './proto.ts';
import { PROTO_CLASSES } from './proto-classes.ts';

/** The numbers of all kinds. */
export const ALL_KINDS: readonly number[] = Object.values(Kind).filter((kind) => kind !== Kind.none);

/** The numbers of the kinds a client may send. */
const CLIENT_KINDS = ALL_KINDS.filter(
  (kind) => (KIND_USES[kind]! & (KindUse.clientSignal | KindUse.clientMetadata | KindUse.metadata)) !== 0,
);

/** Frames of any kind, batches included, with the gateway's envelope; or, not `trusted`, what a client may send. */
export function arbitraryFrame(trusted: boolean): fc.Arbitrary<Frame> {
  return fc.constantFrom(...(trusted ? ALL_KINDS : CLIENT_KINDS)).chain((kind) => arbitraryFrameOf(kind, trusted));
}

/** Frames of one kind. */
export function arbitraryFrameOf(kind: number, trusted: boolean): fc.Arbitrary<Frame> {
  const shape = PAYLOAD_SHAPES[kind]!;
  const envelope = ENVELOPE.filter((field) => !shape.byJson.has(field.json) && (trusted || field.name === 'pub'));
  return fc
    .record({
      payload: kind === Kind.batch ? arbitraryBatch(trusted) : arbitraryMessage(shape),
      envelope: fc.record(Object.fromEntries(envelope.map((field) => [field.name, arbitraryValue(field)]))),
      final: fc.boolean(),
    })
    .map((parts) => {
      const frame = new proto.Frame() as unknown as Fields;
      frame.kind = kind;
      if (parts.final && mayBeFinal(kind)) frame.final = true;
      for (const field of envelope) setUnlessDefault(frame, field, (parts.envelope as Fields)[field.name]);
      frame[KIND_NAMES[kind]!] = parts.payload;
      return frame as Frame;
    });
}

function arbitraryBatch(trusted: boolean): fc.Arbitrary<Fields> {
  const kinds = trusted ? ALL_KINDS : CLIENT_KINDS;
  const inner = fc.constantFrom(...kinds.filter((kind) => kind !== Kind.batch));
  const frames = fc.array(
    inner.chain((kind) => arbitraryFrameOf(kind, trusted)),
    { maxLength: 4 },
  );
  const number = trusted ? fc.integer({ min: 0, max: 0xffffffff }) : fc.constant(0);
  return fc.record({ number, frames }).map((parts) => {
    const batch = new PROTO_CLASSES[PAYLOAD_SHAPES[Kind.batch]!.index]!();
    if (parts.number !== 0) batch.number = parts.number;
    if (parts.frames.length > 0) batch.frames = parts.frames;
    return batch;
  });
}

function arbitraryMessage(shape: MessageShape): fc.Arbitrary<Fields> {
  const values = Object.fromEntries(shape.fields.map((field) => [field.name, fc.option(arbitraryField(field))]));
  return fc.record(values).map((given) => {
    const message = new PROTO_CLASSES[shape.index]!();
    for (const field of shape.fields) {
      const value = (given as Fields)[field.name];
      if (value !== null) setUnlessDefault(message, field, value);
    }
    return message;
  });
}

/** A decoded message has no member of its own where the value is what absence means. */
function setUnlessDefault(message: Fields, field: FieldShape, value: unknown): void {
  if (field.repeated ? (value as unknown[]).length === 0 : field.map && Object.keys(value as object).length === 0)
    return;
  const plain = !field.repeated && !field.map && !field.optional;
  if (!plain || !isDefault(field.type, value)) message[field.name] = value;
}

function arbitraryField(field: FieldShape): fc.Arbitrary<unknown> {
  if (field.repeated) return fc.array(arbitraryValue(field), { maxLength: 3 });
  if (!field.map) return arbitraryValue(field);
  const names = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((name) => name !== '__proto__');
  return fc.dictionary(names, arbitraryValue(field), { maxKeys: 3, noNullPrototype: true });
}

function arbitraryValue(field: FieldShape): fc.Arbitrary<unknown> {
  switch (field.type) {
    case FieldType.string:
      return fc.string({ unit: 'binary' });
    case FieldType.uint32:
      return fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 127, 128, 0xffffffff));
    case FieldType.bool:
      return fc.boolean();
    case FieldType.enum:
      return fc.constantFrom(...field.numbers.values());
    case FieldType.float:
      return fc.float({ noNaN: true, noDefaultInfinity: true });
    case FieldType.double:
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case FieldType.bytes:
      return fc.uint8Array({ maxLength: 12 }).map((bytes) => new Uint8Array(bytes));
    case FieldType.message:
      return arbitraryMessage(field.shape!);
  }
}
