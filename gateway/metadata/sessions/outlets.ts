/** Ways out to clients and nodes: a WebSocket of this plane, a mixed socket of the control plane, a watching node. */
import { CLOSE_REASONS, type CloseCode } from '../../../schemas/close-codes.ts';
import { encodeFrame } from '../../../schemas/frame-codec.ts';
import { BatchWalk, FrameWalk } from '../../../schemas/frame-walk.ts';
import { type Frame, proto } from '../../../schemas/proto.ts';
import { type EdgeSocket, SendOutcome } from '../../edge/edge-socket.ts';
import { LinkEnd, type NodeLink } from '../../nodes/node-metadata-server.ts';
import type { Sink } from '../delivery/subscriber.ts';
import { refusalsFor } from '../rooms/publisher.ts';
import type { MetadataSession, Outlet } from './metadata-session.ts';

/** A client on a metadata socket. */
export class SocketOutlet implements Outlet {
  readonly json: boolean;
  readonly #socket: EdgeSocket<MetadataSession | null>;
  readonly #penaltyMs: number;

  constructor(socket: EdgeSocket<MetadataSession | null>, penaltyMs: number) {
    this.json = socket.json;
    this.#socket = socket;
    this.#penaltyMs = penaltyMs;
  }

  send(message: Buffer): boolean {
    return this.#socket.send(message) !== SendOutcome.lost;
  }

  bufferedBytes(): number {
    return this.#socket.bufferedBytes();
  }

  tell(frame: Frame): void {
    this.#socket.send(encodeFrame(frame, this.json));
  }

  disconnect(code: CloseCode): void {
    this.#socket.disconnect(code);
  }

  cut(code: CloseCode): void {
    this.#socket.cut(code, this.#penaltyMs);
  }

  renew(jwt: string): Promise<string | null> {
    return this.#socket.renew(jwt).then((fault) => {
      const { state, principal } = this.#socket;
      if (fault === null && state !== null) {
        state.publisher.refusals = refusalsFor(principal.kind, principal.canPublishData);
        state.publisher.classifier.rebind(principal.classes);
      }
      return fault;
    });
  }
}

/** A client on a mixed socket: the control plane holds the socket and passes whole messages on. */
export class MixedOutlet implements Outlet {
  readonly json: boolean;
  readonly #link: NodeLink;
  readonly #session: string;

  constructor(link: NodeLink, session: string, json: boolean) {
    this.json = json;
    this.#link = link;
    this.#session = session;
  }

  /** The bytes are copied: the writer of batches stamps them anew for the next subscriber. */
  send(message: Buffer): boolean {
    return this.#link.write({ deliver: { session: this.#session, message: Buffer.from(message) } }, message.length);
  }

  bufferedBytes(): number {
    return this.#link.bufferedBytes();
  }

  tell(frame: Frame): void {
    const encoded = encodeFrame(frame, this.json);
    const message = typeof encoded === 'string' ? Buffer.from(encoded, 'utf8') : encoded;
    this.#link.write({ deliver: { session: this.#session, message } }, message.length);
  }

  disconnect(code: CloseCode): void {
    this.#link.write({ deliver: { session: this.#session, close: true, code } });
  }

  cut(code: CloseCode): void {
    this.disconnect(code);
  }

  renew(): Promise<string | null> {
    return Promise.resolve('access tokens are renewed on the signalling socket');
  }
}

/** A node that watches a room: batches become gRPC batches whose frames say whose room they are for. */
export class WatchSink implements Sink {
  readonly json = false;
  readonly #link: NodeLink;
  readonly #roomFields: Buffer;
  readonly #walk = new FrameWalk();
  readonly #batch = new BatchWalk();

  constructor(link: NodeLink, tenant: string, room: string) {
    this.#link = link;
    this.#roomFields = Buffer.from(proto.Frame.encode({ tenant, room }).finish());
  }

  send(message: Buffer): boolean {
    const frames: Buffer[] = [];
    this.#walk.frame(message, 0, message.length);
    // A batch of ours begins with its number: a tag and four bytes.
    this.#batch.open(this.#walk.bodyStart + 5, this.#walk.bodyEnd);
    while (this.#batch.next(message) === 1) {
      frames.push(Buffer.concat([message.subarray(this.#batch.start, this.#batch.end), this.#roomFields]));
    }
    return this.#link.write({ batch: { frames } }, message.length);
  }

  bufferedBytes(): number {
    return this.#link.bufferedBytes();
  }

  disconnect(code: CloseCode): void {
    this.#link.end(LinkEnd.overrun, CLOSE_REASONS[code]);
  }
}
