/** Between frames and what an application hears and says: every field present, enums as words. */

import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type {
  CandidateEvent,
  ClientEvents,
  DescriptionEvent,
  JoinedEvent,
  ParticipantEvent,
  SubscriptionWish,
  WelcomeEvent,
} from './client-types.ts';
import type { Listeners } from './listeners.ts';

const STATES = ['joined', 'away', 'left'] as const;

/** A `participant` frame, or an entry of `joined`. */
function participantEvent(participant: Frame['participant']): ParticipantEvent {
  return {
    identity: participant?.identity ?? '',
    state: STATES[participant?.state ?? 0] ?? 'joined',
    name: participant?.name ?? '',
    kind: participant?.kind ?? '',
  };
}

/** An `offer` or `answer` frame. */
export function descriptionEvent(description: Frame['offer']): DescriptionEvent {
  return {
    connection: description?.connection ?? '',
    offerId: description?.offerId ?? '',
    sdp: description?.sdp ?? '',
  };
}

/** A `candidate` frame. */
function candidateEvent(candidate: Frame['candidate']): CandidateEvent {
  return {
    connection: candidate?.connection ?? '',
    candidate: candidate?.candidate ?? '',
    sdpMid: candidate?.sdpMid ?? '',
    sdpMLineIndex: candidate?.sdpMLineIndex ?? undefined,
  };
}

/** A `welcome` frame of the signalling socket. */
export function welcomeEvent(welcome: Frame['welcome']): WelcomeEvent {
  return {
    session: welcome?.session ?? '',
    heartbeatMs: welcome?.heartbeatMs ?? 0,
    iceServers: (welcome?.iceServers ?? []).map((server) => ({
      urls: server.urls ?? [],
      username: server.username ?? '',
      credential: server.credential ?? '',
    })),
  };
}

/** A `joined` frame; `session` is the one the link now holds. */
export function joinedEvent(joined: Frame['joined'], session: string): JoinedEvent {
  const budgets: Record<string, { ratePerSecond: number; burst: number }> = {};
  for (const [name, budget] of Object.entries(joined?.budgets ?? {})) {
    budgets[name] = { ratePerSecond: budget.ratePerSecond ?? 0, burst: budget.burst ?? 0 };
  }
  return {
    session,
    room: joined?.room ?? '',
    resumed: joined?.resumed ?? false,
    participants: (joined?.participants ?? []).map(participantEvent),
    budgets,
    features: joined?.features ?? {},
  };
}

/** Tells the event of a signalling frame that answers no request. */
export function emitSignalFrame(listeners: Listeners<ClientEvents>, frame: Frame): void {
  if (frame.kind === Kind.participant) listeners.emit('participant', participantEvent(frame.participant));
  else if (frame.kind === Kind.offer) listeners.emit('offer', descriptionEvent(frame.offer));
  else if (frame.kind === Kind.answer) listeners.emit('answer', descriptionEvent(frame.answer));
  else if (frame.kind === Kind.candidate) listeners.emit('candidate', candidateEvent(frame.candidate));
  else if (frame.kind === Kind.goaway) {
    const { reason, reconnectAfterMs } = frame.goaway ?? {};
    listeners.emit('goaway', { reason: reason ?? '', reconnectAfterMs: reconnectAfterMs ?? 0 });
  }
}

/** A wish as the payload of `subscribe`: kinds by number, absent lists empty. */
export function subscriptionPayload(wish: SubscriptionWish): Readonly<Record<string, unknown>> {
  return {
    kinds: (wish.kinds ?? []).map((name) => Kind[name]),
    speakers: [...(wish.speakers ?? [])],
    langs: [...(wish.langs ?? [])],
    focus: [...(wish.focus ?? [])],
  };
}
