/**
 * One receiver of a room's metadata: where it stands, what it wants, and how much it may have in flight.
 *
 * A subscriber is *current* when it has received everything up to the room's last flush; otherwise it is *behind*
 * and catches up at the room's next tick, from the log (whole) and the live frames (newest only).
 */
import { AckWindow } from '../../backpressure/ack-window.ts';
import type { CloseCode } from '../../schemas/close-codes.ts';
import { isMetadata, KIND_COUNT } from '../../schemas/kinds.ts';
import type { Subscription } from '../../schemas/proto.ts';
import { type BatchMessage, stamp } from './batch-writer.ts';
import type { Room } from './room.ts';

/** The way out to a subscriber: a WebSocket of this plane, or a stream that ends at one elsewhere. */
export interface Sink {
  readonly json: boolean;
  /** False when the message is lost and the subscriber must be let go. */
  send(message: Buffer): boolean;
  bufferedBytes(): number;
  disconnect(code: CloseCode): void;
}

/** What a subscriber wants. `key` is equal for equal wishes. */
export interface Filter {
  readonly key: string;
  /** By kind, 1 where wanted. */
  readonly kinds: Uint8Array;
  /** Empty: any. */
  readonly speakers: ReadonlySet<string>;
  readonly langs: ReadonlySet<string>;
}

const EVERY_KIND = Uint8Array.from({ length: KIND_COUNT }, (_, kind) => (isMetadata(kind) ? 1 : 0));

/** Wants everything. */
export const EVERYTHING: Filter = { key: '', kinds: EVERY_KIND, speakers: new Set(), langs: new Set() };

/** The filter of a subscription: an empty list means any. Focus is for the ladder and filters nothing. */
export function filterOf(subscription: Subscription | null | undefined): Filter {
  const kinds = [...(subscription?.kinds ?? [])].sort((a, b) => a - b);
  const speakers = [...(subscription?.speakers ?? [])].sort();
  const langs = [...(subscription?.langs ?? [])].sort();
  if (kinds.length + speakers.length + langs.length === 0) return EVERYTHING;
  const wanted = kinds.length === 0 ? EVERY_KIND : new Uint8Array(KIND_COUNT);
  for (const kind of kinds) wanted[kind] = 1;
  const key = JSON.stringify([kinds, speakers, langs]);
  return { key, kinds: wanted, speakers: new Set(speakers), langs: new Set(langs) };
}

export class Subscriber {
  readonly room: Room;
  /** Identity of the session; frames of its own are delivered too, as the room saw them. */
  readonly identity: string;
  sink: Sink | null;
  filter: Filter;
  readonly window = new AckWindow();
  /** Next position of the room's log to receive. */
  cursor: number;
  /** The room's flush up to which live frames were received; -1: none. */
  seenFlush = -1;
  behind = false;
  /** Since when it has had no room, monotonic ms; -1: it has. */
  blockedSinceMs = -1;
  /** Place in its group's members; the group is found by `filter.key` and subprotocol. */
  memberIndex = -1;

  constructor(room: Room, identity: string, sink: Sink, filter: Filter) {
    this.room = room;
    this.identity = identity;
    this.sink = sink;
    this.filter = filter;
    this.cursor = room.emittedHead;
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
