/**
 * One receiver of a room's metadata: where it stands, what it wants, and how much it may have in flight.
 *
 * A subscriber is *current* when it has received everything up to the room's last flush; otherwise it is *behind*
 * and catches up at the room's next tick, from the log (whole) and the live frames (newest only).
 */
import { AckWindow } from '../../../backpressure/ack-window.ts';
import type { CloseCode } from '../../../schemas/close-codes.ts';
import type { Room } from '../rooms/room.ts';
import { type BatchMessage, stamp } from './batch-writer.ts';
import type { Filter } from './subscription.ts';

/** The way out to a subscriber: a WebSocket of this plane, or a stream that ends at one elsewhere. */
export interface Sink {
  readonly json: boolean;
  /** False when the message is lost and the subscriber must be let go. */
  send(message: Buffer): boolean;
  bufferedBytes(): number;
  disconnect(code: CloseCode): void;
}

export class Subscriber {
  readonly room: Room;
  /** Identity of the session; frames of its own are delivered too, as the room saw them. */
  readonly identity: string;
  sink: Sink | null;
  /** What it asked for. */
  wish: Filter;
  /** What of that it gets at present; its groups say. */
  filter: Filter;
  readonly window: AckWindow;
  /** Whether it takes captions as differences to what it was sent before. */
  differences: boolean;
  /** Whether it can come back after its socket has broken. */
  resumable = false;
  /** Next position of the room's log to receive. */
  cursor: number;
  /** The room's flush up to which live frames were received; -1: none. */
  seenFlush = -1;
  behind = false;
  /** Whether it still has to be given the states of models that left before its place in the log. */
  lacksModels = true;
  /** Since when it has had no room, monotonic ms; -1: it has. */
  blockedSinceMs = -1;
  /** Place in its group's members; the group is found by `filter.key` and subprotocol. */
  memberIndex = -1;

  constructor(room: Room, identity: string, sink: Sink, wish: Filter, differences = false) {
    this.room = room;
    this.identity = identity;
    this.sink = sink;
    this.wish = wish;
    this.filter = wish;
    this.differences = differences;
    this.cursor = room.emittedHead;
    this.window = new AckWindow(this.cursor);
  }

  /** The oldest position of the log it may still be sent, now or when it has come back. */
  get heldPosition(): number {
    if (!this.resumable) return this.cursor;
    const held = this.window.heldPosition;
    return held < 0 ? this.cursor : Math.min(held, this.cursor);
  }

  /** Whether it may be sent another batch now. */
  hasRoom(limitBytes: number): boolean {
    if (this.sink === null) return false;
    if (this.window.acknowledging) return this.window.hasRoom(limitBytes);
    return this.sink.bufferedBytes() < limitBytes;
  }

  /** Sends one batch under the next number. False when it was lost. */
  send(message: BatchMessage, position: number): boolean {
    stamp(message, this.window.sent(message.bytes.length, position));
    return this.sink!.send(message.bytes);
  }
}
