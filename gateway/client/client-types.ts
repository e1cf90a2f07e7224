/** What an application passes to the client library and hears from it. */
import type { KindName } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { AdviceEvent } from './advice.ts';
import type { FrameEncoding, Subprotocol } from './frame-encoding.ts';
import type { CreditEvent, ThrottledEvent } from './metadata-exchange.ts';
import type { SluiceError } from './sluice-error.ts';

export interface ConnectOptions {
  /** `ws://host:7480/v1/signal`, or wss. */
  readonly signalUrl: string;
  /** A JWT, or a function that fetches a fresh one for every connection. */
  readonly accessToken: string | (() => Promise<string>);
  readonly room: string;
  /** Shown to others; the token's name where absent. */
  readonly name?: string | undefined;
  /** Default `json`, which needs nothing. `protobuf` loads protobufjs, unless `encoding` brings it. */
  readonly subprotocol?: Subprotocol | undefined;
  /** The encoding to use in place of what `subprotocol` says: where the library cannot load protobufjs by itself. */
  readonly encoding?: FrameEncoding | undefined;
  /** `mixed`: metadata on the signalling socket too, without a second one. */
  readonly capabilities?: readonly string[] | undefined;
  /** false: no metadata at all on a socket of its own. Default true. */
  readonly metadata?: boolean | undefined;
  /** Do what the gateway advises under overload, as far as the library can. Default true. */
  readonly heedAdvice?: boolean | undefined;
  /** Go on with the session of another client, by its `resumePoint`. Where it is over, the join begins a new one. */
  readonly resume?: ResumePoint | undefined;
  /** How long one connection may take up to `joined`. Default 10 000. */
  readonly connectTimeoutMs?: number | undefined;
  /** How long a reply may take. Default 10 000. */
  readonly requestTimeoutMs?: number | undefined;
}

/** A session, and how far its events were heard. The secret is good for one join. */
export interface ResumePoint {
  readonly session: string;
  readonly resumeToken: string;
  readonly lastSeq: number;
}

/** What an inference node is asked for. */
export interface InferenceWish {
  readonly feature: string;
  readonly workflow?: string | undefined;
  readonly payload: Uint8Array;
  /** How long the answer is of use. */
  readonly deadlineMs: number;
}

/** A participant as others see it. */
export interface ParticipantEvent {
  readonly identity: string;
  readonly state: 'joined' | 'away' | 'left';
  readonly name: string;
  readonly kind: string;
}

/** A session description from the other side. */
export interface DescriptionEvent {
  /** `publish`, `subscribe:*` or `peer:<identity>`. */
  readonly connection: string;
  readonly offerId: string;
  readonly sdp: string;
}

/** An ICE candidate from the other side; an empty `candidate` ends them. */
export interface CandidateEvent {
  readonly connection: string;
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number | undefined;
}

export interface IceServerInfo {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
}

/** The gateway's greeting, before the join. */
export interface WelcomeEvent {
  readonly session: string;
  readonly heartbeatMs: number;
  readonly iceServers: readonly IceServerInfo[];
}

/** In the room, now or again after a loss. When not `resumed`, media must be negotiated anew. */
export interface JoinedEvent {
  readonly session: string;
  readonly room: string;
  readonly resumed: boolean;
  readonly participants: readonly ParticipantEvent[];
  /** Frames that may be published, by class. */
  readonly budgets: Readonly<Record<string, { readonly ratePerSecond: number; readonly burst: number }>>;
  readonly features: Readonly<Record<string, boolean>>;
}

export interface GoawayEvent {
  readonly reason: string;
  readonly reconnectAfterMs: number;
}

/** Where the client is. After `closed` it is of no more use. */
export type ClientState = 'connecting' | 'joined' | 'reconnecting' | 'closed';

/** Where the metadata comes from: a socket of its own, the signalling socket, or (for now) nowhere. */
export type MetadataState = 'separate' | 'mixed' | 'reconnecting' | 'off';

export interface StateEvent {
  readonly state: ClientState;
  /** Why, where it is not joined. */
  readonly error: SluiceError | undefined;
  /** When reconnecting: how long until the next attempt. */
  readonly delayMs: number;
}

/** Everything a client tells, by the name to listen under. */
export interface ClientEvents {
  /** The WebSocket is open. */
  open: undefined;
  welcome: WelcomeEvent;
  joined: JoinedEvent;
  state: StateEvent;
  metadataState: { readonly state: MetadataState; readonly error: SluiceError | undefined };
  participant: ParticipantEvent;
  offer: DescriptionEvent;
  answer: DescriptionEvent;
  candidate: CandidateEvent;
  /** An error that answers no request. */
  error: SluiceError;
  goaway: GoawayEvent;
  /** Every metadata frame, captions included. */
  metadata: Frame;
  caption: Frame;
  throttled: ThrottledEvent;
  credit: CreditEvent;
  advice: AdviceEvent;
}

/** Which metadata a session wants; what is absent is not restricted. */
export interface SubscriptionWish {
  readonly kinds?: readonly KindName[] | undefined;
  readonly speakers?: readonly string[] | undefined;
  readonly langs?: readonly string[] | undefined;
  readonly focus?: readonly string[] | undefined;
}

/** The client's view of its media, for the gateway's figures. */
export interface MediaStats {
  readonly rttMs?: number;
  readonly jitterMs?: number;
  readonly lossRatio?: number;
  readonly framesDropped?: number;
  readonly connectMs?: number;
  readonly firstMediaMs?: number;
}
