/**
 * What one subscriber was given, held against what was sent in its room.
 *
 * An interim *covers* its revision and all before it that had not been covered; a final covers all. The staleness of a
 * value that was sent is the time from when it was due until it, or a newer one, was received.
 */
import type { LatencyRecord } from '../latency-record.ts';
import type { RoomRecord } from './room-record.ts';

/** Counts of one subscriber, or sums of several. */
export interface CaptionTally {
  readonly frames: number;
  readonly writes: number;
  readonly finals: number;
  readonly missing: number;
  readonly repeated: number;
  /** Finals that came before an earlier one of their stream. */
  readonly outOfOrder: number;
  readonly wrongText: number;
  /** Interims after their final, or older than what was there. */
  readonly backwards: number;
  /** Interims above 1 + ⌈open time / tick⌉ of their segment. */
  readonly tooMany: number;
}

interface SegmentBook {
  covered: number;
  ended: boolean;
  /** Interims on the present connection. */
  interims: number;
}

/** The book of one subscriber. */
export class CaptionBook {
  /** Segments whose finals came, in the order they came. */
  readonly finals: number[] = [];
  writes = 0;
  readonly #room: RoomRecord;
  readonly #tickMs: number;
  readonly #staleness: LatencyRecord | null;
  readonly #lateness: LatencyRecord | null;
  readonly #segments = new Map<number, SegmentBook>();
  #frames = 0;
  #repeated = 0;
  #wrongText = 0;
  #backwards = 0;
  #tooMany = 0;

  /** `staleness` of interims and `lateness` of finals, ms, shared by many; null: this one's do not count. */
  constructor(room: RoomRecord, tickMs: number, staleness: LatencyRecord | null, lateness: LatencyRecord | null) {
    this.#room = room;
    this.#tickMs = tickMs;
    this.#staleness = staleness;
    this.#lateness = lateness;
  }

  /** A new connection: what is open may come once more. */
  connected(): void {
    for (const book of this.#segments.values()) book.interims = 0;
  }

  /** A caption came; its text is `bytes[start, end)`. */
  received(
    key: number,
    revision: number,
    final: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ) {
    this.#frames++;
    const record = this.#room.segments.get(key);
    if (record === undefined) {
      this.#wrongText++;
      return;
    }
    let book = this.#segments.get(key);
    if (book === undefined) {
      book = { covered: -1, ended: false, interims: 0 };
      this.#segments.set(key, book);
    }
    if (final) {
      if (book.ended) {
        this.#repeated++;
        return;
      }
      book.ended = true;
      this.finals.push(key);
      if (record.finalText === null || Buffer.compare(record.finalText, bytes.subarray(start, end)) !== 0) {
        this.#wrongText++;
      }
      this.#lateness?.record(nowMs - record.finalDueMs);
      this.#cover(book, record.dueMs, record.dueMs.length - 1, nowMs);
      return;
    }
    if (book.ended || revision < book.covered) this.#backwards++;
    const mostInterims = 1 + Math.ceil((nowMs - record.firstMs) / this.#tickMs);
    if (++book.interims > mostInterims) this.#tooMany++;
    this.#cover(book, record.dueMs, revision, nowMs);
  }

  tally(): CaptionTally {
    const expected = this.#room.finals.flat();
    const came = new Set(this.finals);
    let outOfOrder = 0;
    for (const finals of this.#room.finals) {
      // Of the finals of one stream that came, each must come behind the one that was sent before it.
      let last = -1;
      for (const key of finals ?? []) {
        const at = this.finals.indexOf(key);
        if (at < 0) continue;
        if (at < last) outOfOrder++;
        last = at;
      }
    }
    return {
      frames: this.#frames,
      writes: this.writes,
      finals: this.finals.length,
      missing: expected.filter((key) => !came.has(key)).length,
      repeated: this.#repeated,
      outOfOrder,
      wrongText: this.#wrongText,
      backwards: this.#backwards,
      tooMany: this.#tooMany,
    };
  }

  #cover(book: SegmentBook, dueMs: readonly number[], upTo: number, nowMs: number): void {
    for (let revision = book.covered + 1; revision <= upTo; revision++) {
      const due = dueMs[revision];
      // One that is sent later than what replaces it never was news.
      if (due !== undefined && due <= nowMs) this.#staleness?.record(nowMs - due);
    }
    book.covered = Math.max(book.covered, upTo);
  }
}

/** Adds tallies up. */
export function sumTallies(tallies: readonly CaptionTally[]): CaptionTally {
  const sum = (of: (tally: CaptionTally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return {
    frames: sum(({ frames }) => frames),
    writes: sum(({ writes }) => writes),
    finals: sum(({ finals }) => finals),
    missing: sum(({ missing }) => missing),
    repeated: sum(({ repeated }) => repeated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    wrongText: sum(({ wrongText }) => wrongText),
    backwards: sum(({ backwards }) => backwards),
    tooMany: sum(({ tooMany }) => tooMany),
  };
}
