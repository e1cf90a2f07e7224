/**
 * The states of a room's models, by model: a whole one and what was changed since, for those who come later.
 *
 *     version 7 (base 0: whole) ─► 8 (base 7) ─► 9 (base 8)      chain: what a newcomer needs to know 9
 *
 * An update is to the version before it; one to another cannot be applied by anybody, so it is not passed on and its
 * publisher is asked for the whole. A model belongs to whoever published it first. Version 0 says that a publisher does
 * not number: then an update is an event like others.
 *
 * Invariants: a chain begins with a whole state and lacks none of what follows it; versions only rise.
 */
import { ByteKeyTable } from '../../../backpressure/byte-key-table.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Arrival } from './arrival.ts';
import type { RoomFrame } from './room-frame.ts';
import { QUEUED, type RoomParts } from './room-parts.ts';
import { SnapshotAsk } from './snapshot-ask.ts';

/** Fields of a model's state, by their numbers in frame.proto. */
export const MODEL = { model: 1, base: 2, version: 3 } as const;

/** One model's chain may take this part of what may still change in a room. */
const SHARE = 1 / 8;
const MOST_MODELS = 64;
/** A model that nobody has updated for this long is forgotten. */
const IDLE_MS = 600_000;

interface Model {
  readonly owner: string;
  version: number;
  /** Empty where it would be too long: newcomers wait for the next whole state. */
  chain: RoomFrame[];
  /** Positions of the whole states in it: the last, and before that until it has left. */
  wholes: number[];
  bytes: number;
  usedMs: number;
  readonly asked: SnapshotAsk;
}

export class ModelStates {
  readonly #parts: RoomParts;
  readonly #models = new ByteKeyTable<Model>();

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** A numbered update. Returns its outcome or `QUEUED`. */
  admit(arrival: Arrival): number {
    const { publisher, source, walk, moment } = arrival;
    if (!walk.has(MODEL.model) || !walk.stringsAreUtf8(source)) return Outcome.malformed;
    const version = walk.uint32(MODEL.version);
    const base = walk.uint32(MODEL.base);
    if (version <= base) return Outcome.malformed;
    const start = walk.start[MODEL.model]!;
    const end = walk.end[MODEL.model]!;
    let model = this.#models.find(source, start, end);
    if (model === undefined) {
      if (this.#models.size >= MOST_MODELS) return Outcome.evicted_overflow;
      const { owner } = publisher;
      model = { owner, version: 0, chain: [], wholes: [], bytes: 0, usedMs: 0, asked: new SnapshotAsk() };
      this.#models.insert(source, start, end, model);
    } else if (model.owner !== publisher.owner && !publisher.trusted) return Outcome.unauthorised;
    model.usedMs = moment.nowMs;
    if (version <= model.version) return Outcome.merged;
    if (base !== 0 && base !== model.version) {
      model.asked.ask(arrival, 0);
      return Outcome.undeliverable;
    }
    model.version = version;
    const frame = this.#parts.logWhole(arrival);
    if (!this.#keep(model, base === 0, frame)) model.asked.ask(arrival, 0);
    this.#parts.tick();
    return QUEUED;
  }

  /** What somebody who has nothing needs of the states that stood in the log before `position`. */
  before(position: number): RoomFrame[] {
    const frames: RoomFrame[] = [];
    this.#models.forEach(({ chain, wholes }) => {
      const from = wholes.findLast((whole) => whole < position) ?? position;
      for (const frame of chain) if (frame.position >= from && frame.position < position) frames.push(frame);
    });
    return frames;
  }

  /** Forgets models that have long been silent. */
  expire(nowMs: number): void {
    const over: Uint8Array[] = [];
    this.#models.forEach((model, key) => {
      if (nowMs - model.usedMs < IDLE_MS) return;
      this.#dropBefore(model, Number.POSITIVE_INFINITY);
      over.push(key);
    });
    for (const key of over) this.#models.delete(key, 0, key.length);
  }

  /** Adds a frame to its model's chain; false where that has no beginning, or has become too long to be kept. */
  #keep(model: Model, whole: boolean, frame: RoomFrame): boolean {
    const { emittedHead, live } = this.#parts;
    if (whole) model.wholes.push(frame.position);
    else if (model.chain.length === 0) return false;
    model.chain.push(frame);
    model.bytes += frame.bytes;
    live.bytes += frame.bytes;
    // Whoever comes before the newest whole state leaves is given the one before it.
    this.#dropBefore(model, model.wholes.findLast((position) => position < emittedHead) ?? 0);
    const tooMuch = () => model.bytes > live.mostBytes * SHARE || live.bytes > live.mostBytes;
    if (tooMuch()) this.#dropBefore(model, model.wholes.at(-1)!);
    if (!tooMuch()) return true;
    this.#dropBefore(model, Number.POSITIVE_INFINITY);
    // Asking for a whole that is too large would give nothing better.
    return whole;
  }

  #dropBefore(model: Model, position: number): void {
    while (model.chain.length > 0 && model.chain[0]!.position < position) {
      const { bytes } = model.chain.shift()!;
      model.bytes -= bytes;
      this.#parts.live.bytes -= bytes;
    }
    model.wholes = model.wholes.filter((whole) => whole >= position);
  }
}
