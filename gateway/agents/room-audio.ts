/**
 * A room's audio as a participant of the room hears it: by the gateway, whatever SFU is behind it.
 *
 * Invariants: audio only, video is declined; offers are answered one at a time and in order; told to renegotiate, it
 * waits for the next offer on a connection of its own.
 */
import { RTCPeerConnection } from 'werift';
import type { DescriptionEvent } from '../client/client-types.ts';
import { createClient, type SluiceClient } from '../client/sluice-client.ts';
import { addRemoteCandidate } from './ice-candidates.ts';
import { keepInactiveOpen, peerConfig } from './peer-config.ts';
import { sdpSections } from './sdp-sections.ts';
import { identityOf } from './stream-id.ts';

const SUBSCRIBE = 'subscribe:*';

export interface RoomAudioOptions {
  readonly signalUrl: string;
  readonly accessToken: string | (() => Promise<string>);
  readonly room: string;
  readonly interfaceAddress: string;
  /** One RTP packet of somebody's: Opus. */
  readonly packet: (identity: string, sequence: number, payload: Uint8Array) => void;
  /** Somebody's packets are numbered anew from here on. */
  readonly restarted: (identity: string) => void;
  readonly left: (identity: string) => void;
  readonly log: (line: string) => void;
}

export class RoomAudio {
  readonly client: SluiceClient;
  readonly #options: RoomAudioOptions;
  #connection: RTCPeerConnection | null = null;
  /** Who is heard in which section. */
  #speakers = new Map<string, string>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: RoomAudioOptions) {
    this.#options = options;
    const { signalUrl, accessToken, room, log } = options;
    this.client = createClient({ signalUrl, accessToken, room, metadata: false });
    let joinedBefore = false;
    this.client.on('joined', ({ resumed }) => {
      if (joinedBefore && !resumed) this.#inTurn(() => this.#hangUp());
      joinedBefore = true;
    });
    this.client.on('error', ({ reason, message }) => {
      if (reason === 'renegotiate') this.#inTurn(() => this.#hangUp());
      else log(message);
    });
    this.client.on('participant', ({ identity, state }) => {
      if (state === 'left') options.left(identity);
    });
    this.client.on('offer', (offer) => this.#inTurn(() => this.#answer(offer)));
    this.client.on('candidate', ({ connection, candidate, sdpMid, sdpMLineIndex }) => {
      if (connection !== SUBSCRIBE) return;
      const remote = { candidate, sdpMid, sdpMLineIndex: sdpMLineIndex ?? null };
      this.#inTurn(async () => {
        if (this.#connection) await addRemoteCandidate(this.#connection, remote);
      });
    });
  }

  /** Joins the room. Rejects with a `SluiceError`. */
  async start(): Promise<void> {
    await this.client.connect();
  }

  async stop(): Promise<void> {
    await this.client.leave().catch(() => {});
    await this.#hangUp();
  }

  async #answer(offer: DescriptionEvent): Promise<void> {
    if (offer.connection !== SUBSCRIBE) return;
    const connection = this.#connection ?? this.#open();
    const speakers = new Map<string, string>();
    for (const { mid, kind, streamId } of sdpSections(offer.sdp)) {
      if (kind === 'audio') speakers.set(mid, identityOf(streamId));
    }
    for (const [mid, identity] of speakers) {
      if (this.#speakers.get(mid) !== identity) this.#options.restarted(identity);
    }
    this.#speakers = speakers;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    for (const transceiver of connection.getTransceivers()) {
      if (transceiver.kind === 'video') transceiver.setDirection('inactive');
    }
    await connection.setLocalDescription(await connection.createAnswer());
    await this.client.answer(offer, keepInactiveOpen(connection.localDescription?.sdp ?? ''));
  }

  #open(): RTCPeerConnection {
    const connection = new RTCPeerConnection(peerConfig(this.#options.interfaceAddress, 'subscribe'));
    this.#connection = connection;
    connection.onTransceiverAdded.subscribe((transceiver) => {
      transceiver.onTrack.subscribe((track) => {
        if (track.kind !== 'audio') return;
        track.onReceiveRtp.subscribe(({ header, payload }) => {
          const identity = this.#speakers.get(transceiver.mid ?? '');
          if (identity) this.#options.packet(identity, header.sequenceNumber, payload);
        });
      });
    });
    return connection;
  }

  async #hangUp(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#speakers = new Map();
    await connection?.close();
  }

  #inTurn(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(task).catch((error) => {
      if (this.client.state !== 'closed') this.#options.log(error instanceof Error ? error.message : String(error));
    });
  }
}
