/**
 * One subscriber that keeps book of one room: which captions reached it in time.
 *
 * A stream's captions are numbered (see publisher.ts), and each replaces those before it, so a caption that arrives
 * *covers* its number and all before it that had not been covered. Covered captions count as in time when the oldest
 * of them is no older than the TTL; between two stamps ages are interpolated, which is exact for a constant rate.
 */

import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { REVISIONS_PER_SEGMENT } from '../agents/publisher.ts';
import type { LatencyRecord } from '../latency-record.ts';
import { readStampMs } from '../wire/caption-frame.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import type { WireListener, WireSocket } from '../wire/wire-socket.ts';

/** What one subscriber saw since the last `restart`. */
export interface ListenerTally {
  /** Captions decoded. */
  readonly deliveries: number;
  readonly messages: number;
  readonly finals: number;
  /** Captions covered within the TTL, and later. */
  readonly coveredInTime: number;
  readonly coveredLate: number;
}

interface StreamBook {
  number: number;
  stampMs: number;
}

const scan = new DeliveryScan();

/** The subscriber's side of one connection. */
export class RoomListener implements WireListener {
  socket: WireSocket | null = null;
  /** Ages of delivered captions, ms; shared by listeners of a process. */
  readonly #ages: LatencyRecord;
  readonly #nowMs: () => number;
  readonly #ttlMs: number;
  readonly #gapMs: number;
  readonly #lost: (code: number) => void;
  readonly #acks = new AckPacer();
  readonly #streams = new Map<string, StreamBook>();
  #deliveries = 0;
  #messages = 0;
  #finals = 0;
  #inTime = 0;
  #late = 0;
  #arrivedMs = 0;

  /** `gapMs` is the time between two captions of a stream. */
  constructor(ages: LatencyRecord, ttlMs: number, gapMs: number, nowMs: () => number, lost: (code: number) => void) {
    this.#ages = ages;
    this.#ttlMs = ttlMs;
    this.#gapMs = gapMs;
    this.#nowMs = nowMs;
    this.#lost = lost;
  }

  /** Counts anew; what was covered before stays covered. */
  restart(): void {
    this.#deliveries = 0;
    this.#messages = 0;
    this.#finals = 0;
    this.#inTime = 0;
    this.#late = 0;
  }

  tally(): ListenerTally {
    return {
      deliveries: this.#deliveries,
      messages: this.#messages,
      finals: this.#finals,
      coveredInTime: this.#inTime,
      coveredLate: this.#late,
    };
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.#arrivedMs = this.#nowMs();
    this.#messages++;
    const before = this.#deliveries;
    scan.frames(bytes, start, end, this.#read);
    if (scan.batchNumber > 0 && this.#acks.received(this.#deliveries - before)) {
      this.socket?.write(clientFrame(encodeSignal(false, 'ack', { upTo: scan.batchNumber })));
    }
  }

  closed(code: number): void {
    this.socket = null;
    this.#lost(code);
  }

  readonly #read = (bytes: Uint8Array): void => {
    if (scan.kind !== Kind.caption) return;
    scan.caption(bytes);
    this.#deliveries++;
    if (scan.final) this.#finals++;
    const stampMs = readStampMs(bytes, scan.textStart, scan.textEnd);
    if (stampMs < 0) return;
    this.#ages.record(this.#arrivedMs - stampMs);
    this.#cover(streamName(bytes, scan.streamStart, scan.streamEnd), stampMs);
  };

  #cover(stream: string, stampMs: number): void {
    const number = scan.segment * REVISIONS_PER_SEGMENT + scan.revision;
    let book = this.#streams.get(stream);
    if (!book) {
      // Listeners are there before the agents of their room, so what comes first covers the stream's beginning.
      book = { number: -1, stampMs: stampMs - (number + 1) * this.#gapMs };
      this.#streams.set(stream, book);
    }
    if (number <= book.number) return;
    const covered = number - book.number;
    // After a pause of the publisher the stamps lie further apart than the captions do.
    const gapMs = Math.min(this.#gapMs, (stampMs - book.stampMs) / covered);
    this.#count(covered, this.#arrivedMs - stampMs, gapMs);
    book.number = number;
    book.stampMs = stampMs;
  }

  /** `covered` captions, the newest `ageMs` old and each older one by `gapMs` more. */
  #count(covered: number, ageMs: number, gapMs: number): void {
    const room = this.#ttlMs - ageMs;
    const inTime = room < 0 ? 0 : gapMs <= 0 ? covered : Math.min(covered, Math.floor(room / gapMs) + 1);
    this.#inTime += inTime;
    this.#late += covered - inTime;
  }
}

/** Stream names of the load are `s<number>`: made without a decoder, which would cost more than all the rest. */
function streamName(bytes: Uint8Array, start: number, end: number): string {
  let name = '';
  for (let index = start; index < end; index++) name += String.fromCharCode(bytes[index]!);
  return name;
}
