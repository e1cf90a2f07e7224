/** What `sluice/client` gives. It imports no library; `sluice/client/protobuf` is the encoding that does. */

export type { AdviceAction } from '../../schemas/advice-actions.ts';
export { CloseCode } from '../../schemas/close-codes.ts';
export { Kind, type KindName } from '../../schemas/kinds.ts';
export type { Frame } from '../../schemas/proto.ts';
export type { AdviceEvent } from './advice.ts';
export { type CaptionListener, type CaptionState, CaptionStore } from './caption-store.ts';
export type {
  CandidateEvent,
  ClientEvents,
  ClientState,
  ConnectOptions,
  DescriptionEvent,
  GoawayEvent,
  IceServerInfo,
  InferenceWish,
  JoinedEvent,
  MediaStats,
  MetadataState,
  ParticipantEvent,
  ResumePoint,
  StateEvent,
  SubscriptionWish,
  WelcomeEvent,
} from './client-types.ts';
export { type FrameEncoding, jsonEncoding, type Subprotocol } from './frame-encoding.ts';
export type { CreditEvent, ThrottledEvent } from './metadata-exchange.ts';
export type { PublishOptions, PublishOutcome } from './publish-queue.ts';
export { connect, createClient, SluiceClient } from './sluice-client.ts';
export { ClientReason, SluiceError } from './sluice-error.ts';
export type { EndTurn, TurnPacer } from './turn-pacer.ts';
