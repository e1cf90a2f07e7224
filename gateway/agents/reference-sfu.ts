/**
 * The reference SFU: forwards every participant's audio and video to every other participant of its room, by RTP, in
 * pure TypeScript (werift). It is what a gateway can be tried with when nothing but npm is there, not a media server
 * for many.
 *
 *     commands of the gateway ─► session ─► publish connection ─► tracks ─► other sessions' subscribe connections
 *
 * Invariants: rooms are keyed by tenant and name, and nothing crosses them; a session is in one room from open to close;
 * of one identity in a room there is one session, the newest.
 */
import type { NodeSignal } from '../../schemas/proto.ts';
import { type CandidateOf, CommandError, type CommandTable, type MuteTrack, type OpenSession } from './node-control.ts';
import { SfuSession } from './sfu-session.ts';

/** What the SFU says unasked. `NodeControl` has these methods. */
export interface SfuVoice {
  offer(offer: NodeSignal): unknown;
  candidate(candidate: CandidateOf): unknown;
}

export interface ReferenceSfuOptions {
  /** The address media is received and sent on, or several, separated by commas. */
  readonly interfaceAddress: string;
  readonly voice: SfuVoice;
  /** Told what went wrong with a session, one line each. */
  readonly log?: ((line: string) => void) | undefined;
}

export class ReferenceSfu implements CommandTable {
  readonly #options: ReferenceSfuOptions;
  readonly #sessions = new Map<string, SfuSession>();
  readonly #rooms = new Map<string, Set<SfuSession>>();
  /** Opened before the gateway's stream was lost. */
  readonly #stale = new WeakSet<SfuSession>();

  constructor(options: ReferenceSfuOptions) {
    this.#options = options;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get rooms(): number {
    return this.#rooms.size;
  }

  /** Payload bytes sent to those who are here. */
  get egressBytes(): number {
    let bytes = 0;
    for (const session of this.#sessions.values()) bytes += session.sent.bytes;
    return bytes;
  }

  /** Takes a participant in. Opening a session again renews its rights, or starts it afresh if it is stale. */
  async open(open: OpenSession): Promise<void> {
    const { session: id, tenant, room, identity } = open;
    if (!id || !room || !identity) throw new CommandError('bad_request', 'expected session, room and identity');
    const key = `${tenant ?? ''}\0${room}`;
    let present = this.#sessions.get(id);
    if (present && this.#stale.has(present)) {
      await this.#remove(present);
      present = undefined;
    }
    if (present && (present.room !== key || present.identity !== identity)) {
      throw new CommandError('conflict', `session ${id} is somebody else's`);
    }
    if (present) present.allow(open);
    else {
      for (const other of this.#rooms.get(key) ?? []) if (other.identity === identity) await this.#remove(other);
      const session = new SfuSession(open, key, this.#options.interfaceAddress, {
        offer: (offer) => this.#options.voice.offer(offer),
        candidate: (candidate) => this.#options.voice.candidate(candidate),
        tracksChanged: (changed) => this.#tell(changed.room, changed),
        failed: (failed, error) => this.#options.log?.(`session ${failed.id}: ${messageOf(error)}`),
      });
      this.#sessions.set(id, session);
      const members = this.#rooms.get(key) ?? new Set();
      this.#rooms.set(key, members.add(session));
    }
    this.#tellOne(this.#session(id));
  }

  async close(close: { session?: string | null }): Promise<void> {
    const session = this.#sessions.get(close.session ?? '');
    if (session) await this.#remove(session);
  }

  async offer(offer: NodeSignal): Promise<NodeSignal> {
    return this.#session(offer.session).offer(offer);
  }

  async answer(answer: NodeSignal): Promise<void> {
    return this.#session(answer.session).answer(answer);
  }

  async candidate(candidate: CandidateOf): Promise<void> {
    return this.#session(candidate.session).candidate(candidate);
  }

  mute(mute: MuteTrack): void {
    this.#session(mute.session).mute(mute.track ?? '', mute.muted === true);
  }

  /** Nothing to prepare: rooms cost nothing until somebody is in them. */
  prewarm(): void {}

  /**
   * The gateway's stream was lost, and with it what it knew of this node: a session it opens again begins afresh, as
   * its client does.
   */
  forgotten(): void {
    for (const session of this.#sessions.values()) this.#stale.add(session);
  }

  /** Ends every session; all ports are free when this resolves. */
  async closeAll(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    this.#rooms.clear();
    await Promise.all(sessions.map((session) => session.close()));
  }

  async #remove(session: SfuSession): Promise<void> {
    this.#sessions.delete(session.id);
    const members = this.#rooms.get(session.room);
    members?.delete(session);
    if (members?.size === 0) this.#rooms.delete(session.room);
    // Before its ports are closed, which takes a moment that the others need not wait.
    this.#tell(session.room, session);
    await session.close();
  }

  /** Tells everyone else in the room what there is to receive. */
  #tell(room: string, except: SfuSession): void {
    for (const session of this.#rooms.get(room) ?? []) if (session !== except) this.#tellOne(session);
  }

  #tellOne(session: SfuSession): void {
    const tracks = [...(this.#rooms.get(session.room) ?? [])]
      .filter((other) => other !== session)
      .flatMap((other) => [...other.tracks]);
    session.want(tracks);
  }

  #session(id: string | null | undefined): SfuSession {
    const session = this.#sessions.get(id ?? '');
    if (!session) throw new CommandError('unknown_session', `no session ${id || '(none given)'} on this node`);
    return session;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
