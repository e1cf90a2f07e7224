/**
 * Commands to one node: each gets a number, a deadline and exactly one end.
 *
 *     call → breaker → written to the stream → reply | deadline | stream gone
 *
 * Invariants: a command settles once, whatever comes later; deadlines are all equally long, so the oldest command is
 * the first to run out and one sweep over the front of the map finds them. The breaker (opossum) counts only what the
 * node is to blame for: deadlines, a lost stream, and replies whose reason says it cannot work at present. A refusal
 * such as a bad SDP is an answer like any other.
 */
import CircuitBreaker from 'opossum';
import type { NodeCommand, NodeReply } from '../../schemas/proto.ts';
import type { StreamWriter } from './stream-writer.ts';

/** Why a command was not answered. */
export type NodeFailureReason = 'timeout' | 'gone' | 'busy' | 'open';

/** A command that ended without an answer. */
export class NodeFailure extends Error {
  readonly reason: NodeFailureReason;

  constructor(reason: NodeFailureReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Replies with these reasons say that the node is unwell, not that the command was wrong. */
const UNWELL = new Set(['internal', 'overloaded', 'unavailable']);

/** How long an open breaker refuses before it lets one command try, ms. */
export const BREAKER_RESET_MS = 1000;
const BREAKER_WINDOW_MS = 2000;
const BREAKER_VOLUME = 10;

interface Pending {
  readonly expiresAtMs: number;
  readonly resolve: (reply: NodeReply) => void;
  readonly reject: (failure: Error) => void;
}

class UnwellReply extends Error {
  readonly reply: NodeReply;

  constructor(reply: NodeReply) {
    super(reply.error ?? '');
    this.reply = reply;
  }
}

/** The commands of one attached node. */
export class NodeCommands {
  readonly #nodeId: string;
  readonly #writer: StreamWriter<NodeCommand>;
  readonly #deadlineMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #breaker: CircuitBreaker<[NodeCommand], NodeReply>;
  #number = 0;
  #stopped = false;
  #writtenBefore = 0;

  constructor(nodeId: string, writer: StreamWriter<NodeCommand>, deadlineMs: number) {
    this.#nodeId = nodeId;
    this.#writer = writer;
    this.#deadlineMs = deadlineMs;
    this.#breaker = new CircuitBreaker((command: NodeCommand) => this.#send(command), {
      name: nodeId,
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: BREAKER_VOLUME,
      resetTimeout: BREAKER_RESET_MS,
      rollingCountTimeout: BREAKER_WINDOW_MS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
  }

  /** Commands that wait for their reply. */
  get inflight(): number {
    return this.#pending.size;
  }

  /** Commands that wait to be written, because the stream takes no more at present. */
  get queued(): number {
    return this.#writer.queued;
  }

  /** Commands written since this was asked last. */
  takeWritten(): number {
    const since = this.#writer.written - this.#writtenBefore;
    this.#writtenBefore = this.#writer.written;
    return since;
  }

  get breakerState(): 'closed' | 'halfOpen' | 'open' {
    return this.#breaker.halfOpen ? 'halfOpen' : this.#breaker.opened ? 'open' : 'closed';
  }

  /**
   * Sends a command and resolves to the node's reply, also when that refuses it (`error` is not empty). Rejects with
   * a `NodeFailure` when there is none.
   */
  async call(command: NodeCommand): Promise<NodeReply> {
    if (this.#stopped) throw this.#gone();
    try {
      return await this.#breaker.fire(command);
    } catch (error) {
      if (error instanceof UnwellReply) return error.reply;
      if (error instanceof NodeFailure) throw error;
      throw new NodeFailure('open', `node ${this.#nodeId} has failed too often and is left alone for a moment`);
    }
  }

  /** Sends a command that wants no reply. False when the node takes no more at present. */
  tell(command: NodeCommand): boolean {
    return this.#writer.write(command);
  }

  /** The node's reply. False when no command of that number waits, because it never was or has ended. */
  settle(reply: NodeReply): boolean {
    const number = reply.command ?? 0;
    const pending = this.#pending.get(number);
    if (!pending) return false;
    this.#pending.delete(number);
    if (reply.error && UNWELL.has(reply.reason ?? '')) pending.reject(new UnwellReply(reply));
    else pending.resolve(reply);
    return true;
  }

  /** Ends the commands whose deadline has passed. */
  expire(nowMs: number): void {
    for (const [number, pending] of this.#pending) {
      if (pending.expiresAtMs > nowMs) return;
      this.#pending.delete(number);
      pending.reject(new NodeFailure('timeout', `node ${this.#nodeId} did not answer within ${this.#deadlineMs} ms`));
    }
  }

  /** Ends every command, because the stream has. */
  stop(): void {
    this.#stopped = true;
    this.#writer.stop();
    this.#breaker.shutdown();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) pending.reject(this.#gone());
  }

  #gone(): NodeFailure {
    return new NodeFailure('gone', `node ${this.#nodeId} went away`);
  }

  #send(command: NodeCommand): Promise<NodeReply> {
    this.#number = this.#number === 0xffff_ffff ? 1 : this.#number + 1;
    const number = this.#number;
    if (!this.#writer.write({ ...command, command: number, deadlineMs: this.#deadlineMs })) {
      return Promise.reject(new NodeFailure('busy', `node ${this.#nodeId} takes no more commands at present`));
    }
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { expiresAtMs: performance.now() + this.#deadlineMs, resolve, reject });
    });
  }
}
