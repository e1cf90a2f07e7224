/**
 * Reads the fields of a message out of a parsed JSON object, by its shape. Types are checked, never coerced.
 *
 * Invariants: a value at its default is left out of the message where absent means the same, so that a frame decoded
 * from JSON equals the same frame decoded from protobuf; every object entered adds its members to the `Reading`.
 */
import { base64Bytes } from './base64.ts';
import { type FieldShape, type Fields, FieldType, isDefault, type MessageShape } from './json-shape.ts';
import { didYouMean } from './nearest-word.ts';

/** Why a JSON frame is refused. Thrown, and caught at the codec; not an Error, because a stack is dear and says nothing. */
export class JsonFault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What messages are made of, by the index of their shape: an empty one reads as the schema's defaults. */
export type MessageClasses = readonly (new () => Fields)[];

/** One text being read. */
export interface Reading {
  /** How many members the objects read so far had: what the text must hold too, or a name came twice. */
  members: number;
  readonly classes: MessageClasses;
}

/** `where: expected …, found …`, the value cut short. */
export function expected(where: string, what: string, found: unknown): JsonFault {
  return new JsonFault(`${where}: expected ${what}, found ${shown(found)}`);
}

/** A member that does not exist at `where`; names the nearest of those that do. */
export function unknownMember(where: string, name: string, known: Iterable<string>): JsonFault {
  return new JsonFault(`${where}: unknown member ${shown(name)}${didYouMean(name, known)}`);
}

/** Reads a nested message. Throws `JsonFault`. */
export function readMessage(shape: MessageShape, value: unknown, where: string, reading: Reading): Fields {
  const object = asObject(value, where);
  const message = new reading.classes[shape.index]!();
  for (const name of Object.keys(object)) {
    const field = shape.byJson.get(name);
    if (field === undefined) throw unknownMember(where, name, shape.byJson.keys());
    reading.members++;
    readField(field, object[name], where, message, reading);
  }
  return message;
}

/** The value as an object with members. Throws `JsonFault`. */
export function asObject(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw expected(where, 'an object', value);
  return value as Fields;
}

/** The value as an array. Throws `JsonFault`. */
export function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw expected(where, 'an array', value);
  return value;
}

/** Reads one field of `where` into `message`. Throws `JsonFault`. */
export function readField(field: FieldShape, value: unknown, where: string, message: Fields, reading: Reading): void {
  if (field.repeated) {
    const items = asArray(value, `${where}.${field.json}`);
    if (items.length === 0) return;
    message[field.name] = items.map((item, index) => readValue(field, item, where, index, reading));
    return;
  }
  if (field.map) {
    const entries = asObject(value, `${where}.${field.json}`);
    const names = Object.keys(entries);
    if (names.length === 0) return;
    reading.members += names.length;
    const map: Fields = {};
    for (const name of names) {
      if (name === '__proto__') throw unknownMember(`${where}.${field.json}`, name, []);
      map[name] = readValue(field, entries[name], where, name, reading);
    }
    message[field.name] = map;
    return;
  }
  const read = readValue(field, value, where, null, reading);
  if (field.optional || !isDefault(field.type, read)) message[field.name] = read;
}

type Place = string | number | null;

function readValue(field: FieldShape, value: unknown, where: string, place: Place, reading: Reading): unknown {
  switch (field.type) {
    case FieldType.string:
      if (typeof value !== 'string') throw expected(pathOf(field, where, place), 'a string', value);
      // Half a surrogate pair has no UTF-8 form: passed on, it would break the receivers' decoders.
      if (!value.isWellFormed()) throw expected(pathOf(field, where, place), 'well-formed Unicode', value);
      return value;
    case FieldType.uint32:
      if (typeof value !== 'number' || value >>> 0 !== value) {
        throw expected(pathOf(field, where, place), 'an integer from 0 to 4294967295', value);
      }
      return value >>> 0;
    case FieldType.bool:
      if (typeof value !== 'boolean') throw expected(pathOf(field, where, place), 'true or false', value);
      return value;
    case FieldType.enum:
      return readWord(field, value, where, place);
    case FieldType.float:
    case FieldType.double: {
      const number = typeof value === 'number' && field.type === FieldType.float ? Math.fround(value) : value;
      if (!Number.isFinite(number)) throw expected(pathOf(field, where, place), 'a number', value);
      return number;
    }
    case FieldType.bytes: {
      const bytes = typeof value === 'string' ? base64Bytes(value) : null;
      if (bytes === null) throw expected(pathOf(field, where, place), 'padded base64', value);
      return bytes;
    }
    default:
      return readMessage(field.shape!, value, pathOf(field, where, place), reading);
  }
}

function readWord(field: FieldShape, value: unknown, where: string, place: Place): number {
  const number = typeof value === 'string' ? field.numbers.get(value) : undefined;
  if (number !== undefined) return number;
  const words = [...field.numbers.keys()];
  const what = words.length > 8 ? 'a known word' : `one of ${words.join(', ')}`;
  const fault = expected(pathOf(field, where, place), what, value);
  throw typeof value === 'string' ? new JsonFault(fault.message + didYouMean(value, words)) : fault;
}

function pathOf(field: FieldShape, where: string, place: Place): string {
  const path = `${where}.${field.json}`;
  if (place === null) return path;
  return typeof place === 'number' ? `${path}[${place}]` : `${path}.${place}`;
}

/** A value as an error shows it: at most some forty characters. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  return typeof value === 'string' && value.length > 40 ? `${text}…` : text;
}
