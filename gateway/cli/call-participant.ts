/**
 * One participant of `sluice call`: a client of the gateway with real WebRTC connections, sending a tone and a picture
 * and counting what it gets.
 *
 *     publish:      we offer, the server answers
 *     subscribe:*   the server offers, as often as it likes; we answer, one offer at a time and in order
 *
 * Invariants: `stage` is told once per name; counters only grow; `leave` releases every socket and timer.
 */
import {
  MediaStreamTrack,
  RTCPeerConnection,
  type RTCPeerConnectionConfig,
  useNACK,
  useOPUS,
  usePLI,
  useSdesMid,
  useVP8,
} from 'werift';
import type { DescriptionEvent, IceServerInfo } from '../client/client-types.ts';
import type { Subprotocol } from '../client/frame-encoding.ts';
import { createClient, type SluiceClient } from '../client/sluice-client.ts';
import { isLoopback } from '../config/demo-config.ts';
import { sendMedia } from './call-media.ts';

/** What a participant lives through, in this order; only media may be received before our own is sent. */
export const CALL_STAGES = [
  'connected',
  'welcome',
  'joined',
  'answered',
  'iceConnected',
  'dtlsConnected',
  'mediaSent',
  'mediaReceived',
] as const;
export type CallStage = (typeof CALL_STAGES)[number];

export interface ParticipantOptions {
  readonly signalUrl: string;
  readonly accessToken: string;
  readonly room: string;
  readonly subprotocol: Subprotocol;
}

/** Packets by medium. */
export interface PacketCounts {
  audio: number;
  video: number;
}

export interface ParticipantListener {
  /** `atMs` on the monotonic clock. */
  stage(stage: CallStage, atMs: number): void;
  /** Media cannot go on; the call is not necessarily over. */
  trouble(message: string): void;
}

const PUBLISH = 'publish';
const SUBSCRIBE = 'subscribe:*';
/** The gateway's word for: offer again, the media is elsewhere now. */
const RENEGOTIATE = 'renegotiate';

export class CallParticipant {
  readonly client: SluiceClient;
  readonly sent: PacketCounts = { audio: 0, video: 0 };
  readonly received: PacketCounts = { audio: 0, video: 0 };
  readonly #loopback: boolean;
  readonly #listener: ParticipantListener;
  readonly #told = new Set<CallStage>();
  readonly #connections = new Map<string, RTCPeerConnection>();
  readonly #stops: (() => void)[] = [];
  #iceServers: readonly IceServerInfo[] = [];
  #offers: Promise<void> = Promise.resolve();
  #left = false;

  constructor(options: ParticipantOptions, listener: ParticipantListener) {
    this.#listener = listener;
    this.#loopback = isLoopback(new URL(options.signalUrl).hostname);
    this.client = createClient(options);
    this.client.on('open', () => this.#tell('connected'));
    this.client.on('welcome', (event) => {
      this.#iceServers = event.iceServers;
      this.#tell('welcome');
    });
    this.client.on('joined', ({ resumed }) => {
      // The media of a session that had to begin anew is gone with the old one.
      if (this.#told.has('joined') && !resumed) this.#renegotiate();
      this.#tell('joined');
    });
    this.client.on('error', (error) => {
      if (error.reason === RENEGOTIATE) this.#renegotiate();
    });
    this.client.on('offer', (offer) => {
      this.#offers = this.#offers.then(() => this.#answer(offer)).catch((error) => this.#trouble(error));
    });
    this.client.on('candidate', (event) => {
      const connection = this.#connections.get(event.connection);
      if (connection === undefined || event.candidate === '') return;
      const { candidate, sdpMid, sdpMLineIndex } = event;
      const where = sdpMLineIndex === undefined ? { candidate, sdpMid } : { candidate, sdpMid, sdpMLineIndex };
      connection.addIceCandidate(where).catch((error) => this.#trouble(error));
    });
  }

  /** Connects, joins, offers, and sends media once the connection stands. Rejects with what refused it. */
  async start(): Promise<void> {
    await this.client.connect();
    await this.#publish();
  }

  async #publish(): Promise<void> {
    const connection = this.#connection(PUBLISH);
    const tracks = (['audio', 'video'] as const).map((kind) => new MediaStreamTrack({ kind }));
    for (const track of tracks) connection.addTransceiver(track, { direction: 'sendonly' });
    await connection.setLocalDescription(await connection.createOffer());
    const answer = await this.client.offer(PUBLISH, connection.localDescription?.sdp ?? '');
    this.#tell('answered');
    let sending = false;
    connection.iceConnectionStateChange.subscribe((state) => {
      if (state === 'connected' || state === 'completed') this.#tell('iceConnected');
    });
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'failed') this.#trouble(new Error('the media connection failed'));
      if (state !== 'connected' || sending) return;
      sending = true;
      this.#tell('iceConnected');
      this.#tell('dtlsConnected');
      for (const track of tracks) this.#stops.push(this.#send(track));
    });
    await connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
  }

  /** The mid by which the gateway knows the track we send; empty before the offer was made. */
  trackId(kind: 'audio' | 'video'): string {
    const transceivers = this.#connections.get(PUBLISH)?.getTransceivers() ?? [];
    return transceivers.find((one) => one.kind === kind)?.mid ?? '';
  }

  /** Leaves the room and closes everything. Never rejects: what cannot be said is closed all the same. */
  async leave(): Promise<void> {
    this.#left = true;
    await this.client.leave().catch(() => undefined);
    await this.#hangUp();
  }

  async #hangUp(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.allSettled(connections.map((connection) => connection.close()));
  }

  /** Another node has the room now: everything is offered again, one offer at a time. */
  #renegotiate(): void {
    this.#offers = this.#offers
      .then(() => this.#hangUp())
      .then(() => (this.#left ? undefined : this.#publish()))
      .catch((error) => this.#trouble(error));
  }

  #send(track: MediaStreamTrack): () => void {
    const kind = track.kind === 'audio' ? 'audio' : 'video';
    return sendMedia(track, () => {
      this.sent[kind]++;
      this.#tell('mediaSent');
    });
  }

  async #answer(offer: DescriptionEvent): Promise<void> {
    if (offer.connection !== SUBSCRIBE) return;
    const connection = this.#connections.get(SUBSCRIBE) ?? this.#subscribing();
    await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    await this.client.answer(offer, connection.localDescription?.sdp ?? '');
  }

  #subscribing(): RTCPeerConnection {
    const connection = this.#connection(SUBSCRIBE);
    const known = new Set<string>();
    connection.onTrack.subscribe((track) => {
      if (known.has(track.uuid)) return;
      known.add(track.uuid);
      const kind = track.kind === 'audio' ? 'audio' : 'video';
      track.onReceiveRtp.subscribe(() => {
        this.received[kind]++;
        this.#tell('mediaReceived');
      });
    });
    return connection;
  }

  #connection(name: string): RTCPeerConnection {
    const connection = new RTCPeerConnection(mediaConfig(this.#loopback, this.#iceServers));
    this.#connections.set(name, connection);
    return connection;
  }

  #tell(stage: CallStage): void {
    if (this.#told.has(stage)) return;
    this.#told.add(stage);
    this.#listener.stage(stage, performance.now());
  }

  #trouble(error: unknown): void {
    if (this.#left || this.client.state === 'closed') return;
    this.#listener.trouble(error instanceof Error ? error.message : String(error));
  }
}

const LOOPBACK = '127.0.0.1';

/** Opus and VP8 over one transport; on loopback nothing but the loopback address, which werift else leaves out. */
function mediaConfig(loopback: boolean, iceServers: readonly IceServerInfo[]): RTCPeerConnectionConfig {
  return {
    codecs: { audio: [useOPUS()], video: [useVP8({ rtcpFeedback: [useNACK(), usePLI()] })] },
    headerExtensions: { audio: [useSdesMid()], video: [useSdesMid()] },
    bundlePolicy: 'max-bundle',
    ...(loopback
      ? {
          iceServers: [],
          iceUseIpv4: false,
          iceUseIpv6: false,
          iceAdditionalHostAddresses: [LOOPBACK],
          iceInterfaceAddresses: { udp4: LOOPBACK },
        }
      : {
          iceServers: iceServers.map(({ urls, username, credential }) => ({ urls: [...urls], username, credential })),
        }),
  };
}
