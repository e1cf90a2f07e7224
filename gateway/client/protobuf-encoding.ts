/** The encoding in protobuf. Whoever imports this gets protobufjs and the generated classes with it. */
import { decodeFrame, encodeBinaryFrame } from '../../schemas/frame-codec.ts';
import type { FrameEncoding } from './frame-encoding.ts';

/** What an application hands to the client where the library cannot load protobufjs by itself. */
export const protobufEncoding: FrameEncoding = {
  subprotocol: 'protobuf',
  encode: encodeBinaryFrame,
  decode: (message) => decodeFrame(message, false, true),
};
