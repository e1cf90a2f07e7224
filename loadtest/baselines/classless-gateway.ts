/**
 * The control arm: a gateway without classes. The same frames, the same stub node over the same gRPC, the same machine;
 * one setting differs: ONE PROCESS, FIRST COME FIRST SERVED, NO LIMITS.
 *
 * It is not made to fail. It verifies no signature, decodes no metadata, and lets uWebSockets.js' own
 * publish/subscribe fan each event out natively: idle it is the faster of the two. Like the other baselines it may
 * import uWebSockets.js and grpc-js.
 */
import { decodeFrame, encodeFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { peekFrame } from '../../schemas/frame-peek.ts';
import { isMetadata, Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { answerCalls } from '../processes/load-process.ts';
import { type ClasslessNode, listenForNode } from './classless-node.ts';
import { listenForClients, type PlainServer, type PlainSocket } from './classless-sockets.ts';

/** The one setting, as it is printed. */
export const CLASSLESS_SETTING = 'one process, first come first served, no limits';

/** What it has counted. */
export interface ClasslessReport {
  readonly metadataFrames: number;
  readonly controlFrames: number;
}

const SESSION_MS = 15_000;

/** The gateway. */
export class ClasslessGateway {
  readonly #node: ClasslessNode;
  readonly #rooms = new Map<string, Set<PlainSocket>>();
  readonly #open = new Set<PlainSocket>();
  #server: PlainServer | null = null;
  #metadataFrames = 0;
  #controlFrames = 0;

  constructor(node: ClasslessNode) {
    this.#node = node;
  }

  /** Listens; resolves to the port of both kinds of sockets. */
  async listen(): Promise<number> {
    this.#server = await listenForClients({
      opened: (socket) => this.#opened(socket),
      received: (socket, bytes) => this.#received(socket, bytes),
      closed: (socket) => {
        this.#open.delete(socket);
        this.#leave(socket);
      },
    });
    return this.#server.port;
  }

  report(): ClasslessReport {
    return { metadataFrames: this.#metadataFrames, controlFrames: this.#controlFrames };
  }

  stop(): void {
    this.#server?.stop();
    this.#node.stop();
  }

  #opened(socket: PlainSocket): void {
    this.#open.add(socket);
    const { session, signal, room } = socket.getUserData();
    this.#send(socket, { kind: Kind.welcome, welcome: { session, heartbeatMs: SESSION_MS } });
    if (!signal) socket.subscribe(room);
  }

  #received(socket: PlainSocket, bytes: Uint8Array): void {
    const client = socket.getUserData();
    if (!client.json) {
      const kind = peekFrame(bytes, 0, bytes.length);
      if (kind >= 0 && isMetadata(kind & 0x7f)) {
        this.#metadataFrames++;
        this.#server?.publish(client.room, Buffer.concat([bytes, client.fromField]));
        return;
      }
    }
    this.#controlFrames++;
    const frame = decodeFrame(client.json ? Buffer.from(bytes).toString() : bytes, client.json);
    if (!isFrameError(frame)) this.#answer(socket, frame);
  }

  #answer(socket: PlainSocket, frame: Frame): void {
    if (frame.join) this.#join(socket, frame.join.id ?? 0, frame.join.room ?? '');
    else if (frame.offer) this.#offer(socket, frame.offer);
    else if (frame.leave) {
      this.#leave(socket);
      this.#send(socket, { kind: Kind.ok, ok: { id: frame.leave.id ?? 0 } });
    } else if (frame.ping) this.#send(socket, { kind: Kind.pong, pong: frame.ping });
    else if (frame.candidate) {
      const { session } = socket.getUserData();
      const { id, ...candidate } = frame.candidate;
      this.#node.command({ candidate: { ...candidate, session } }, () => {
        this.#send(socket, { kind: Kind.ok, ok: { id: id ?? 0 } });
      });
    }
  }

  #join(socket: PlainSocket, id: number, room: string): void {
    const client = socket.getUserData();
    const { session, identity } = client;
    this.#node.command({ open: { session, tenant: '', room, identity } }, () => {
      if (!this.#open.has(socket)) return;
      client.room = room;
      const present = this.#rooms.get(room) ?? new Set();
      const participants = [...present].map((other) => ({ identity: other.getUserData().identity }));
      this.#rooms.set(room, present.add(socket));
      this.#send(socket, { kind: Kind.joined, joined: { id, room, session, participants } });
      this.#announce(socket, present, 0);
    });
  }

  #offer(socket: PlainSocket, offer: NonNullable<Frame['offer']>): void {
    const { session } = socket.getUserData();
    const { id, ...description } = offer;
    this.#node.command({ offer: { ...description, session } }, (sdp) => {
      this.#send(socket, { kind: Kind.answer, answer: { ...description, id: id ?? 0, sdp } });
    });
  }

  #leave(socket: PlainSocket): void {
    const { room, session } = socket.getUserData();
    const present = this.#rooms.get(room);
    if (!present?.delete(socket)) return;
    if (present.size === 0) this.#rooms.delete(room);
    this.#node.command({ close: { session } }, () => {});
    this.#announce(socket, present, 2);
  }

  #announce(socket: PlainSocket, present: ReadonlySet<PlainSocket>, state: 0 | 2): void {
    const { identity } = socket.getUserData();
    const frame: Frame = { kind: Kind.participant, participant: { identity, state } };
    for (const other of present) if (other !== socket) this.#send(other, frame);
  }

  #send(socket: PlainSocket, frame: Frame): void {
    if (!this.#open.has(socket)) return;
    const { json } = socket.getUserData();
    socket.send(encodeFrame(frame, json), !json);
  }
}

/** What its process offers. */
export type ClasslessCalls = {
  listen(nothing: null): Promise<{ readonly port: number; readonly nodePort: number }>;
  report(nothing: null): ClasslessReport;
};

if (process.argv[1] === import.meta.filename && process.send) {
  let gateway: ClasslessGateway | null = null;
  const calls: ClasslessCalls = {
    async listen() {
      const node = await listenForNode();
      gateway = new ClasslessGateway(node);
      return { port: await gateway.listen(), nodePort: node.port };
    },
    report: () => gateway?.report() ?? { metadataFrames: 0, controlFrames: 0 },
  };
  answerCalls(calls);
}
