/** Signalling messages in both subprotocols, for clients that send a few: the flood builds its own bytes. */
import { KIND_NAMES, Kind, type KindName } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';

/** A message as either subprotocol says it. */
export interface SignalMessage {
  readonly kind: KindName;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Encodes a message: bytes for the binary subprotocol, text for JSON. */
export function encodeSignal(
  json: boolean,
  kind: KindName,
  fields: Readonly<Record<string, unknown>>,
): Uint8Array | string {
  if (json) return JSON.stringify({ kind, ...fields });
  return proto.Frame.encode({ kind: Kind[kind], [kind]: fields } as Frame).finish();
}

/** Decodes a message. Throws when it is none. */
export function decodeSignal(json: boolean, bytes: Uint8Array): SignalMessage {
  if (json) {
    const { kind, ...fields } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
    if (!(kind in Kind)) throw new Error(`a gateway sent the unknown kind ${String(kind)}`);
    return { kind, fields };
  }
  const frame = proto.Frame.decode(bytes);
  const kind = KIND_NAMES[frame.kind ?? 0];
  if (kind === undefined) throw new Error(`a gateway sent the unknown kind ${frame.kind}`);
  return { kind, fields: (frame[kind] ?? {}) as Record<string, unknown> };
}
