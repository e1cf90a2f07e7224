/**
 * The gateway's commands to one session of a Janus.
 *
 *     commands of the gateway ─► peer ─► publisher handle, subscriber handle ─► Janus
 *
 * Invariants: rooms are keyed by tenant and name, and nothing crosses them; of one identity in a room there is one
 * session, the newest; what Janus refuses is an error of that command.
 */
import type { NodeSignal } from '../../schemas/proto.ts';
import { JanusError } from './janus-message.ts';
import { JanusPeer, type JanusPeerListener } from './janus-peer.ts';
import { JanusRooms } from './janus-rooms.ts';
import type { JanusSession } from './janus-session.ts';
import { type CandidateOf, CommandError, type CommandTable, type MuteTrack, type OpenSession } from './node-control.ts';

export interface JanusSfuOptions {
  readonly session: JanusSession;
  readonly adminKey?: string | undefined;
  readonly listener: JanusPeerListener;
}

export class JanusSfu implements CommandTable {
  readonly #options: JanusSfuOptions;
  readonly #rooms: JanusRooms;
  readonly #peers = new Map<string, JanusPeer>();
  /** Opened before the gateway's stream was lost. */
  readonly #stale = new WeakSet<JanusPeer>();

  constructor(options: JanusSfuOptions) {
    this.#options = options;
    this.#rooms = new JanusRooms(options.session, options.adminKey);
  }

  get sessions(): number {
    return this.#peers.size;
  }

  /** Takes a participant in. Opening a session again renews its rights, or starts it afresh if it is stale. */
  async open(open: OpenSession): Promise<void> {
    const { session: id, tenant, room, identity } = open;
    if (!id || !room || !identity) throw new CommandError('bad_request', 'expected session, room and identity');
    const key = `${tenant ?? ''}\0${room}`;
    const present = this.#peers.get(id);
    if (present && !this.#stale.has(present)) {
      if (present.room !== key || present.identity !== identity) {
        throw new CommandError('conflict', `session ${id} is somebody else's`);
      }
      present.allow(open);
      return;
    }
    for (const other of [...this.#peers.values()]) {
      if (other === present || (other.room === key && other.identity === identity)) await this.#remove(other);
    }
    const peer = new JanusPeer(open, key, this.#options.session, this.#rooms, this.#options.listener);
    this.#peers.set(id, peer);
    try {
      await peer.join();
    } catch (error) {
      this.#peers.delete(id);
      throw asCommandError(error);
    }
    // Closed while it was on its way in.
    if (this.#peers.get(id) !== peer) await peer.close();
  }

  async close(close: { session?: string | null }): Promise<void> {
    const peer = this.#peers.get(close.session ?? '');
    if (peer) await this.#remove(peer);
  }

  async offer(offer: NodeSignal): Promise<NodeSignal> {
    return await refused(this.#peer(offer.session).offer(offer));
  }

  async answer(answer: NodeSignal): Promise<void> {
    await refused(this.#peer(answer.session).answer(answer));
  }

  candidate(candidate: CandidateOf): void {
    this.#peer(candidate.session).candidate(candidate);
  }

  async mute(mute: MuteTrack): Promise<void> {
    await refused(this.#peer(mute.session).mute(mute.track ?? '', mute.muted === true));
  }

  /** Nothing to prepare: rooms are made when somebody comes. */
  prewarm(): void {}

  /** The gateway's stream was lost: a session it opens again begins afresh, as its client does. */
  forgotten(): void {
    for (const peer of this.#peers.values()) this.#stale.add(peer);
  }

  /** Ends every session; all handles are given back when this resolves. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#peers.values()].map((peer) => this.#remove(peer)));
  }

  async #remove(peer: JanusPeer): Promise<void> {
    if (this.#peers.get(peer.id) === peer) this.#peers.delete(peer.id);
    await peer.close();
  }

  #peer(id: string | null | undefined): JanusPeer {
    const peer = this.#peers.get(id ?? '');
    if (!peer) throw new CommandError('unknown_session', `no session ${id || '(none given)'} on this node`);
    return peer;
  }
}

function refused<T>(done: Promise<T>): Promise<T> {
  return done.catch((error) => {
    throw asCommandError(error);
  });
}

/** Janus' own errors in the gateway's words: those without a number are of the way to Janus. */
function asCommandError(error: unknown): unknown {
  if (!(error instanceof JanusError)) return error;
  if (error.code === 0) return new CommandError('unavailable', error.message);
  return new CommandError('janus', `Janus: ${error.message} (${error.code})`);
}
