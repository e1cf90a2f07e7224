/**
 * The caption streams of a room: who may write to each, as whom, and which of its segments are open or have ended.
 *
 * A stream belongs to whoever opened it, and so does a speaker's name, but for the participant of that very name;
 * trusted publishers (nodes) may write anywhere.
 */
import { ByteKeyTable, equalBytes } from '../../../backpressure/byte-key-table.ts';
import { FinishedSegments } from '../../../backpressure/finished-segments.ts';
import { copyBytes } from '../../../schemas/copy-bytes.ts';
import type { Arrival } from '../rooms/arrival.ts';
import type { Publisher } from '../rooms/publisher.ts';
import type { RoomFrame } from '../rooms/room-frame.ts';
import { SnapshotAsk } from '../rooms/snapshot-ask.ts';

/** Fields of a caption, by their numbers in frame.proto. */
export const CAPTION = {
  stream: 1,
  segment: 2,
  mode: 3,
  epoch: 4,
  revision: 5,
  offset: 6,
  text: 7,
  state: 8,
  totalLen: 9,
  hash: 10,
  keepPrefix: 11,
  baseRevision: 12,
  speaker: 14,
  lang: 15,
  model: 16,
  modelVersion: 17,
} as const;

/** A speaker's name in this room and who may use it. */
interface Speaker {
  readonly name: Uint8Array;
  readonly owner: string;
  usedMs: number;
}

export interface CaptionStream {
  readonly owner: string;
  readonly append: boolean;
  /** Segments with interim content and no final. */
  readonly open: RoomFrame[];
  readonly finished: FinishedSegments;
  /** Segments given up for their silence, whose final may still come; null: none. */
  abandoned: FinishedSegments | null;
  /** The speaker last checked, so that the next check is a comparison. */
  speaker: Speaker;
  /** For a whole interim. */
  readonly asked: SnapshotAsk;
  usedMs: number;
}

const NOBODY: Speaker = { name: new Uint8Array(0), owner: '', usedMs: 0 };

export class CaptionStreams {
  readonly #streams = new ByteKeyTable<CaptionStream>();
  readonly #speakers = new ByteKeyTable<Speaker>();
  readonly #most: number;

  /** `most`: streams, and speakers, a room may have at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The stream a walked caption names, opened for its publisher when it is new; null when there are too many. */
  find({ publisher, source, walk, moment }: Arrival): CaptionStream | null {
    const { nowMs } = moment;
    const start = walk.start[CAPTION.stream]!;
    const end = walk.end[CAPTION.stream]!;
    const known = this.#streams.find(source, start, end);
    if (known !== undefined) {
      known.usedMs = nowMs;
      return known;
    }
    if (this.#streams.size >= this.#most) return null;
    const stream: CaptionStream = {
      owner: publisher.owner,
      append: walk.uint32(CAPTION.mode) === 1,
      open: [],
      finished: new FinishedSegments(),
      abandoned: null,
      speaker: NOBODY,
      asked: new SnapshotAsk(),
      usedMs: nowMs,
    };
    this.#streams.insert(source, start, end, stream);
    return stream;
  }

  /** Whether the publisher may write to the stream, and speak as the speaker its caption names. */
  mayWrite(stream: CaptionStream, { publisher, source, walk, moment }: Arrival): boolean {
    if (stream.owner !== publisher.owner && !publisher.trusted) return false;
    if (!walk.has(CAPTION.speaker)) return true;
    const start = walk.start[CAPTION.speaker]!;
    const end = walk.end[CAPTION.speaker]!;
    if (start === end) return true;
    let { speaker } = stream;
    if (!equalBytes(speaker.name, source, start, end)) {
      speaker = this.#speakers.find(source, start, end) ?? this.#newSpeaker(publisher, source, start, end);
      if (speaker.owner !== publisher.owner && !publisher.trusted) {
        if (source.toString('utf8', start, end) !== publisher.identity) return false;
      }
      stream.speaker = speaker;
    }
    speaker.usedMs = moment.nowMs;
    return true;
  }

  /** The stream in which a frame is an open segment, or null. */
  streamOf(frame: RoomFrame): CaptionStream | null {
    let found: CaptionStream | null = null;
    this.#streams.forEach((stream) => {
      if (stream.open.includes(frame)) found = stream;
    });
    return found;
  }

  /** Calls `abandon` for open segments silent since `openBeforeMs`; forgets streams and speakers silent since `usedBeforeMs`. */
  expire(openBeforeMs: number, usedBeforeMs: number, abandon: (frame: RoomFrame, stream: CaptionStream) => void): void {
    forgetWhere(this.#streams, (stream) => {
      for (const frame of [...stream.open]) if (frame.admittedMs < openBeforeMs) abandon(frame, stream);
      return stream.open.length === 0 && stream.usedMs < usedBeforeMs;
    });
    forgetWhere(this.#speakers, (speaker) => speaker.usedMs < usedBeforeMs);
  }

  /** Where there are too many, a name is taken without being remembered. */
  #newSpeaker(publisher: Publisher, source: Buffer, start: number, end: number): Speaker {
    const name = copyBytes(source, start, end);
    const speaker = { name, owner: publisher.owner, usedMs: 0 };
    if (this.#speakers.size < this.#most) this.#speakers.insert(source, start, end, speaker);
    return speaker;
  }
}

function forgetWhere<T>(table: ByteKeyTable<T>, isOver: (value: T) => boolean): void {
  const forgotten: Uint8Array[] = [];
  table.forEach((value, key) => {
    if (isOver(value)) forgotten.push(key);
  });
  for (const key of forgotten) table.delete(key, 0, key.length);
}

/** The open segment of that number, or null. Streams have one or two open at a time. */
export function openSegment(stream: CaptionStream, segment: number): RoomFrame | null {
  for (const frame of stream.open) {
    if (frame.segment === segment) return frame;
  }
  return null;
}
