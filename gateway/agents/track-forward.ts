/**
 * Sends one published track to one subscriber through one of its transceivers.
 *
 * Invariants: a video stream, and each piece of it after a pause, begins with a keyframe; the receiver sees numbers
 * without a break; the packet given is never changed, since others are sent it too. werift's sender sets SSRC, payload
 * type and header extensions as they were negotiated with this receiver.
 */
import { type RTCRtpTransceiver, RtpHeader, RtpPacket } from 'werift';
import { AUDIO_CLOCK_HZ, VIDEO_CLOCK_HZ } from './peer-config.ts';
import type { PublishedTrack } from './published-track.ts';
import { RtpSplice } from './rtp-splice.ts';
import { startsVp8Keyframe } from './vp8-keyframe.ts';

export class TrackForward {
  readonly #transceiver: RTCRtpTransceiver;
  readonly #splice: RtpSplice;
  #track: PublishedTrack | null = null;
  #wantsKeyframe = false;
  /** Packets and payload bytes sent. */
  packets = 0;
  bytes = 0;

  constructor(transceiver: RTCRtpTransceiver) {
    this.#transceiver = transceiver;
    this.#splice = new RtpSplice(transceiver.kind === 'audio' ? AUDIO_CLOCK_HZ : VIDEO_CLOCK_HZ);
  }

  /** What it forwards; null when nothing. */
  get track(): PublishedTrack | null {
    return this.#track;
  }

  /** The SSRC the receiver knows it by. */
  get ssrc(): number {
    return this.#transceiver.sender.ssrc;
  }

  /** Begins to forward a track. */
  begin(track: PublishedTrack): void {
    if (this.#track === track) return;
    this.end();
    this.#track = track;
    track.add(this);
    this.resume();
    track.wantKeyframe();
  }

  /** Stops; a later `begin` continues the receiver's stream. */
  end(): void {
    this.#track?.remove(this);
    this.#track = null;
  }

  /** What comes next follows on a pause. */
  resume(): void {
    this.#splice.cut();
    this.#wantsKeyframe = this.#transceiver.kind === 'video';
  }

  /** Sends a packet if this receiver can make use of it; false while it waits for a keyframe. */
  send(packet: RtpPacket, nowMs: number): boolean {
    const { sender } = this.#transceiver;
    if (sender.dtlsTransport?.state !== 'connected' || !sender.codec) return true;
    if (this.#wantsKeyframe) {
      if (!startsVp8Keyframe(packet.payload)) return false;
      this.#wantsKeyframe = false;
    }
    const { sequenceNumber, timestamp, marker } = packet.header;
    if (!this.#splice.rewrite(sequenceNumber, timestamp, nowMs)) return true;
    const header = new RtpHeader({
      version: 2,
      marker,
      sequenceNumber: this.#splice.sequenceNumber,
      timestamp: this.#splice.timestamp,
    });
    this.packets++;
    this.bytes += packet.payload.length;
    sender.sendRtp(new RtpPacket(header, packet.payload)).catch(() => {});
    return true;
  }
}
