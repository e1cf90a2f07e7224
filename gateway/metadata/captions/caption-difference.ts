/**
 * An open segment as a difference to what its subscribers were last sent: for those who asked for it
 * (capability `captionDelta`) and have that version.
 *
 *     flush 3: revision 7 ──► flush 8: revision 12 as difference to 7, for whoever has everything up to 3 … 7
 *                        └──► keyframe: whole, every keyframeMs, and whenever somebody was sent another version
 *
 * Who speaks, in which language and by which model it was heard is left out as long as it stays the same.
 *
 * Invariant: whoever is written a difference has its base.
 */
import { keptPrefix } from '../../../backpressure/caption-delta.ts';
import { payloadBytes } from '../rooms/payload-walk.ts';
import type { RoomFrame } from '../rooms/room-frame.ts';
import { bytesField, payloadFields, payloadWith, uintField } from '../rooms/wire-fields.ts';
import { CAPTION } from './caption-streams.ts';

const TEXT = 1 << CAPTION.text;
const LASTING = (1 << CAPTION.speaker) | (1 << CAPTION.lang) | (1 << CAPTION.model) | (1 << CAPTION.modelVersion);

export class CaptionDifference {
  /** The payload as a difference; null where it leaves whole. */
  payload: Buffer | null = null;
  /** The flush in which its base left. */
  baseFlush = -1;
  #text = Buffer.alloc(0);
  #lasting: Buffer = Buffer.alloc(0);
  #epoch = 0;
  #revision = 0;
  /** The flush in which `#text` left; -1: nobody is known to have it. */
  #flush = -1;
  #keyframeMs = Number.NEGATIVE_INFINITY;

  /** The frame's content leaves in `flush`, whole every `keyframeEveryMs`. */
  leaves(frame: RoomFrame, flush: number, keyframeEveryMs: number, nowMs: number): void {
    const text = payloadBytes(frame, CAPTION.text);
    const lasting = payloadFields(frame.payload.subarray(0, frame.length), LASTING);
    const based = this.#flush >= 0 && this.#epoch === frame.epoch && nowMs - this.#keyframeMs < keyframeEveryMs;
    this.payload = based ? this.#differenceOf(frame, text, lasting) : null;
    this.baseFlush = this.#flush;
    if (this.payload === null) this.#keyframeMs = nowMs;
    this.#flush = flush;
    this.#text = Buffer.from(text);
    this.#lasting = lasting;
    this.#epoch = frame.epoch;
    this.#revision = frame.revision;
  }

  /** Somebody has, or will be taken to have, another version than the one that left: the next leaves whole. */
  forget(): void {
    this.payload = null;
    this.#flush = -1;
  }

  /** The difference, where it takes less than the whole. */
  #differenceOf(frame: RoomFrame, text: Buffer, lasting: Buffer): Buffer | null {
    const kept = keptPrefix(this.#text, text);
    const payload = payloadWith(
      frame.payload.subarray(0, frame.length),
      lasting.equals(this.#lasting) ? TEXT | LASTING : TEXT,
      bytesField(CAPTION.text, text.subarray(kept.bytes)),
      uintField(CAPTION.keepPrefix, kept.points),
      uintField(CAPTION.baseRevision, this.#revision),
    );
    return payload.length < frame.length ? payload : null;
  }
}
