/**
 * What wire type each field of each payload has, compiled once from the generated descriptor: what `FrameWalk` checks.
 */
import descriptor from './generated/descriptor.json' with { type: 'json' };
import { KIND_COUNT, Kind, PAYLOAD_FIELD_OFFSET } from './kinds.ts';

export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
export const WIRE_FIXED32 = 5;
/** Payload messages of metadata kinds number their fields below this. */
export const FIELDS = 32;
/** Where the schema has no such field, or leaves its check to the decoder. */
export const WIRE_UNKNOWN = 255;

/** Wire type by kind and field number, from the schema; 255 where the schema has no such field. */
export const WIRE_BY_FIELD = new Uint8Array(KIND_COUNT * FIELDS).fill(WIRE_UNKNOWN);
/** Bit n is set where field n of the kind's payload is a string. */
export const STRING_FIELDS = new Int32Array(KIND_COUNT);
readSchema();

interface TypeDescriptor {
  fields?: Record<string, { id: number; type: string; rule?: string; keyType?: string }>;
  nested?: Record<string, TypeDescriptor>;
  values?: Record<string, number>;
}

function readSchema(): void {
  const types = descriptor.nested.sluice.nested.v1.nested as Record<string, TypeDescriptor>;
  const frameFields = types.Frame!.fields!;
  for (const [name, kind] of Object.entries(Kind)) {
    const payload = frameFields[name];
    if (!payload || payload.id !== kind + PAYLOAD_FIELD_OFFSET) continue;
    const message = types[payload.type]!;
    for (const field of Object.values(message.fields ?? {})) {
      // Repeated scalars may come packed or not: the walk takes either, the decoder checks them. Maps are repeated too.
      if (field.rule === 'repeated' || field.keyType) continue;
      const declared = message.nested?.[field.type] ?? types[field.type];
      WIRE_BY_FIELD[kind * FIELDS + field.id] = wireOf(field.type, declared);
      if (field.type === 'string') STRING_FIELDS[kind]! |= 1 << field.id;
    }
  }
}

function wireOf(type: string, declared: TypeDescriptor | undefined): number {
  if (declared) return declared.values ? WIRE_VARINT : WIRE_BYTES;
  if (type === 'string' || type === 'bytes') return WIRE_BYTES;
  if (type === 'double') return WIRE_FIXED64;
  return type === 'float' || type === 'fixed32' ? WIRE_FIXED32 : WIRE_VARINT;
}
