/**
 * A client that goes through dialogs on one signalling socket, one after the other. What is refused, or not answered in
 * time, ends the dialog; the client then leaves the room, if it got into it, and is free again once that is done.
 *
 * Invariants: a dialog that was begun ends exactly once; one message at a time is under way.
 */
import { peekFrame } from '../../schemas/frame-peek.ts';
import { Kind } from '../../schemas/kinds.ts';
import { monotonicMs } from '../clock.ts';
import type { WireListener, WireSocket } from '../wire/wire-socket.ts';
import { DIALOG_ANSWERS, dialogFrames } from './dialog-messages.ts';

/** How a dialog ended. */
export const DialogEnd = { finished: 0, refused: 1, unanswered: 2, lost: 3 } as const;
export type DialogEnd = (typeof DialogEnd)[keyof typeof DialogEnd];

/** Hears of ends. `message`: the one that was under way, 0 to 3; `tookMs`: since the dialog was due. */
export type DialogEnded = (end: DialogEnd, message: number, dueMs: number, tookMs: number) => void;

const LEAVE = 3;
const FREE = -1;
const CLOSED = -2;
/** A leave that was refused is sent again after so long. */
const LEAVE_AGAIN_MS = 100;

export class DialogClient implements WireListener {
  readonly #frames: readonly Buffer[];
  readonly #patienceMs: number;
  readonly #ended: DialogEnded;
  #socket: WireSocket | null = null;
  /** The message under way, or FREE, or CLOSED. */
  #message = CLOSED;
  #sentMs = 0;
  #dueMs = 0;
  /** Whether a dialog goes on; without, what is under way is what is left of one that has ended. */
  #counts = false;
  /** Messages sent, by all of its dialogs. */
  sent = 0;

  constructor(room: string, patienceMs: number, ended: DialogEnded) {
    this.#frames = dialogFrames(room);
    this.#patienceMs = patienceMs;
    this.#ended = ended;
  }

  get free(): boolean {
    return this.#message === FREE;
  }

  /** Takes a fresh connection. */
  connected(socket: WireSocket): void {
    this.#socket = socket;
    this.#message = FREE;
  }

  /** Begins a dialog that was due at `dueMs`. The client must be free. */
  begin(dueMs: number): void {
    this.#dueMs = dueMs;
    this.#counts = true;
    this.#send(0);
    // The first message is due whenever it can be sent: a late load client must not make a patient one.
    this.#sentMs = dueMs;
  }

  /** Ends the dialog if its message has been under way for too long. */
  look(nowMs: number): void {
    if (this.#counts && nowMs - this.#sentMs > this.#patienceMs) this.#end(DialogEnd.unanswered, nowMs);
  }

  /** Ends the connection, and whatever goes on without a word. */
  close(): void {
    this.#counts = false;
    this.#socket?.close();
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#message;
    if (message < 0) return;
    const kind = peekFrame(bytes, start, end);
    if (kind !== Kind.error && kind !== DIALOG_ANSWERS[message]) return;
    const nowMs = monotonicMs();
    this.look(nowMs);
    if (kind === Kind.error) {
      if (this.#counts) this.#end(DialogEnd.refused, nowMs);
      this.#refused(message);
    } else if (message === LEAVE) {
      if (this.#counts) this.#end(DialogEnd.finished, nowMs);
      this.#message = FREE;
    } else this.#send(this.#counts ? message + 1 : LEAVE);
  }

  closed(): void {
    if (this.#counts) this.#end(DialogEnd.lost, monotonicMs());
    this.#message = CLOSED;
    this.#socket = null;
  }

  #refused(message: number): void {
    if (message === 0) this.#message = FREE;
    else if (message === LEAVE) setTimeout(() => this.#send(LEAVE), LEAVE_AGAIN_MS);
    else this.#send(LEAVE);
  }

  #send(message: number): void {
    if (this.#message === CLOSED) return;
    this.#message = message;
    this.#sentMs = monotonicMs();
    this.sent++;
    this.#socket?.write(this.#frames[message]!);
  }

  #end(end: DialogEnd, nowMs: number): void {
    this.#counts = false;
    this.#ended(end, Math.max(0, this.#message), this.#dueMs, nowMs - this.#dueMs);
  }
}
