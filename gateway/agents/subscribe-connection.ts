/**
 * The peer connection by which the SFU sends one participant everyone else's tracks: this side offers.
 *
 *     settled ──(tracks changed)──► offered ──(answer of that offerId)──► settled …
 *
 * Invariants: one offer is outstanding, and changes meanwhile make the next one; an answer to any other offer is
 * ignored; a track that has gone is silent at once and inactive in the next offer; its section is used again for the
 * next track of its kind, so that descriptions do not grow with every visitor.
 */
import { MediaStream, RTCPeerConnection, type RTCRtpTransceiver, RtcpPayloadSpecificFeedback } from 'werift';
import { bad, readDescription } from './description-check.ts';
import { addRemoteCandidate, trickle } from './ice-candidates.ts';
import type { CandidateOf } from './node-control.ts';
import { keepInactiveOpen, peerConfig } from './peer-config.ts';
import type { PublishedTrack } from './published-track.ts';
import { ignoreRepeatedVerify } from './repeated-verify.ts';
import { streamIdOf } from './stream-id.ts';
import { TrackForward } from './track-forward.ts';

export interface SubscribeListener {
  offer(offerId: string, sdp: string): void;
  candidate(candidate: CandidateOf): void;
  failed(error: unknown): void;
}

/** One section: what it is to carry, and what carries it. */
interface Slot {
  readonly transceiver: RTCRtpTransceiver;
  readonly forward: TrackForward;
  track: PublishedTrack | null;
}

export class SubscribeConnection {
  readonly #interfaceAddress: string;
  readonly #listener: SubscribeListener;
  #slots: Slot[] = [];
  #connection: RTCPeerConnection | null = null;
  #described: () => void = () => {};
  #wanted: readonly PublishedTrack[] = [];
  /** Sections differ from what was last offered. */
  #due = false;
  #offering = false;
  #outstanding: { readonly offerId: string; readonly sdp: string } | null = null;
  #offers = 0;
  #watched = false;

  constructor(interfaceAddress: string, listener: SubscribeListener) {
    this.#interfaceAddress = interfaceAddress;
    this.#listener = listener;
  }

  /** Packets and payload bytes sent so far. */
  get sent(): { packets: number; bytes: number } {
    let packets = 0;
    let bytes = 0;
    for (const { forward } of this.#slots) {
      packets += forward.packets;
      bytes += forward.bytes;
    }
    return { packets, bytes };
  }

  /** These are the tracks to send from now on. */
  want(tracks: readonly PublishedTrack[]): void {
    this.#wanted = tracks;
    for (const slot of this.#slots) {
      if (slot.track && !tracks.includes(slot.track)) slot.forward.end();
    }
    this.#negotiate();
  }

  /** Takes the client's answer. False when it answers no outstanding offer. Rejects with reason bad_sdp. */
  async answer(offerId: string, sdp: string): Promise<boolean> {
    const connection = this.#connection;
    if (!connection || !this.#outstanding || (offerId !== '' && offerId !== this.#outstanding.offerId)) return false;
    readDescription(sdp);
    if (connection.remoteDescription === null) ignoreRepeatedVerify(connection);
    try {
      await connection.setRemoteDescription({ type: 'answer', sdp });
    } catch (error) {
      throw bad(error instanceof Error ? error.message : String(error));
    }
    this.#outstanding = null;
    this.#watchTransport(connection);
    for (const slot of this.#slots) {
      const receives = slot.transceiver.currentDirection === 'sendonly';
      if (slot.track && !slot.track.ended && receives) slot.forward.begin(slot.track);
      else slot.forward.end();
    }
    this.#negotiate();
    return true;
  }

  async candidate(candidate: CandidateOf): Promise<void> {
    if (this.#connection) await addRemoteCandidate(this.#connection, candidate);
  }

  /** Ends the connection; its port is free when this resolves. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#wanted = [];
    this.#outstanding = null;
    for (const { forward } of this.#slots) forward.end();
    this.#slots = [];
    await connection?.close();
  }

  #negotiate(): void {
    if (this.#offering || this.#outstanding) return;
    this.#due = this.#assign() || this.#due;
    if (!this.#due) return;
    this.#due = false;
    this.#offering = true;
    this.#offer()
      .catch((error) => {
        this.#due = true;
        this.#listener.failed(error);
      })
      .finally(() => {
        this.#offering = false;
      });
  }

  /** Gives every wanted track a section; true when any section changed, so that an offer is due. */
  #assign(): boolean {
    let changed = false;
    for (const slot of this.#slots) {
      if (!slot.track || this.#wanted.includes(slot.track)) continue;
      slot.track = null;
      slot.transceiver.setDirection('inactive');
      changed = true;
    }
    for (const track of this.#wanted) {
      if (this.#slots.some((slot) => slot.track === track)) continue;
      const slot = this.#slots.find((free) => !free.track && free.transceiver.kind === track.kind) ?? this.#add(track);
      slot.track = track;
      slot.transceiver.setDirection('sendonly');
      slot.transceiver.sender.setStreams([new MediaStream({ id: streamIdOf(track.identity) })]);
      changed = true;
    }
    return changed;
  }

  #add(track: PublishedTrack): Slot {
    const connection = this.#connection ?? this.#open();
    const transceiver = connection.addTransceiver(track.kind, { direction: 'sendonly' });
    const slot: Slot = { transceiver, forward: new TrackForward(transceiver), track: null };
    this.#slots.push(slot);
    return slot;
  }

  #open(): RTCPeerConnection {
    const connection = new RTCPeerConnection(peerConfig(this.#interfaceAddress, 'subscribe'));
    this.#connection = connection;
    this.#described = trickle(connection, (candidate) => this.#listener.candidate(candidate));
    return connection;
  }

  async #offer(): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    await connection.setLocalDescription(await connection.createOffer());
    const sdp = connection.localDescription?.sdp;
    if (this.#connection !== connection || sdp === undefined) return;
    this.#described();
    this.#offers++;
    this.#outstanding = { offerId: String(this.#offers), sdp: keepInactiveOpen(sdp) };
    this.#listener.offer(this.#outstanding.offerId, this.#outstanding.sdp);
  }

  /** All sections share one transport: when it is up, every picture must begin; and it carries the full intra requests. */
  #watchTransport(connection: RTCPeerConnection): void {
    const transport = this.#slots[0]?.transceiver.dtlsTransport;
    if (this.#watched || !transport || this.#connection !== connection) return;
    this.#watched = true;
    transport.onStateChange.subscribe((state) => {
      if (state === 'connected') for (const { track } of this.#slots) track?.wantKeyframe();
    });
    transport.onRtcp.subscribe((packet) => {
      if (!(packet instanceof RtcpPayloadSpecificFeedback)) return;
      const { feedback } = packet;
      // A full intra request names any number of sources, a picture loss indication one.
      if ('fir' in feedback) for (const { ssrc } of feedback.fir) this.#keyframeFor(ssrc);
      else if ('mediaSsrc' in feedback) this.#keyframeFor(feedback.mediaSsrc);
    });
  }

  #keyframeFor(ssrc: number): void {
    this.#slots.find(({ forward }) => forward.ssrc === ssrc)?.track?.wantKeyframe();
  }
}
