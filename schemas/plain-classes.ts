/**
 * Messages as objects of the field table's making, for those who have no generated code.
 *
 * Invariants: a member that was not set reads as the schema's default, from the prototype, as with the generated
 * classes; repeated fields and maps are the object's own from the start; nothing is shared between two messages.
 */
import type { MessageClasses } from './json-read.ts';
import { type FieldShape, type Fields, FieldType, type MessageShape, SHAPES } from './json-shape.ts';

const NO_ITEMS: readonly unknown[] = Object.freeze([]);
const NO_ENTRIES: Readonly<Fields> = Object.freeze({});
const NO_BYTES = new Uint8Array(0);
/** By the index of the shape. */
export const PLAIN_CLASSES: MessageClasses = SHAPES.map(classOf);

function classOf({ fields }: MessageShape): new () => Fields {
  const lists = fields.filter(({ repeated }) => repeated).map(({ name }) => name);
  const maps = fields.filter(({ map }) => map).map(({ name }) => name);
  class PlainMessage {
    readonly [name: string]: unknown;

    constructor() {
      const own = this as Fields;
      for (const name of lists) own[name] = [];
      for (const name of maps) own[name] = {};
    }
  }
  const defaults = PlainMessage.prototype as Fields;
  for (const field of fields) defaults[field.name] = defaultOf(field);
  return PlainMessage;
}

/** What an absent member reads as. The empty list, map and bytes are frozen or without room: nothing can be left there. */
function defaultOf({ type, repeated, map, optional }: FieldShape): unknown {
  if (repeated) return NO_ITEMS;
  if (map) return NO_ENTRIES;
  if (optional || type === FieldType.message) return null;
  if (type === FieldType.string) return '';
  if (type === FieldType.bool) return false;
  return type === FieldType.bytes ? NO_BYTES : 0;
}
