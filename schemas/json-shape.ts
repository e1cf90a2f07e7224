/**
 * What each message looks like in JSON, compiled once from the generated descriptor: the tables by which `json-read`
 * and `json-write` go.
 *
 * Invariants: JSON names are those of the schema, unless a field says `json_name`; a shape's fields are in field
 * order; every type of frame.proto is covered, or the module does not load.
 */
import descriptor from './generated/descriptor.json' with { type: 'json' };
import { KIND_COUNT, KIND_NAMES } from './kinds.ts';
import { proto } from './proto.ts';

/** How one value is written. */
export const FieldType = { string: 0, uint32: 1, bool: 2, enum: 3, float: 4, double: 5, bytes: 6, message: 7 } as const;
export type FieldType = (typeof FieldType)[keyof typeof FieldType];

/** A decoded message, seen without its type. */
export type Fields = Record<string, unknown>;

/** One field of a message. */
export interface FieldShape {
  /** The member of the decoded message. */
  readonly name: string;
  /** The member in JSON. */
  readonly json: string;
  /** `,"json":`, ready to be written. */
  readonly prefix: string;
  readonly type: FieldType;
  readonly repeated: boolean;
  /** A map from string to `type`. */
  readonly map: boolean;
  /** Whether absent differs from the default value. */
  readonly optional: boolean;
  /** Whether the writer leaves it out at its default value. */
  readonly omitted: boolean;
  /** Of an enum: its words, by number and the other way round. `none` of `Kind` is no word. */
  readonly words: readonly (string | undefined)[];
  readonly numbers: ReadonlyMap<string, number>;
  /** Of a message: its shape. */
  readonly shape: MessageShape | null;
}

/** One message. */
export interface MessageShape {
  readonly name: string;
  readonly fields: readonly FieldShape[];
  readonly byJson: ReadonlyMap<string, FieldShape>;
  /** The one bytes field, if any: what a decoder must copy out of a borrowed buffer. */
  readonly bytesField: string | null;
  readonly create: () => Fields;
}

interface FieldDescriptor {
  readonly type: string;
  readonly rule?: string;
  readonly keyType?: string;
  readonly options?: { readonly proto3_optional?: boolean; readonly json_name?: string };
}
interface TypeDescriptor {
  readonly fields?: Readonly<Record<string, FieldDescriptor>>;
  readonly nested?: Readonly<Record<string, TypeDescriptor>>;
  readonly values?: Readonly<Record<string, number>>;
}

/**
 * Fields the contract marks with `?`: a writer leaves them out at their default. All others always appear, so that
 * `segment: 0` or `text: ""` can be read as what they are.
 */
const OMITTED: Readonly<Record<string, readonly string[]>> = {
  Join: ['name', 'capabilities'],
  Subscription: ['kinds', 'speakers', 'langs', 'focus'],
  Request: ['workflow'],
  Welcome: ['credits'],
  IceServer: ['username', 'credential'],
  Participant: ['name', 'kind'],
  Goaway: ['url', 'metadataUrl'],
  Batch: ['number'],
  Throttled: ['message'],
  Caption: ['epoch', 'offset', 'state', 'speaker', 'lang', 'model', 'modelVersion'],
  ToolCall: ['name', 'payload'],
  Custom: ['label', 'payload'],
};

const TYPES = descriptor.nested.sluice.nested.v1.nested as Readonly<Record<string, TypeDescriptor>>;
const SCALARS: Readonly<Record<string, FieldType>> = {
  string: FieldType.string,
  uint32: FieldType.uint32,
  fixed32: FieldType.uint32,
  bool: FieldType.bool,
  float: FieldType.float,
  double: FieldType.double,
  bytes: FieldType.bytes,
};
const NO_NUMBERS: ReadonlyMap<string, number> = new Map();
const compiled = new Map<string, MessageShape>();

/** Payload shape by kind number; `undefined` where no kind has the number. */
export const PAYLOAD_SHAPES: readonly (MessageShape | undefined)[] = payloadShapes();

/** What the gateway says about a frame, beside its payload. `pub` alone is the publisher's own. */
export const ENVELOPE: readonly FieldShape[] = ['from', 'node', 'ts', 'class', 'pub', 'seq', 'policyVersion'].map(
  (name) => fieldShape('Frame', TYPES.Frame!, name, TYPES.Frame!.fields![name]!),
);

/** Whether the value, of the type, is what an absent field means. */
export function isDefault(type: FieldType, value: unknown): boolean {
  switch (type) {
    case FieldType.string:
      return value === '';
    case FieldType.bool:
      return value === false;
    case FieldType.float:
    case FieldType.double:
      return Object.is(value, 0);
    case FieldType.bytes:
      return (value as Uint8Array).length === 0;
    case FieldType.message:
      return false;
    default:
      return value === 0;
  }
}

function payloadShapes(): (MessageShape | undefined)[] {
  const shapes = new Array<MessageShape | undefined>(KIND_COUNT).fill(undefined);
  KIND_NAMES.forEach((name, kind) => {
    if (name) shapes[kind] = shapeOf(TYPES.Frame!.fields![name]!.type);
  });
  return shapes;
}

function shapeOf(message: string): MessageShape {
  const known = compiled.get(message);
  if (known) return known;
  const type = TYPES[message]!;
  const Message = (proto as unknown as Record<string, new () => Fields>)[message]!;
  const fields: FieldShape[] = [];
  const byJson = new Map<string, FieldShape>();
  const shape = { name: message, fields, byJson, bytesField: null as string | null, create: () => new Message() };
  compiled.set(message, shape);
  for (const [name, field] of Object.entries(type.fields ?? {})) {
    const compiledField = fieldShape(message, type, name, field);
    fields.push(compiledField);
    byJson.set(compiledField.json, compiledField);
    if (compiledField.type === FieldType.bytes) shape.bytesField = name;
  }
  return shape;
}

function fieldShape(message: string, owner: TypeDescriptor, name: string, field: FieldDescriptor): FieldShape {
  const json = field.options?.json_name ?? name;
  const declared = owner.nested?.[field.type] ?? TYPES[field.type];
  const values = Object.entries(declared?.values ?? {}).filter(([word]) => field.type !== 'Kind' || word !== 'none');
  const words: (string | undefined)[] = [];
  for (const [word, number] of values) words[number] = word;
  const type = declared ? (declared.values ? FieldType.enum : FieldType.message) : SCALARS[field.type];
  if (type === undefined) throw new TypeError(`${message}.${name}: ${field.type} has no JSON form`);
  return {
    name,
    json,
    prefix: `,${JSON.stringify(json)}:`,
    type,
    repeated: field.rule === 'repeated',
    map: field.keyType !== undefined,
    optional: field.options?.proto3_optional === true,
    omitted: OMITTED[message]?.includes(name) ?? false,
    words,
    numbers: values.length > 0 ? new Map(values) : NO_NUMBERS,
    // A frame inside a batch is read and written as a frame, not by its shape.
    shape: type === FieldType.message && field.type !== 'Frame' ? shapeOf(field.type) : null,
  };
}
