/**
 * Writes a message's fields as JSON text, by its shape.
 *
 * Invariants: what is written reads back as the same message; fields come in field order; what JSON cannot say
 * (infinities, NaN, an enum number without a word) is left out rather than written as something else.
 */
import { base64Text } from './base64.ts';
import { type FieldShape, type Fields, FieldType, isDefault, type MessageShape } from './json-shape.ts';

/** `,"name":value` for every field to be written. `writeFrame` writes the frames of a batch. */
export function writeFields(shape: MessageShape, message: Fields, writeFrame: (frame: Fields) => string): string {
  let text = '';
  for (const field of shape.fields) {
    const value = message[field.name];
    if (field.repeated) text += writeItems(field, value as readonly unknown[] | null | undefined, writeFrame);
    else if (field.map) text += writeMap(field, value as Fields | null | undefined, writeFrame);
    else if (value === undefined || value === null) text += absent(field);
    else if (!field.omitted || !isDefault(field.type, value)) text += writeMember(field, value, writeFrame);
  }
  return text;
}

/** `,"name":value`, or nothing for what JSON cannot say. */
export function writeMember(
  field: FieldShape,
  value: unknown,
  writeFrame: (frame: Fields) => string = noFrame,
): string {
  const written = writeValue(field, value, writeFrame);
  return written === '' ? '' : field.prefix + written;
}

/** A float as the shortest decimal that reads back as the same 32 bits, so that 0.9 stays 0.9. */
export function floatText(value: number): string {
  // Decimals lose the sign of a negative zero.
  for (let digits = 6; digits < 9 && value !== 0; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return numberText(value);
}

/** A finite number as JSON, `-0` included; empty for what JSON cannot say. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '';
  return Object.is(value, -0) ? '-0' : String(value);
}

function noFrame(): string {
  return '';
}

function absent(field: FieldShape): string {
  if (field.optional || field.omitted || field.type === FieldType.message) return '';
  switch (field.type) {
    case FieldType.string:
    case FieldType.bytes:
      return `${field.prefix}""`;
    case FieldType.bool:
      return `${field.prefix}false`;
    case FieldType.enum:
      return `${field.prefix}"${field.words[0]}"`;
    default:
      return `${field.prefix}0`;
  }
}

function writeItems(
  field: FieldShape,
  items: readonly unknown[] | null | undefined,
  writeFrame: (frame: Fields) => string,
): string {
  if (!items || items.length === 0) return field.omitted ? '' : `${field.prefix}[]`;
  const written = items.map((item) => writeValue(field, item, writeFrame)).filter((item) => item !== '');
  return `${field.prefix}[${written.join(',')}]`;
}

function writeMap(field: FieldShape, map: Fields | null | undefined, writeFrame: (frame: Fields) => string): string {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return field.omitted ? '' : `${field.prefix}{}`;
  const written = entries.map(([name, value]) => `${JSON.stringify(name)}:${writeValue(field, value, writeFrame)}`);
  return `${field.prefix}{${written.join(',')}}`;
}

function writeValue(field: FieldShape, value: unknown, writeFrame: (frame: Fields) => string): string {
  switch (field.type) {
    case FieldType.string:
      return JSON.stringify(value);
    case FieldType.enum: {
      const word = field.words[value as number];
      return word === undefined ? '' : `"${word}"`;
    }
    case FieldType.bytes:
      return `"${base64Text(value as Uint8Array)}"`;
    case FieldType.float:
      return floatText(value as number);
    case FieldType.double:
      return numberText(value as number);
    case FieldType.message:
      if (field.shape === null) return writeFrame(value as Fields);
      return `{${writeFields(field.shape, value as Fields, writeFrame).slice(1)}}`;
    default:
      return String(value);
  }
}
