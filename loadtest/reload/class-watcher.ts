/**
 * A subscriber that books every frame it is sent by sort and class.
 *
 * Invariants: batches are acknowledged as a client does; a number that is not the next is counted as a gap.
 */
import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireListener, type WireSocket, type WireTarget } from '../wire/wire-socket.ts';
import type { ClassBook } from './class-book.ts';
import { FINAL, INTERIM, PRESENCE } from './ruled-policies.ts';

const DIGIT_0 = 0x30;
const scan = new DeliveryScan();

export class ClassWatcher implements WireListener {
  /** Batches whose number was not the next. */
  gaps = 0;
  /** Connections that ended before `stop`. */
  lost = 0;
  readonly #book: ClassBook;
  readonly #acks = new AckPacer();
  #socket: WireSocket | null = null;
  #lastNumber = 0;
  #stopped = false;

  constructor(book: ClassBook) {
    this.#book = book;
  }

  /** Connects. Rejects when the handshake is refused. */
  async open(target: WireTarget): Promise<void> {
    this.#socket = await openWire(target, this);
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    const frames = scan.frames(bytes, start, end, this.#read);
    const number = scan.batchNumber;
    if (number === 0) return;
    if (this.#lastNumber > 0 && number !== this.#lastNumber + 1) this.gaps++;
    this.#lastNumber = number;
    if (this.#acks.received(frames)) this.#socket?.write(clientFrame(encodeSignal(false, 'ack', { upTo: number })));
  }

  closed(): void {
    if (!this.#stopped) this.lost++;
  }

  readonly #read = (bytes: Uint8Array): void => {
    const sort = sortOf(bytes);
    if (sort !== null) this.#book.count(sort, bytes, scan.classStart, scan.classEnd);
  };
}

/** The sort of the frame that was scanned; null for those the gateway sends of itself. */
function sortOf(bytes: Uint8Array): number | null {
  switch (scan.kind) {
    case Kind.caption:
      return scan.final ? FINAL : INTERIM;
    case Kind.presence:
      return PRESENCE;
    case Kind.custom: {
      // Tag and length of the type, `r`, three digits.
      const at = scan.bodyStart + 3;
      return (bytes[at]! - DIGIT_0) * 100 + (bytes[at + 1]! - DIGIT_0) * 10 + bytes[at + 2]! - DIGIT_0;
    }
    default:
      return null;
  }
}
