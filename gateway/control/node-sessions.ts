/**
 * Which SFU node a room is on, and which of its sessions that node knows.
 *
 * Invariants: every session of a room is on the room's one node; a session is opened there before anything else is
 * said of it, and closed there when it ends; a node that has gone is never asked again.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { NodeCommand, NodeReply } from '../../schemas/proto.ts';
import { metadataAddresses } from '../fabric/metadata-url.ts';
import { NodeFailure } from '../nodes/node-commands.ts';
import type { AttachedNode } from '../nodes/node-pool.ts';
import type { PlaneParts } from './plane-parts.ts';
import type { Refusal } from './replies.ts';
import type { Room } from './rooms.ts';
import type { Session } from './session.ts';

/** How long a client is asked to wait before it tries again when no node could answer, ms. */
const RETRY_MS = 1000;
const RETRY_TIMEOUT_MS = 250;

const RENEGOTIATE: Refusal = {
  code: 503,
  reason: 'renegotiate',
  message: 'the media of this room is served by another node now: offer again',
};

/** What a request is told when no SFU node can take it. */
export const NO_NODE: Refusal = {
  code: 503,
  reason: 'node_unavailable',
  message: 'no SFU node is there to take the call',
  retryAfterMs: RETRY_MS,
};

/** What to tell a client whose node did not answer. */
export function refusalOf(failure: unknown): Refusal {
  if (!(failure instanceof NodeFailure)) throw failure;
  if (failure.reason === 'timeout') {
    return { code: 504, reason: 'node_timeout', message: failure.message, retryAfterMs: RETRY_TIMEOUT_MS };
  }
  return { code: 503, reason: 'node_unavailable', message: failure.message, retryAfterMs: RETRY_MS };
}

export class NodeSessions {
  readonly #parts: PlaneParts;
  readonly #addresses: readonly string[];

  constructor(parts: PlaneParts) {
    this.#parts = parts;
    this.#addresses = metadataAddresses(parts.config);
  }

  /** The room's node, chosen now if it has none; null when there is none to choose. */
  nodeOf(room: Room, region: string): AttachedNode | null {
    room.node ??= this.#parts.pool.pick(room.tenant, room.name, region || this.#parts.config.region);
    return room.node;
  }

  /** Makes the room's node know the session. Resolves to null when it does, else to why it does not; never rejects. */
  async open(session: Session, room: Room, node: AttachedNode): Promise<Refusal | null> {
    const { tenant, name } = room;
    const { identity } = session.principal;
    const metadataAddress = this.#addresses[room.worker] ?? '';
    session.onNode = 'opening';
    let refusal: Refusal | null = null;
    try {
      const reply = await node.commands.call({
        open: { session: session.id, tenant, room: name, identity, rights: session.rights, metadataAddress },
      });
      if (reply.error) refusal = { ...NO_NODE, message: `the SFU node refused the session: ${reply.error}` };
    } catch (failure) {
      refusal = refusalOf(failure);
    }
    if (refusal) {
      // The node may have done it all the same: an answer that comes too late must not leave a session behind.
      if (node.attached) node.commands.tell({ close: { session: session.id, reason: 'the session was not opened' } });
      if (room.node === node && session.onNode === 'opening') session.onNode = 'no';
      // A room that nobody else is in, or on the way into, may be offered another node.
      if (room.node === node && room.sessions.size === 0 && room.joining <= 1) room.node = null;
    } else if (room.node === node) session.onNode = 'yes';
    return refusal;
  }

  /** A command about a session that its node knows. Rejects as `NodeCommands.call` does. */
  call(node: AttachedNode, command: NodeCommand): Promise<NodeReply> {
    return node.commands.call(command);
  }

  /** Makes the room's node forget the session. */
  close(session: Session, room: Room, reason: string): void {
    if (session.onNode !== 'no') room.node?.commands.tell({ close: { session: session.id, reason } });
    session.onNode = 'no';
  }

  /** A node has come: rooms that have none may get one now. */
  attached(): void {
    for (const room of this.#parts.rooms) {
      if (room.node === null && room.sessions.size > 0) this.#moveIn(room);
    }
  }

  /** A node has gone: its rooms go to another, if there is one, and their clients are told to offer again. */
  gone(node: AttachedNode): void {
    for (const room of this.#parts.rooms) {
      if (room.node !== node) continue;
      room.node = null;
      for (const session of room.sessions.values()) session.onNode = 'no';
      if (room.sessions.size > 0) this.#moveIn(room);
    }
  }

  #moveIn(room: Room): void {
    const node = this.nodeOf(room, '');
    if (!node) return;
    for (const session of room.sessions.values()) {
      if (session.onNode !== 'no') continue;
      void this.open(session, room, node).then((refusal) => {
        if (refusal || session.room !== room || room.node !== node) return;
        this.#parts.replies.event(session, { kind: Kind.error, error: RENEGOTIATE });
      });
    }
  }
}
