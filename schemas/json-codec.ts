/**
 * Decodes and encodes whole frames in JSON, on whatever objects the caller has messages made of. Who speaks JSON alone
 * needs nothing but this: no generated code, and no library.
 *
 * Invariants: nothing that arrives makes `decodeJsonFrame` throw; what it makes of plain objects differs from what it
 * makes of generated classes in the prototypes alone.
 */
import { badFrame, type FrameError } from './frame-error.ts';
import { readJsonFrame, writeJsonFrame } from './json-frame.ts';
import { peekJsonFrame } from './json-peek.ts';
import { JsonFault, type MessageClasses } from './json-read.ts';
import { PLAIN_CLASSES } from './plain-classes.ts';
import type { Frame } from './proto.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** Encodes a frame as JSON text. Throws a TypeError when the frame lacks the payload of its kind. */
export const encodeJsonFrame: (frame: Frame) => string = writeJsonFrame;

/**
 * Decodes one text message, which may come as its UTF-8 bytes too. From a client (not `trusted`) an envelope beyond
 * `pub` and, on captions, `final` is refused.
 */
export function decodeJsonFrame(
  message: Uint8Array | string,
  trusted: boolean,
  classes: MessageClasses = PLAIN_CLASSES,
): Frame | FrameError {
  try {
    const bytes = typeof message === 'string' ? utf8Encoder.encode(message) : message;
    const text = typeof message === 'string' ? message : utf8.decode(message);
    const frame = readJsonFrame(text, bytes, trusted, classes);
    // What the peek cannot read was admitted by nobody: an escape in the first member.
    if (peekJsonFrame(bytes) === frame.kind) return frame;
    return badFrame('frame: expected the kind spelled without escapes');
  } catch (error) {
    return badFrame(error instanceof JsonFault ? error.message : 'frame: expected UTF-8');
  }
}
