/**
 * What a publisher was asked to send whole, because something of it is missing: a segment, a turn, a model's state. At
 * most once in a while, however many frames show that it is missing.
 */
import type { Arrival } from './arrival.ts';
import type { Publisher } from './publisher.ts';

/** A publisher is asked for the same thing at most this often. */
const ASK_GAP_MS = 1000;
/** Field 1 of a caption is its stream, of a turn and of a model's state its name. */
const NAME = 1;

export class SnapshotAsk {
  #name = '';
  #segment = 0;
  #askedMs = Number.NEGATIVE_INFINITY;

  /** Asks the sender of the arrival for the whole of what that is part of. `segment`: of a caption; else 0. */
  ask({ publisher, source, walk, moment }: Arrival, segment: number): void {
    if (moment.nowMs - this.#askedMs < ASK_GAP_MS) return;
    this.#name = source.toString('utf8', walk.start[NAME]!, walk.end[NAME]!);
    this.#segment = segment;
    this.again(publisher, moment.nowMs);
  }

  /** Asks for the same as before, of which something is still missing. */
  again(publisher: Publisher, nowMs: number): void {
    if (nowMs - this.#askedMs < ASK_GAP_MS) return;
    this.#askedMs = nowMs;
    publisher.askSnapshot?.(this.#name, this.#segment);
  }
}
