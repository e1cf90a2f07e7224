/**
 * One client's session on the control plane: plain fields, so that an idle one stays small.
 *
 *     idle ──join──► joining ──► joined ◄──resume── away
 *       └─────────────┴────────────┴──────► ended ◄──┘
 *
 * Invariants: `socket` is null exactly while nobody is connected; `room` is set from joining on and null once ended;
 * `seq` numbers of a session only grow, across resumes too.
 */
import type { FrameClassifier } from '../../classes/frame-classifier.ts';
import type { Frame, Rights, Subscription } from '../../schemas/proto.ts';
import type { EdgeSocket, Principal } from '../edge/edge-socket.ts';
import { freshSecret } from '../edge/fresh-secret.ts';
import type { Outbox } from './outbox.ts';
import type { Room } from './rooms.ts';

export type SessionPhase = 'idle' | 'joining' | 'joined' | 'away' | 'ended';

const SESSION_BYTES = 12;
const RESUME_BYTES = 18;

export class Session {
  /** Unguessable; known to the client, the node and the metadata worker. */
  readonly id = freshSecret(SESSION_BYTES);
  resumeToken = newResumeToken();
  socket: EdgeSocket<Session> | null = null;
  principal: Principal;
  /** Made when the session first publishes metadata here. */
  classifier: FrameClassifier | null = null;
  name = '';
  phase: SessionPhase = 'idle';
  room: Room | null = null;
  /** Whether metadata is delivered on this socket. */
  mixed = false;
  /** Whether it takes captions as differences to what it was sent before. */
  captionDelta = false;
  subscription: Subscription | null = null;
  /** What the client last said of its media. */
  stats: Frame['stats'] | null = null;
  outbox: Outbox | null = null;
  /** While away: when it ends, monotonic ms. */
  awayUntilMs = 0;
  /** Whether the room's SFU node knows the session. */
  onNode: 'no' | 'opening' | 'yes' = 'no';
  /** When the join came, monotonic ms, until the first answer to a publish offer; 0 otherwise. */
  setupSinceMs = 0;
  /** How long the join alone took, ms; counted as the set-up when no offer ever comes. */
  joinMs = 0;
  /** Frames other than a join that came before one. */
  earlyFrames = 0;
  /** Metadata messages that wait for the socket; null when none does. */
  waiting: Uint8Array[] | null = null;
  waitingBytes = 0;

  constructor(principal: Principal) {
    this.principal = principal;
  }

  get rights(): Rights {
    const { canPublish, canSubscribe, canPublishData, hidden } = this.principal;
    return { canPublish, canSubscribe, canPublishData, hidden };
  }
}

/** A fresh secret by which a client shows that a session is its own. */
export function newResumeToken(): string {
  return freshSecret(RESUME_BYTES);
}
