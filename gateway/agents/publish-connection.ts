/**
 * The peer connection by which one participant sends to the SFU: the client offers, this side answers and only receives.
 *
 * Invariants: there is one `PublishedTrack` per section the client sends in, from the description that first says so to
 * the one that no longer does; a description that is refused changes nothing, or, where werift fails half-way, ends the
 * connection, so that the next offer starts afresh.
 */
import { RTCPeerConnection, type RTCRtpTransceiver } from 'werift';
import { bad, type MediaSection, readDescription } from './description-check.ts';
import { addRemoteCandidate, trickle } from './ice-candidates.ts';
import type { CandidateOf } from './node-control.ts';
import { keepInactiveOpen, peerConfig } from './peer-config.ts';
import { PublishedTrack } from './published-track.ts';
import { ignoreRepeatedVerify } from './repeated-verify.ts';

export interface PublishListener {
  /** Tracks came or went. */
  tracksChanged(): void;
  candidate(candidate: CandidateOf): void;
}

export class PublishConnection {
  readonly #interfaceAddress: string;
  readonly #identity: string;
  readonly #listener: PublishListener;
  readonly #tracks = new Map<string, PublishedTrack>();
  readonly #tapped = new Set<string>();
  #connection: RTCPeerConnection | null = null;
  #described: () => void = () => {};
  /** Of the description last taken. */
  #origin: Origin | null = null;
  /** Candidates that came before the first offer. */
  #early: CandidateOf[] = [];

  constructor(interfaceAddress: string, identity: string, listener: PublishListener) {
    this.#interfaceAddress = interfaceAddress;
    this.#identity = identity;
    this.#listener = listener;
  }

  get tracks(): Iterable<PublishedTrack> {
    return this.#tracks.values();
  }

  /** Takes the client's offer and resolves to the answer. Rejects with reason bad_sdp. */
  async accept(sdp: string): Promise<string> {
    const sections = readDescription(sdp);
    const origin = originOf(sdp);
    // The client began anew, before this side has missed the old connection.
    if (this.#origin && isAnother(origin, this.#origin)) await this.close();
    this.#origin = origin;
    const connection = this.#connection ?? this.#open();
    try {
      const first = connection.remoteDescription === null;
      await connection.setRemoteDescription({ type: 'offer', sdp });
      if (first) ignoreRepeatedVerify(connection);
      await connection.setLocalDescription(await connection.createAnswer());
      for (const candidate of this.#early.splice(0)) await addRemoteCandidate(connection, candidate).catch(() => {});
    } catch (error) {
      await this.close();
      throw bad(error instanceof Error ? error.message : String(error));
    }
    const answer = connection.localDescription?.sdp;
    if (answer === undefined) throw bad('no answer came of it');
    this.#described();
    if (this.#match(sections, connection)) this.#listener.tracksChanged();
    return keepInactiveOpen(answer);
  }

  async candidate(candidate: CandidateOf): Promise<void> {
    if (this.#connection) await addRemoteCandidate(this.#connection, candidate);
    else if (this.#early.length < 64) this.#early.push(candidate);
  }

  /** Ends the connection and its tracks; its port is free when this resolves. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#origin = null;
    this.#early = [];
    this.#tapped.clear();
    const had = this.#tracks.size > 0;
    for (const track of this.#tracks.values()) track.end();
    this.#tracks.clear();
    if (had) this.#listener.tracksChanged();
    await connection?.close();
  }

  #open(): RTCPeerConnection {
    const connection = new RTCPeerConnection(peerConfig(this.#interfaceAddress, 'publish'));
    this.#connection = connection;
    this.#described = trickle(connection, (candidate) => this.#listener.candidate(candidate));
    connection.connectionStateChange.subscribe((state) => {
      if (this.#connection !== connection) return;
      // A client that is gone for good takes its tracks along, without waiting for the gateway to notice.
      if (state === 'failed' || state === 'closed') void this.close();
      if (state === 'connected') for (const track of this.#tracks.values()) track.wantKeyframe();
    });
    return connection;
  }

  /** Brings the tracks in line with what the client now sends; true when any came or went. */
  #match(sections: readonly MediaSection[], connection: RTCPeerConnection): boolean {
    let changed = false;
    const sending = new Map(sections.filter((section) => section.sends).map((section) => [section.mid, section]));
    for (const [mid, track] of this.#tracks) {
      if (sending.has(mid)) continue;
      track.end();
      this.#tracks.delete(mid);
      changed = true;
    }
    for (const [mid, section] of sending) {
      const transceiver = connection.getTransceivers().find((candidate) => candidate.mid === mid);
      if (!transceiver) continue;
      const present = this.#tracks.get(mid);
      if (present) present.trackId = section.trackId;
      else {
        this.#tracks.set(mid, new PublishedTrack(section, this.#identity, () => askKeyframe(transceiver)));
        changed = true;
      }
      this.#tap(mid, transceiver);
    }
    return changed;
  }

  /** Listens to every RTP stream of a section once; later ones come with later descriptions. */
  #tap(mid: string, transceiver: RTCRtpTransceiver): void {
    for (const remote of transceiver.receiver.tracks) {
      if (this.#tapped.has(remote.uuid)) continue;
      this.#tapped.add(remote.uuid);
      remote.onReceiveRtp.subscribe((packet) => this.#tracks.get(mid)?.packet(packet, performance.now()));
    }
  }
}

function askKeyframe(transceiver: RTCRtpTransceiver): void {
  const { receiver } = transceiver;
  if (receiver.dtlsTransport?.state !== 'connected') return;
  for (const remote of receiver.tracks) {
    if (remote.ssrc !== undefined) receiver.sendRtcpPLI(remote.ssrc).catch(() => {});
  }
}

/** What tells the client's peer connections apart. */
interface Origin {
  readonly session: string;
  readonly ufrag: string;
  readonly fingerprint: string;
}

function originOf(sdp: string): Origin {
  const first = (pattern: RegExp) => pattern.exec(sdp)?.[1] ?? '';
  return {
    session: first(/^o=\S+ (\S+)/m),
    ufrag: first(/^a=ice-ufrag:(.*)$/m),
    fingerprint: first(/^a=fingerprint:(.*)$/m),
  };
}

/**
 * Certificates may be shared by all connections of a program, the session id be drawn anew for every description, and
 * the ufrag changes with an ICE restart; but of one connection, never the last two at once.
 */
function isAnother(now: Origin, before: Origin): boolean {
  if (now.fingerprint !== before.fingerprint) return true;
  return now.session !== before.session && now.ufrag !== before.ufrag;
}
