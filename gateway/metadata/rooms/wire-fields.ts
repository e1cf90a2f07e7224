/** Writing protobuf by hand, for what the gateway changes of a payload without decoding it. */

/** Bytes that `value`, an unsigned 32-bit integer, takes as a varint. */
export function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Writes `value` (uint32) as a varint at `at`; returns the end. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** Bytes of a varint field whose number is below 16; none where the value is 0, which an absent field means. */
export function uintFieldLength(value: number): number {
  return value === 0 ? 0 : 1 + varintLength(value);
}

/** Writes such a field; returns the end. */
export function writeUintField(bytes: Uint8Array, at: number, field: number, value: number): number {
  if (value === 0) return at;
  bytes[at++] = field << 3;
  return writeVarint(bytes, at, value);
}

/**
 * Copies the fields of a walked message body, `source[start, end)`, to `target` at `at`, but for those whose bit in
 * `without` is set; returns the end. The target must have room for the whole body.
 */
export function copyFieldsWithout(
  source: Buffer,
  start: number,
  end: number,
  without: number,
  target: Buffer,
  at: number,
): number {
  let from = start;
  let keptFrom = start;
  let written = at;
  while (from < end) {
    const fieldAt = from;
    const tag = readVarint(source, from);
    from = fieldEnd(source, varintEnd(source, from), tag & 7);
    const field = tag >>> 3;
    if (field >= 32 || (without & (1 << field)) === 0) continue;
    written += source.copy(target, written, keptFrom, fieldAt);
    keptFrom = from;
  }
  return written + source.copy(target, written, keptFrom, end);
}

/** A length-delimited field numbered below 16: tag, length and bytes. */
export function bytesField(field: number, bytes: Uint8Array): Buffer {
  const written = Buffer.allocUnsafe(1 + varintLength(bytes.length) + bytes.length);
  written[0] = (field << 3) | 2;
  written.set(bytes, writeVarint(written, 1, bytes.length));
  return written;
}

/** A payload: its tag, as `payload` begins with it, and a body made of the body of `payload` without some fields and of `more`. */
export function payloadWith(payload: Buffer, without: number, ...more: readonly Uint8Array[]): Buffer {
  const tagEnd = varintEnd(payload, 0);
  const bodyStart = varintEnd(payload, tagEnd);
  const kept = Buffer.allocUnsafe(payload.length - bodyStart);
  const keptBytes = copyFieldsWithout(payload, bodyStart, payload.length, without, kept, 0);
  const length = more.reduce((sum, bytes) => sum + bytes.length, keptBytes);
  const written = Buffer.allocUnsafe(tagEnd + varintLength(length) + length);
  written.set(payload.subarray(0, tagEnd));
  let at = writeVarint(written, tagEnd, length);
  for (const bytes of [kept.subarray(0, keptBytes), ...more]) {
    written.set(bytes, at);
    at += bytes.length;
  }
  return written;
}

/** The fields of a payload's body whose bits are set in `which`, as they stand there. */
export function payloadFields(payload: Buffer, which: number): Buffer {
  const bodyStart = varintEnd(payload, varintEnd(payload, 0));
  const fields = Buffer.allocUnsafe(payload.length - bodyStart);
  return fields.subarray(0, copyFieldsWithout(payload, bodyStart, payload.length, ~which, fields, 0));
}

/** Where a field's content, beginning at `at`, ends. */
function fieldEnd(bytes: Uint8Array, at: number, wire: number): number {
  if (wire === 0) return varintEnd(bytes, at);
  if (wire === 1) return at + 8;
  if (wire === 5) return at + 4;
  return varintEnd(bytes, at) + readVarint(bytes, at);
}

function varintEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at]! >= 0x80) at++;
  return at + 1;
}

/** The low 32 bits of the varint at `at`. */
function readVarint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value >>> 0;
}

/** A varint field numbered below 16, written even where it is 0. */
export function uintField(field: number, value: number): Buffer {
  const written = Buffer.allocUnsafe(1 + varintLength(value));
  written[0] = field << 3;
  writeVarint(written, 1, value);
  return written;
}
