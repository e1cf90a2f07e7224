/**
 * The metadata plane's side of the edge: a socket becomes a session in its token's room, says what it has to say,
 * and leaves.
 */
import type { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import type { ClassTables } from '../../../classes/frame-classifier.ts';
import { kindClasses } from '../../../classes/kind-classes.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Principal as Sender } from '../../../classes/rule-table.ts';
import { CloseCode } from '../../../schemas/close-codes.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { Config } from '../../config/config.ts';
import type { EdgeListener, EdgeSocket, Principal } from '../../edge/edge-socket.ts';
import { freshSecret } from '../../edge/fresh-secret.ts';
import { metadataUrl } from '../../fabric/metadata-url.ts';
import { roomWorker } from '../../fabric/room-worker.ts';
import type { ActiveLadder } from '../../ladder/active-ladder.ts';
import type { NodeLink } from '../../nodes/node-metadata-server.ts';
import type { Ingest } from '../intake/ingest.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import type { Moment } from '../rooms/room-frame.ts';
import type { Rooms } from '../rooms/rooms.ts';
import type { Audience } from './audience.ts';
import { MetadataSession } from './metadata-session.ts';
import { SocketOutlet } from './outlets.ts';
import type { SessionDirectory } from './session-directory.ts';

/** What client sockets are connected to. */
export interface ClientSocketParts {
  readonly config: Config;
  readonly worker: number;
  readonly policy: Policy;
  readonly classes: ClassTables;
  readonly admission: AdmissionHierarchy;
  readonly rooms: Rooms;
  readonly ingest: Ingest;
  readonly audience: Audience;
  readonly directory: SessionDirectory<NodeLink>;
  readonly ladder: ActiveLadder;
  /** The moment of what is being received: of the turn for sockets, of the message for nodes. */
  moment(): Moment;
}

/** A socket that opens with `resume=1` is given nothing until it has attached, or this long, so nothing comes twice. */
const HOLD_MS = 2000;

type State = MetadataSession | null;

export class ClientSockets implements EdgeListener<State> {
  readonly #parts: ClientSocketParts;
  /** Sockets that have yet to attach. */
  #held: { session: MetadataSession; untilMs: number }[] = [];

  constructor(parts: ClientSocketParts) {
    this.#parts = parts;
  }

  attach(): State {
    return null;
  }

  opened(socket: EdgeSocket<State>): void {
    const { config, worker, admission, policy, classes, rooms, audience } = this.#parts;
    const { principal } = socket;
    const query = new URLSearchParams(socket.query);
    const name = roomOf(principal, query);
    const rightWorker = roomWorker(principal.tenant, name, config.metadataWorkers);
    const outlet = new SocketOutlet(socket, config.limits.penaltyMs);
    if (rightWorker !== worker) {
      const url = metadataUrl(config, rightWorker, socket.host);
      outlet.tell({ kind: Kind.goaway, goaway: { reason: 'wrong_worker', metadataUrl: url } });
      socket.disconnect(CloseCode.wrongWorker);
      return;
    }
    const { nowMs } = this.#parts.moment();
    const room = rooms.get(principal.tenant, name, nowMs);
    room.enter();
    const publisher = new Publisher({
      identity: principal.identity,
      node: '',
      trusted: false,
      bucketRow: admission.open({ tenant: principal.tenant, identity: principal.identity, room: name }),
      refusals: refusalsFor(principal.kind, principal.canPublishData),
      classifier: classes.sender(Sender[principal.kind], principal.tenant, principal.classes),
      policy,
    });
    const session = new MetadataSession(room, publisher, outlet, principal.canSubscribe);
    session.captionDelta = query.get('capabilities')?.split(',').includes('captionDelta') ?? false;
    socket.state = session;
    outlet.tell({ kind: Kind.welcome, welcome: this.#welcome(publisher) });
    if (principal.kind === 'agent') this.#advise(session);
    if (query.get('resume') === '1') this.#held.push({ session, untilMs: nowMs + HOLD_MS });
    else audience.join(session, nowMs);
  }

  /** Tells an agent what holds under overload. */
  #advise(session: MetadataSession): void {
    const { level, advice, effects } = this.#parts.ladder;
    session.mustResume = effects.refusesAgentSessions;
    if (level > 0) session.outlet.tell({ kind: Kind.advice, advice });
  }

  received(socket: EdgeSocket<State>, bytes: Uint8Array): void {
    if (socket.state === null) return;
    this.#parts.ingest.receive(socket.state, bytes as Buffer, socket.json, this.#parts.moment());
  }

  drained(socket: EdgeSocket<State>): void {
    if (socket.state !== null) this.#parts.audience.drained(socket.state);
  }

  closed(socket: EdgeSocket<State>, code: number): void {
    const session = socket.state;
    if (session === null) return;
    session.closed = true;
    socket.state = null;
    const { admission, audience, directory } = this.#parts;
    const mayResume = code !== 1000 && code !== CloseCode.replaced;
    audience.leave(session, mayResume, this.#parts.moment().nowMs);
    admission.close(session.publisher.bucketRow, this.#parts.moment().nowMs);
    session.room.leave(session.publisher);
    const known = directory.get(session.sessionId);
    if (known?.attached === session) known.attached = null;
  }

  /** Gives those who said they would attach, but did not, the room as it is. */
  sweep(nowMs: number): void {
    this.#held = this.#held.filter(({ session, untilMs }) => {
      if (session.closed || session.subscriber !== null) return false;
      if (untilMs > nowMs) return true;
      this.#parts.audience.join(session, nowMs);
      return false;
    });
  }

  #welcome({ classifier }: Publisher) {
    const { config, policy } = this.#parts;
    const classes = policy.classes.filter(({ plane, retired }) => plane === 'metadata' && !retired);
    return {
      session: freshSecret(9),
      heartbeatMs: config.heartbeatMs,
      policyVersion: policy.version,
      classes: kindClasses(policy, (kind) => classifier.classOf(kind)),
      credits: Object.fromEntries(classes.map(({ name, session }) => [name, session.burst])),
    };
  }
}

/** The room a socket is for: its token's, or where the token is for any, the one it asks for. */
export function roomOf(principal: Principal, query: URLSearchParams): string {
  return principal.room === '' ? (query.get('room') ?? '') : principal.room;
}
