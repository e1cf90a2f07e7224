/**
 * A client in a room of this worker: on a metadata socket here, or on a mixed socket of the control plane. What it
 * publishes is judged by its publisher's rights and buckets; what it receives goes out through its subscriber.
 */
import type { CloseCode } from '../../../schemas/close-codes.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { Frame } from '../../../schemas/proto.ts';
import type { Sink, Subscriber } from '../delivery/subscriber.ts';
import type { Publisher } from '../rooms/publisher.ts';
import type { Room } from '../rooms/room.ts';

/** The way out to a client, whichever socket it is on. */
export interface Outlet extends Sink {
  /** Sends one frame in the client's subprotocol. */
  tell(frame: Frame): void;
  /** Drops the socket at once; the identity is refused for the penalty. */
  cut(code: CloseCode): void;
  /** Takes a fresh access token over; resolves to an error sentence or null. */
  renew(jwt: string): Promise<string | null>;
}

/** What the gateway owes a publisher by way of news, told together every few turns. */
export interface Owed {
  /** Frames refused since last told, by class index; sparse, empty when there were none. */
  dropped: number[];
  toldDroppedMs: number;
  toldErrorMs: number;
  /** Until when the worker is taken to have too much to do, by class that was refused for that; sparse. */
  overloadUntilMs: number[];
  /** Refusals in the present second, for the hard ceiling. */
  refusedInWindow: number;
  windowStartMs: number;
}

export class MetadataSession {
  readonly room: Room;
  readonly publisher: Publisher;
  readonly outlet: Outlet;
  readonly identity: string;
  readonly mayReceive: boolean;
  /** Whether it takes captions as differences (capability `captionDelta`); set before it receives anything. */
  captionDelta = false;
  /** Whether it was let in to come back, which it has yet to show, while nobody new may come. */
  mustResume = false;
  subscriber: Subscriber | null = null;
  /** The signalling session it belongs to; empty until it attaches. */
  sessionId = '';
  /** Kept only by those who were ever refused something. */
  owed: Owed | null = null;
  /** Whether it is on the list of those to be told something. */
  listed = false;
  closed = false;

  constructor(room: Room, publisher: Publisher, outlet: Outlet, mayReceive: boolean) {
    this.room = room;
    this.publisher = publisher;
    this.outlet = outlet;
    this.identity = publisher.identity;
    this.mayReceive = mayReceive;
    publisher.askSnapshot ??= (stream, segment) => {
      if (!this.closed) outlet.tell({ kind: Kind.snapshotWanted, snapshotWanted: { stream, segment } });
    };
  }
}
