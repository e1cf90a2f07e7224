/** Why a frame was refused, in either encoding: what the sender is told and what its socket is closed with. */
import { CloseCode } from './close-codes.ts';
import type { Frame } from './proto.ts';

export interface FrameError {
  readonly error: true;
  /** What a socket that keeps sending such frames is closed with. */
  readonly closeCode: CloseCode;
  /** One word a program can switch on. */
  readonly reason: 'badFrame' | 'kindMismatch';
  /** What was expected, and where, for a person. */
  readonly message: string;
}

/** Whether decoding refused. */
export function isFrameError(result: Frame | FrameError): result is FrameError {
  return (result as FrameError).error === true;
}

/** What is no frame; `message` says what was expected where. */
export function badFrame(message: string): FrameError {
  return { error: true, closeCode: CloseCode.badFrame, reason: 'badFrame', message };
}
