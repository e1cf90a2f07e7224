/**
 * What each message looks like in JSON, compiled once from the generated field table: the tables by which `json-read`
 * and `json-write` go. What a message is made of (a generated class, a plain object) is the reader's choice.
 *
 * Invariants: JSON names are those of the schema, unless a field says `json_name`; a shape's fields are in field
 * order; every type of frame.proto is covered, or the module does not load; nothing of protobufjs is imported.
 */
import { ENUMS, MESSAGES } from './generated/field-table.ts';
import { KIND_COUNT, KIND_NAMES } from './kinds.ts';

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
  /** The place of the message in tables by shape; that of `Frame` itself is 0. */
  readonly index: number;
  readonly fields: readonly FieldShape[];
  readonly byJson: ReadonlyMap<string, FieldShape>;
  /** The one bytes field, if any: what a decoder must copy out of a borrowed buffer. */
  readonly bytesField: string | null;
}

/**
 * Fields the contract marks with `?`: a writer leaves them out at their default. All others always appear, so that
 * `segment: 0` or `text: ""` can be read as what they are.
 */
const OMITTED: Readonly<Record<string, readonly string[]>> = {
  Join: ['name', 'capabilities'],
  Subscription: ['kinds', 'speakers', 'langs', 'focus'],
  Request: ['workflow'],
  Welcome: ['credits', 'classes'],
  Joined: ['classes'],
  IceServer: ['username', 'credential'],
  Participant: ['name', 'kind'],
  Goaway: ['url', 'metadataUrl'],
  Batch: ['number'],
  Throttled: ['message'],
  Caption: ['epoch', 'offset', 'state', 'speaker', 'lang', 'model', 'modelVersion'],
  ToolCall: ['name', 'payload'],
  Custom: ['label', 'payload'],
};

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

/** The frame itself, envelope and payloads. */
export const FRAME_SHAPE: MessageShape = shapeOf('Frame');

/** Payload shape by kind number; `undefined` where no kind has the number. */
export const PAYLOAD_SHAPES: readonly (MessageShape | undefined)[] = payloadShapes();

/** Every shape by its index. */
export const SHAPES: readonly MessageShape[] = [...compiled.values()];

/** What the gateway says about a frame, beside its payload. `pub` alone is the publisher's own. */
export const ENVELOPE: readonly FieldShape[] = ['from', 'node', 'ts', 'class', 'pub', 'seq', 'policyVersion'].map(
  (name) => FRAME_SHAPE.byJson.get(name)!,
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
    if (name) shapes[kind] = FRAME_SHAPE.byJson.get(name)!.shape!;
  });
  return shapes;
}

function shapeOf(message: string): MessageShape {
  const known = compiled.get(message);
  if (known) return known;
  const fields: FieldShape[] = [];
  const byJson = new Map<string, FieldShape>();
  const shape = { name: message, index: compiled.size, fields, byJson, bytesField: null as string | null };
  compiled.set(message, shape);
  for (const [name, type, rule, json] of MESSAGES[message]!) {
    const field = fieldShape(message, name, type, rule, json ?? name);
    fields.push(field);
    byJson.set(field.json, field);
    if (field.type === FieldType.bytes) shape.bytesField = name;
  }
  return shape;
}

function fieldShape(message: string, name: string, declared: string, rule: string, json: string): FieldShape {
  const values = Object.entries(ENUMS[declared] ?? {}).filter(([word]) => declared !== 'Kind' || word !== 'none');
  const words: (string | undefined)[] = [];
  for (const [word, number] of values) words[number] = word;
  const nested = MESSAGES[declared] ? FieldType.message : SCALARS[declared];
  const type = values.length > 0 ? FieldType.enum : nested;
  if (type === undefined) throw new TypeError(`${message}.${name}: ${declared} has no JSON form`);
  return {
    name,
    json,
    prefix: `,${JSON.stringify(json)}:`,
    type,
    repeated: rule === 'repeated',
    map: rule === 'map',
    optional: rule === 'optional',
    omitted: OMITTED[message]?.includes(name) ?? false,
    words,
    numbers: values.length > 0 ? new Map(values) : NO_NUMBERS,
    // A frame inside a batch is read and written as a frame, not by its shape.
    shape: type === FieldType.message && declared !== 'Frame' ? shapeOf(declared) : null,
  };
}
