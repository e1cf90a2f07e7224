/**
 * What has really been sent in a room, kept for those who judge what arrives: publishers write it, subscribers' books
 * read it, both in one process.
 */
import type { CaptionInput } from './caption-oracle.ts';
import type { ScriptedFragment } from './room-script.ts';

const MOST_SEGMENTS = 100_000;

/** A segment of the room, as one number. */
export function segmentKey(speaker: number, segment: number): number {
  return speaker * MOST_SEGMENTS + segment;
}

/** One segment, as far as it has been sent. Times are of the machine's clock, ms. */
export interface SegmentRecord {
  firstMs: number;
  /** When each revision was due to be sent, by its number; repetitions and finals left out. */
  readonly dueMs: number[];
  finalDueMs: number;
  finalText: Buffer | null;
}

/** The record of one room. */
export class RoomRecord {
  readonly segments = new Map<number, SegmentRecord>();
  /** Everything sent, repetitions included, in its order. */
  readonly input: CaptionInput[] = [];
  /** Segments of each speaker that have ended, in their order. */
  readonly finals: number[][] = [];

  /** Notes that `fragment`, due at `dueMs`, leaves now. */
  sent(fragment: ScriptedFragment, dueMs: number, nowMs: number): void {
    const { speaker, revision, final, text } = fragment;
    const key = segmentKey(speaker, fragment.segment);
    this.input.push({ key, revision, final, atMs: nowMs });
    let segment = this.segments.get(key);
    if (segment === undefined) {
      segment = { firstMs: nowMs, dueMs: [], finalDueMs: -1, finalText: null };
      this.segments.set(key, segment);
    }
    if (!final) segment.dueMs[revision] ??= dueMs;
    else if (segment.finalText === null) {
      segment.finalDueMs = dueMs;
      segment.finalText = Buffer.from(text);
      this.finals[speaker] ??= [];
      this.finals[speaker].push(key);
    }
  }
}
