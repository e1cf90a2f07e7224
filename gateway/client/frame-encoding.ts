/**
 * How the frames of a socket are written: JSON, which needs nothing beside this library, or protobuf, whose codec comes
 * with protobufjs and is therefore loaded only when it is asked for, or handed in by the application.
 */
import type { FrameError } from '../../schemas/frame-error.ts';
import { decodeJsonFrame, encodeJsonFrame } from '../../schemas/json-codec.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

export type Subprotocol = 'protobuf' | 'json';

/** One subprotocol's encoding. */
export interface FrameEncoding {
  readonly subprotocol: Subprotocol;
  /** Throws a TypeError when the frame lacks the payload of its kind. */
  encode(frame: Frame): string | Uint8Array;
  /** Never throws. */
  decode(message: string | Uint8Array): Frame | FrameError;
}

/** The encoding in JSON. */
export const jsonEncoding: FrameEncoding = {
  subprotocol: 'json',
  encode: encodeJsonFrame,
  decode: (message) => decodeJsonFrame(message, true),
};

/** The encoding of a subprotocol. Rejects with `noEncoding` where protobufjs cannot be loaded. */
export async function encodingOf(subprotocol: Subprotocol): Promise<FrameEncoding> {
  if (subprotocol === 'json') return jsonEncoding;
  try {
    const { protobufEncoding } = await import('./protobuf-encoding.ts');
    return protobufEncoding;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `the protobuf codec could not be loaded (is protobufjs there? json does without): ${why}`;
    throw new SluiceError(0, ClientReason.noEncoding, message);
  }
}
