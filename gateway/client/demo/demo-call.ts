/**
 * This tab's call: joins, sends its media, answers what the SFU offers, and tells each stage of the setup once.
 *
 * Invariants: offers are answered one at a time and in order; told to renegotiate, it throws its media away and offers
 * again on the same WebSocket; after `leave` nothing of it runs.
 */
import type { DescriptionEvent, IceServerInfo, MetadataState, ParticipantEvent } from '../client-types.ts';
import { createClient, type SluiceClient } from '../sluice-client.ts';
import { CallSide } from './call-side.ts';
import { SIGNAL_URL } from './gateway-place.ts';

const PUBLISH = 'publish';
const SUBSCRIBE = 'subscribe:*';

/** What a setup lives through, in this order. */
export const SETUP_STAGES = ['connect', 'welcome', 'joined', 'answer', 'ICE', 'DTLS', 'first frame'] as const;
export type SetupStage = (typeof SETUP_STAGES)[number];

export interface CallWish {
  readonly accessToken: string;
  readonly room: string;
  readonly identity: string;
  readonly name: string;
  readonly stream: MediaStream;
}

/** Who hears of a call. */
export interface CallListener {
  /** `sinceMs` counts from the moment of dialling. */
  stage(stage: SetupStage, sinceMs: number): void;
  participant(participant: ParticipantEvent): void;
  /** A participant's media; again for each of its tracks. */
  media(identity: string, stream: MediaStream): void;
  /** How captions come has changed. */
  metadata(state: MetadataState): void;
  trouble(message: string): void;
  ended(message: string): void;
}

export class DemoCall {
  readonly client: SluiceClient;
  readonly #wish: CallWish;
  readonly #listener: CallListener;
  readonly #sides = new Map<string, CallSide>();
  readonly #told = new Set<SetupStage>();
  #iceServers: readonly IceServerInfo[] = [];
  #startMs = 0;
  /** Whether nobody else was there when we came: then their first frame is no part of our setup. */
  #first = false;
  #turn: Promise<void> = Promise.resolve();
  #left = false;

  constructor(wish: CallWish, listener: CallListener) {
    this.#wish = wish;
    this.#listener = listener;
    const { accessToken, room, name } = wish;
    this.client = createClient({ signalUrl: SIGNAL_URL, accessToken, room, name });
    this.client.on('open', () => this.#tell('connect'));
    this.client.on('welcome', ({ iceServers }) => {
      this.#iceServers = iceServers;
      this.#tell('welcome');
    });
    this.client.on('joined', ({ participants, resumed }) => {
      if (this.#told.has('joined')) {
        if (!resumed) this.#renegotiate();
      } else this.#first = participants.every((one) => one.identity === wish.identity);
      this.#tell('joined');
      for (const one of participants) listener.participant(one);
    });
    this.client.on('participant', (one) => listener.participant(one));
    this.client.on('offer', (offer) => this.#inTurn(() => this.#answer(offer)));
    this.client.on('candidate', (event) => {
      this.#side(event.connection)
        .add(event)
        .catch((error) => this.#trouble(error));
    });
    this.client.on('error', (error) => {
      if (error.reason === 'renegotiate') this.#renegotiate();
      else this.#trouble(error);
    });
    this.client.on('metadataState', ({ state }) => listener.metadata(state));
    this.client.on('state', ({ state, error }) => {
      if (state === 'reconnecting') listener.trouble('The connection was lost; it is being opened again.');
      if (state === 'joined') listener.trouble('');
      if (state === 'closed') this.#end(error?.message ?? '');
    });
  }

  /** Dials. Rejects with what refused it. */
  async start(): Promise<void> {
    this.#startMs = performance.now();
    await this.client.connect();
    await this.#publish();
  }

  /** Mutes or unmutes one of our tracks at its source and at the SFU. */
  async mute(kind: 'audio' | 'video', muted: boolean): Promise<void> {
    const transceivers = this.#side(PUBLISH).connection.getTransceivers();
    const ours = transceivers.find(({ sender }) => sender.track?.kind === kind);
    if (ours?.sender.track) ours.sender.track.enabled = !muted;
    await this.client.mute(ours?.mid ?? '', muted);
  }

  /** Tells that a frame of somebody else has been shown: the last stage, where somebody was there. */
  sawFrame(): void {
    if (!this.#first) this.#tell('first frame');
  }

  /** Leaves the room and closes everything. */
  async leave(): Promise<void> {
    this.#left = true;
    await this.client.leave().catch(() => undefined);
    this.#hangUp();
  }

  async #publish(): Promise<void> {
    const side = this.#side(PUBLISH);
    const { connection } = side;
    connection.addEventListener('iceconnectionstatechange', () => {
      if (['connected', 'completed'].includes(connection.iceConnectionState)) this.#tell('ICE');
    });
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'connected') this.#tell('DTLS');
      if (connection.connectionState === 'failed') this.#trouble(new Error('the media connection failed'));
    });
    const { stream } = this.#wish;
    for (const track of stream.getTracks()) {
      connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
    }
    await connection.setLocalDescription();
    const answer = await this.client.offer(PUBLISH, connection.localDescription?.sdp ?? '');
    this.#tell('answer');
    await side.describe('answer', answer.sdp);
  }

  async #answer(offer: DescriptionEvent): Promise<void> {
    if (offer.connection !== SUBSCRIBE || this.#left) return;
    const side = this.#side(SUBSCRIBE);
    side.connection.ontrack = ({ streams: [stream] }) => {
      if (stream) this.#listener.media(decodeURIComponent(stream.id), stream);
    };
    await side.describe('offer', offer.sdp);
    await side.connection.setLocalDescription();
    await this.client.answer(offer, side.connection.localDescription?.sdp ?? '');
  }

  #renegotiate(): void {
    this.#inTurn(async () => {
      this.#hangUp();
      if (!this.#left) await this.#publish();
    });
  }

  #inTurn(task: () => Promise<void>): void {
    this.#turn = this.#turn.then(task).catch((error) => this.#trouble(error));
  }

  #side(name: string): CallSide {
    const present = this.#sides.get(name);
    if (present) return present;
    const side = new CallSide(name, this.#iceServers, (candidate) => {
      // Refused when the room's SFU has just gone: the renegotiation that follows brings new ones.
      this.client.candidate(candidate).catch(() => undefined);
    });
    this.#sides.set(name, side);
    return side;
  }

  #hangUp(): void {
    for (const { connection } of this.#sides.values()) connection.close();
    this.#sides.clear();
  }

  #tell(stage: SetupStage): void {
    if (this.#told.has(stage)) return;
    this.#told.add(stage);
    this.#listener.stage(stage, performance.now() - this.#startMs);
  }

  #trouble(error: unknown): void {
    if (!this.#left) this.#listener.trouble(error instanceof Error ? error.message : String(error));
  }

  #end(message: string): void {
    this.#hangUp();
    this.#listener.ended(this.#left ? '' : message);
  }
}
