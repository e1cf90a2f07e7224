/**
 * The nodes that are attached to this gateway, and which SFU a room goes to.
 *
 * A room is proposed a node by rendezvous hashing: nodes that have room before full ones, among these the wanted region
 * before others, and then each in proportion to how idle it says it is. Whoever asks keeps the answer for as long as
 * the room lives: it may differ the next time.
 *
 * Invariants: a node ID is attached once, a second attachment takes the first one's place; a node that has gone
 * answers nothing any more, and its listener is told once.
 */
import type { NodeCandidate, NodeEvent, NodeHello, NodeSignal } from '../../schemas/proto.ts';
import { hashOf, rendezvousScore } from '../fabric/rendezvous.ts';
import type { NodeCommands } from './node-commands.ts';

/** Once a node has sent a heartbeat, it is given up after this long without another. */
const SILENCE_MS = 15_000;
const FULL_LOAD = 0.9;
const LEAST_WEIGHT = 0.05;

/** A node on this gateway's NodeControl. */
export interface AttachedNode {
  readonly id: string;
  readonly role: 'sfu' | 'inference';
  readonly region: string;
  /** Sessions the node is willing to hold; 0 when it does not say. */
  readonly capacity: number;
  readonly commands: NodeCommands;
  /** 0 idle to 1 full, as the last heartbeat said. */
  load: number;
  sessions: number;
  /** Requests that wait there, as the last heartbeat said. */
  queueDepth: number;
  /** Of its models; null while it does not say. */
  inferenceP99Ms: number | null;
  /** Models and the like that the node can leave out of the media path. */
  readonly features: readonly string[];
  draining: boolean;
  attached: boolean;
  /** Monotonic ms; 0 before the first heartbeat. */
  heardAtMs: number;
  /** Ends its stream. */
  readonly end: (reason: string) => void;
}

/** What the control plane is told. */
export interface NodeListener {
  attached(node: AttachedNode): void;
  gone(node: AttachedNode): void;
  offered(node: AttachedNode, signal: NodeSignal): void;
  answered(node: AttachedNode, signal: NodeSignal): void;
  candidate(node: AttachedNode, candidate: NodeCandidate): void;
}

export class NodePool {
  readonly #nodes = new Map<string, AttachedNode>();
  readonly #listener: NodeListener;
  readonly #sweep: NodeJS.Timeout;
  /** Replies to commands that had already ended. */
  lateReplies = 0;

  /** Deadlines are checked every `sweepMs`. */
  constructor(listener: NodeListener, sweepMs: number) {
    this.#listener = listener;
    this.#sweep = setInterval(() => this.#expire(performance.now()), sweepMs);
  }

  get nodes(): Iterable<AttachedNode> {
    return this.#nodes.values();
  }

  /** Takes a node in; the one that had its ID, if any, is ended. */
  attach(hello: NodeHello, commands: NodeCommands, end: (reason: string) => void): AttachedNode {
    const id = hello.nodeId ?? '';
    const older = this.#nodes.get(id);
    if (older) {
      this.detach(older);
      older.end('the node attached again');
    }
    const node: AttachedNode = {
      id,
      role: hello.role === 1 ? 'inference' : 'sfu',
      region: hello.region ?? '',
      capacity: hello.capacity ?? 0,
      commands,
      load: 0,
      sessions: 0,
      queueDepth: 0,
      inferenceP99Ms: null,
      features: hello.features ?? [],
      draining: false,
      attached: true,
      heardAtMs: 0,
      end,
    };
    this.#nodes.set(id, node);
    this.#listener.attached(node);
    return node;
  }

  /** The node's stream has ended. Its commands fail, then the listener is told. */
  detach(node: AttachedNode): void {
    if (!node.attached) return;
    node.attached = false;
    if (this.#nodes.get(node.id) === node) this.#nodes.delete(node.id);
    node.commands.stop();
    this.#listener.gone(node);
  }

  /** Something the node said after its hello. */
  receive(node: AttachedNode, event: NodeEvent): void {
    if (!node.attached) return;
    if (event.reply) {
      if (!node.commands.settle(event.reply)) this.lateReplies++;
    } else if (event.offer) this.#listener.offered(node, event.offer);
    else if (event.answer) this.#listener.answered(node, event.answer);
    else if (event.candidate) this.#listener.candidate(node, event.candidate);
    else if (event.heartbeat) {
      node.load = Math.min(1, Math.max(0, event.heartbeat.load ?? 0));
      node.sessions = event.heartbeat.sessions ?? 0;
      node.queueDepth = event.heartbeat.queueDepth ?? 0;
      node.inferenceP99Ms = event.heartbeat.inferenceMs?.p99 ?? null;
      node.heardAtMs = performance.now();
    } else if (event.drain) node.draining = true;
  }

  /** The SFU for a room that has none yet; null when none can take it. `region` is preferred, not required. */
  pick(tenant: string, room: string, region: string): AttachedNode | null {
    let chosen: AttachedNode | null = null;
    let best = -1;
    let highest = 0;
    for (const node of this.#nodes.values()) {
      if (node.role !== 'sfu' || node.draining || node.commands.breakerState === 'open') continue;
      const hasRoom = node.load < FULL_LOAD && (node.capacity === 0 || node.sessions < node.capacity);
      const rank = (hasRoom ? 2 : 0) + (region !== '' && node.region === region ? 1 : 0);
      const score = rendezvousScore(hashOf(tenant, room, node.id), Math.max(LEAST_WEIGHT, 1 - node.load));
      if (rank > best || (rank === best && score > highest)) {
        chosen = node;
        best = rank;
        highest = score;
      }
    }
    return chosen;
  }

  /** Ends every stream. */
  stop(): void {
    clearInterval(this.#sweep);
    for (const node of [...this.#nodes.values()]) {
      this.detach(node);
      node.end('the gateway stops');
    }
  }

  #expire(nowMs: number): void {
    for (const node of [...this.#nodes.values()]) {
      node.commands.expire(nowMs);
      if (node.heardAtMs > 0 && nowMs - node.heardAtMs > SILENCE_MS) {
        this.detach(node);
        node.end(`nothing was heard for ${SILENCE_MS} ms`);
      }
    }
  }
}
