/**
 * One subscriber of captions: quick, slow (acknowledges late), or one that loses its connection and comes back.
 *
 * Invariants: `lastNumber` is that of the last batch received, on whichever connection; only one that comes back
 * attaches to a signalling session, which is what lets it.
 */
import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { monotonicMs } from '../clock.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireListener, type WireSocket, type WireTarget } from '../wire/wire-socket.ts';
import type { CaptionBook } from './caption-book.ts';
import { segmentKey } from './room-record.ts';

export type Temper = 'quick' | 'slow' | 'breaking';

/** The signalling session a breaking subscriber comes back to. */
export interface SessionPoint {
  readonly session: string;
  readonly resumeToken: string;
}

const scan = new DeliveryScan();
const ZERO = 0x30;

export class CaptionSubscriber implements WireListener {
  readonly temper: Temper;
  readonly book: CaptionBook;
  /** Batches whose number was not the next on a connection that had not broken. */
  numberJumps = 0;
  /** Connections lost that were not to be. */
  lost = 0;
  resumes = 0;
  readonly #target: WireTarget;
  readonly #session: SessionPoint | null;
  readonly #acks = new AckPacer();
  #socket: WireSocket | null = null;
  #ackedNumber = 0;
  #lastNumber = 0;
  #fresh = true;
  #leaving = false;
  #nowMs = 0;
  #frames = 0;

  constructor(temper: Temper, book: CaptionBook, target: WireTarget, session: SessionPoint | null) {
    this.temper = temper;
    this.book = book;
    this.#target = target;
    this.#session = session;
  }

  /** Connects, now or again. Rejects when the handshake is refused. */
  async connect(): Promise<void> {
    this.#leaving = false;
    this.#fresh = true;
    this.#acks.restart();
    this.book.connected();
    const path = this.#session === null ? this.#target.path : `${this.#target.path}?resume=1`;
    this.#socket = await openWire({ ...this.#target, path }, this);
    if (this.#session === null) return;
    const attach = { ...this.#session, lastNumber: this.#lastNumber };
    this.#socket.send(encodeSignal(false, 'attach', attach));
    if (this.#lastNumber > 0) this.resumes++;
  }

  /** Loses the connection, with whatever is on its way. */
  breakOff(): void {
    this.#leaving = true;
    this.#socket?.destroy();
  }

  /** Acknowledges everything received: what a slow one does now and then. */
  acknowledge(): void {
    if (this.#lastNumber <= this.#ackedNumber || !this.#socket?.open) return;
    this.#ackedNumber = this.#lastNumber;
    this.#socket.write(clientFrame(encodeSignal(false, 'ack', { upTo: this.#lastNumber })));
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    this.#nowMs = monotonicMs();
    const before = this.#frames;
    scan.frames(bytes, start, end, this.#read);
    const frames = this.#frames - before;
    if (frames > 0) this.book.writes++;
    const number = scan.batchNumber;
    if (number === 0) return;
    if (!this.#fresh && number !== this.#lastNumber + 1) this.numberJumps++;
    const first = this.#fresh;
    this.#fresh = false;
    this.#lastNumber = number;
    // A slow one shows with its first batch that it acknowledges at all, and then takes its time.
    if (this.temper === 'slow' ? first : this.#acks.received(frames)) this.acknowledge();
  }

  closed(): void {
    this.#socket = null;
    if (!this.#leaving) this.lost++;
  }

  readonly #read = (bytes: Uint8Array): void => {
    if (scan.kind !== Kind.caption) return;
    scan.caption(bytes);
    this.#frames++;
    // Streams are named by one digit, the number of the speaker.
    const key = segmentKey(bytes[scan.streamStart]! - ZERO, scan.segment);
    this.book.received(key, scan.revision, scan.final, bytes, scan.textStart, scan.textEnd, this.#nowMs);
  };
}
