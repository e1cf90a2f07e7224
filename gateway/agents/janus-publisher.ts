/**
 * The handle by which one participant is in its room and sends: the client offers, Janus answers.
 *
 * Invariants: candidates of Janus' go out after the answer to the offer they belong to; an offer of another peer
 * connection than before (another DTLS fingerprint) is made on a handle of its own.
 */
import {
  type JanusCandidate,
  JanusError,
  type JanusFeed,
  type JanusId,
  type Jsep,
  type RoomData,
} from './janus-message.ts';
import type { JanusRooms } from './janus-rooms.ts';
import type { JanusHandle, JanusSession } from './janus-session.ts';
import { candidateOf } from './janus-subscriber.ts';
import { type CandidateOf, CommandError } from './node-control.ts';
import { type SdpSection, sdpFingerprints, sdpSections } from './sdp-sections.ts';

export interface PublisherListener {
  candidate(candidate: CandidateOf): void;
  /** Others publish: these feeds are new or have new streams. */
  published(feeds: readonly JanusFeed[]): void;
  /** A feed is no more. */
  unpublished(feed: JanusId): void;
}

export class JanusPublisher {
  readonly #session: JanusSession;
  readonly #rooms: JanusRooms;
  readonly #roomKey: string;
  readonly #identity: string;
  readonly #listener: PublisherListener;
  #handle: JanusHandle | null = null;
  #sections: readonly SdpSection[] = [];
  #fingerprints = '';
  #held: (JanusCandidate | null)[] | null = [];

  constructor(
    session: JanusSession,
    rooms: JanusRooms,
    roomKey: string,
    identity: string,
    listener: PublisherListener,
  ) {
    this.#session = session;
    this.#rooms = rooms;
    this.#roomKey = roomKey;
    this.#identity = identity;
    this.#listener = listener;
  }

  /** Goes into the room, and tells who publishes there. Resolves to the room's number. */
  async join(): Promise<JanusId> {
    let room: JanusId | null = null;
    const handle = await this.#session.attach({
      event: (data) => this.#told(data),
      trickle: (candidate) => this.#trickle(candidate),
    });
    try {
      room = await this.#rooms.enter(this.#roomKey);
      const { data } = await handle.message({ request: 'join', ptype: 'publisher', room, display: this.#identity });
      this.#handle = handle;
      this.#told(data);
      return room;
    } catch (error) {
      await handle.detach();
      if (room !== null) await this.#rooms.leave(this.#roomKey);
      throw error;
    }
  }

  /** Resolves to Janus' answer. Rejects with reason bad_sdp. */
  async offer(sdp: string): Promise<string> {
    const fingerprints = sdpFingerprints(sdp);
    const publishing = this.#fingerprints !== '';
    if (publishing && fingerprints !== this.#fingerprints) {
      await this.close();
      await this.join();
    }
    const handle = this.#present();
    const again = this.#fingerprints !== '';
    if (!again) this.#held ??= [];
    let jsep: Jsep | null;
    try {
      ({ jsep } = await handle.message({ request: again ? 'configure' : 'publish' }, { type: 'offer', sdp }));
    } catch (error) {
      if (!(error instanceof JanusError) || error.code === 0) throw error;
      throw new CommandError('bad_sdp', `Janus did not take the offer: ${error.message}`);
    }
    if (jsep?.type !== 'answer') throw new CommandError('bad_sdp', 'Janus made no answer to the offer');
    this.#fingerprints = fingerprints;
    this.#sections = sdpSections(sdp);
    // Once the answer is on its way, which is when the caller has had its turn.
    setImmediate(() => {
      for (const candidate of this.#held ?? []) this.#listener.candidate(candidateOf(candidate));
      this.#held = null;
    });
    return jsep.sdp;
  }

  candidate(candidate: JanusCandidate | null): void {
    this.#present().trickle(candidate);
  }

  /** Stops or resumes the tracks of that mid, id or kind. */
  async mute(name: string, muted: boolean): Promise<void> {
    const meant = this.#sections.filter(({ mid, kind, trackId }) => [mid, kind, trackId].includes(name));
    if (meant.length === 0) throw new CommandError('unknown_track', `${this.#identity} publishes no track ${name}`);
    await this.#present().message({ request: 'configure', streams: meant.map(({ mid }) => ({ mid, send: !muted })) });
  }

  /** Leaves the room and ends the connection. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    this.#fingerprints = '';
    this.#sections = [];
    this.#held = [];
    if (!handle) return;
    // Without a word to the videoroom before: after a `leave` Janus does not offer its subscribers anew.
    await handle.detach();
    await this.#rooms.leave(this.#roomKey);
  }

  #present(): JanusHandle {
    if (!this.#handle) throw new CommandError('unavailable', `${this.#identity} is not in its room on Janus`);
    return this.#handle;
  }

  #told({ publishers, unpublished, leaving }: RoomData): void {
    if (publishers.length > 0) this.#listener.published(publishers);
    for (const gone of [unpublished, leaving]) {
      if (gone !== undefined && gone !== 'ok') this.#listener.unpublished(gone);
    }
  }

  #trickle(candidate: JanusCandidate | null): void {
    if (this.#held) this.#held.push(candidate);
    else this.#listener.candidate(candidateOf(candidate));
  }
}
