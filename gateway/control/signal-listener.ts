/**
 * The control plane's side of the edge: from bytes on /v1/signal to an outcome.
 *
 *     received ─► peek ─► class ─► policed ─► band ─► decode ─► dispatch ─► settle
 *                   └ malformed: closed   └ over: counted, told now and then, cut above the ceiling
 *
 * Invariants: whatever is over its limit is refused after the peek, without decoding or allocating; every frame that
 * is offered is settled once; nothing a client sends throws.
 */
import { Decision } from '../../classes/admission-hierarchy.ts';
import { outcomeOf } from '../../classes/decision-outcome.ts';
import type { Policy } from '../../classes/policy.ts';
import { CloseCode } from '../../schemas/close-codes.ts';
import { decodeFrame, type FrameError, isFrameError } from '../../schemas/frame-codec.ts';
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../schemas/frame-peek.ts';
import { peekJsonFrame } from '../../schemas/json-peek.ts';
import { KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { EdgeListener, EdgeSocket, Turn } from '../edge/edge-socket.ts';
import type { CallRequests } from './call-requests.ts';
import { JoinGate } from './join-gate.ts';
import type { MetadataOutlet } from './metadata-outlet.ts';
import { MixedMetadata } from './mixed-metadata.ts';
import { AWAITED, type PlaneParts } from './plane-parts.ts';
import { PolicedLane, Policing } from './policing.ts';
import { Session } from './session.ts';
import { classifierOf } from './session-classifier.ts';
import type { SessionLife } from './session-life.ts';
import type { SetupTimes } from './setup-times.ts';
import { SignalRefusals } from './signal-refusals.ts';
import { lanesOf, Route, routesOf } from './signal-routes.ts';
import { TurnBands } from './turn-bands.ts';

type Socket = EdgeSocket<Session>;

/** Frames a socket may send before it has joined: a renewed token and some pings, while its user makes up his mind. */
const EARLY_FRAMES = 8;

export class SignalListener implements EdgeListener<Session> {
  readonly #parts: PlaneParts;
  readonly #policy: Policy;
  readonly #requests: CallRequests;
  readonly #life: SessionLife;
  readonly #outlet: MetadataOutlet;
  readonly #times: SetupTimes;
  readonly #policing: Policing;
  readonly #refusals: SignalRefusals;
  readonly #bands: TurnBands;
  readonly #joins: JoinGate;
  #routes: Uint8Array;
  #turn: Turn = { number: 0, nowMs: 0 };
  #mixed: MixedMetadata | null = null;

  constructor(parts: PlaneParts, requests: CallRequests, life: SessionLife, outlet: MetadataOutlet, times: SetupTimes) {
    this.#parts = parts;
    this.#policy = parts.policy;
    this.#requests = requests;
    this.#life = life;
    this.#outlet = outlet;
    this.#times = times;
    this.#policing = new Policing(this.#policy, lanesOf(this.#policy));
    this.#refusals = new SignalRefusals(parts, this.#policing);
    this.#bands = new TurnBands(this.#dispatch.bind(this));
    this.#joins = new JoinGate(this.#bands, () => parts.pool.nodes);
    this.#routes = routesOf(this.#policy);
  }

  /** Another policy is in force: its limits and bands hold from the next frame on. */
  adopt(): void {
    this.#policing.adopt(this.#policy, lanesOf(this.#policy), performance.now());
    this.#routes = routesOf(this.#policy);
  }

  /** Called once, before the first socket: the edge's clock. */
  follow(turn: Turn): void {
    this.#turn = turn;
    this.#joins.start();
    this.#mixed = new MixedMetadata(this.#parts, this.#policing, turn, (socket, lane, classIndex) =>
      this.#refusals.overRate(socket, lane, Kind.none, classIndex, null, turn.nowMs),
    );
  }

  attach(socket: EdgeSocket<Session | null>): Session {
    return new Session(socket.principal);
  }

  opened(socket: Socket): void {
    const session = socket.state;
    session.socket = socket;
    this.#policing.open(socket.index, socket.principal);
    const { config, policy, replies } = this.#parts;
    replies.send(session, {
      kind: Kind.welcome,
      welcome: {
        session: session.id,
        resumeToken: session.resumeToken,
        heartbeatMs: config.heartbeatMs,
        iceServers: config.iceServers.map(({ urls, username, credential }) => ({
          urls: [...urls],
          ...(username !== undefined && { username }),
          ...(credential !== undefined && { credential }),
        })),
        alternatives: [],
        policyVersion: policy.version,
      },
    });
  }

  received(socket: Socket, bytes: Uint8Array): void {
    const peeked = socket.json ? peekJsonFrame(bytes) : peekFrame(bytes, 0, bytes.length);
    if (peeked === PEEK_MALFORMED) {
      this.#malformed(socket, bytes.length);
      return;
    }
    const kind = peeked & ~PEEK_FINAL;
    if (socket.state.phase !== 'joined' && kind !== Kind.join && this.#tooEarly(socket, kind, bytes.length)) return;
    const route = this.#routes[kind]!;
    if (route === Route.metadata) {
      const fault = this.#mixed!.received(socket, kind, bytes);
      if (fault) this.#close(socket, fault);
      return;
    }
    const { counters } = this.#parts;
    const classIndex = this.#classOf(socket, kind);
    counters.offer(classIndex, bytes.length);
    if (route === Route.refused) {
      counters.settle(classIndex, Outcome.malformed);
      const message = `${KIND_NAMES[kind]}: clients do not send this kind on /v1/signal`;
      this.#close(socket, { error: true, closeCode: CloseCode.badFrame, reason: 'badFrame', message });
      return;
    }
    const { nowMs } = this.#turn;
    const decision = this.#decide(socket, route as PolicedLane, kind, classIndex, nowMs);
    if (decision !== Decision.admitted) {
      counters.settle(classIndex, outcomeOf(decision));
      if (decision === Decision.session)
        this.#refusals.overRate(socket, route as PolicedLane, kind, classIndex, bytes, nowMs);
      else this.#refusals.noDialog(socket, route as PolicedLane, classIndex, decision, bytes, nowMs);
      return;
    }
    if (!this.#joins.admits(kind, socket.state.id) && this.#refusals.busy(socket, bytes)) {
      counters.settle(classIndex, Outcome.rejected_overload);
      return;
    }
    const band = route === Route.setup ? 0 : 1;
    if (!this.#bands.take(band, socket, kind, classIndex, bytes, this.#turn.nowMs)) counters.enqueue(classIndex);
  }

  /** Rules may give another class to what is asked of inference nodes; to signalling they do not apply. */
  #classOf(socket: Socket, kind: number): number {
    const ofKind = this.#policy.classByKind[kind]!;
    if (this.#policy.classes[ofKind]?.plane !== 'metadata') return ofKind;
    return classifierOf(this.#parts.classes, socket).classOf(kind);
  }

  #decide(socket: Socket, lane: PolicedLane, kind: number, classIndex: number, nowMs: number): Decision {
    if (lane !== PolicedLane.ack)
      return this.#policing.admitSignal(socket.index, classIndex, kind === Kind.join, nowMs);
    return this.#policing.admit(socket.index, PolicedLane.ack, nowMs) ? Decision.admitted : Decision.session;
  }

  /** The plane ends. */
  stop(): void {
    this.#joins.stop();
  }

  /** Now and then: lets go of what is kept of those who are gone. */
  sweep(nowMs: number): void {
    this.#policing.sweep(nowMs);
  }

  /** Until it has joined a socket has little to say: past that it is cut, as fresh identities bring fresh buckets. */
  #tooEarly(socket: Socket, kind: number, bytes: number): boolean {
    if (++socket.state.earlyFrames <= EARLY_FRAMES) return false;
    const { counters, config } = this.#parts;
    const classIndex = this.#policy.classByKind[kind]!;
    counters.offer(classIndex, bytes);
    counters.settle(classIndex, Outcome.rejected_session);
    socket.cut(CloseCode.overBudget, config.limits.penaltyMs);
    return true;
  }

  drained(socket: Socket): void {
    this.#outlet.drained(socket.state);
  }

  closed(socket: Socket, code: number): void {
    this.#policing.close(socket.index, performance.now());
    const session = socket.state;
    // A session that was taken over, or has left, is no longer this socket's.
    if (session.socket === socket) this.#life.closed(session, code, performance.now());
  }

  /** Dispatches an admitted frame. Frames that were `queued` count as such until now. */
  #dispatch(
    socket: Socket,
    kind: number,
    classIndex: number,
    bytes: Uint8Array,
    receivedMs: number,
    queued: boolean,
  ): void {
    const { counters } = this.#parts;
    // From here on the frame is settled as one that never waited, or enqueued again by whoever awaits its answer.
    if (queued) counters.queued[counters.row(classIndex)]! -= 1;
    else counters.admitted[counters.row(classIndex)]! += 1;
    const outcome = socket.open ? this.#answer(socket, kind, classIndex, bytes, receivedMs) : Outcome.undeliverable;
    if (outcome !== AWAITED) counters.settle(classIndex, outcome);
    this.#times.passed(classIndex, performance.now() - receivedMs);
  }

  /** Decodes a frame and does what it asks; its outcome, or `AWAITED`. */
  #answer(socket: Socket, kind: number, classIndex: number, bytes: Uint8Array, receivedMs: number): number {
    const frame = decodeFrame(bytes, socket.json);
    if (isFrameError(frame)) {
      this.#close(socket, frame);
      return Outcome.malformed;
    }
    if (kind !== Kind.ack) return this.#requests.dispatch(socket, frame, classIndex, receivedMs);
    const { room, id } = socket.state;
    const told = room !== null && this.#parts.forwarder.ack(room.worker, id, frame.ack?.upTo ?? 0);
    return told ? Outcome.delivered : Outcome.undeliverable;
  }

  #malformed(socket: Socket, bytes: number): void {
    const { counters } = this.#parts;
    counters.offer(-1, bytes);
    counters.settle(-1, Outcome.malformed);
    const message = socket.json
      ? 'expected a JSON object whose first member is "kind", a known word'
      : 'expected the first two bytes to be 8 and the number of a known kind';
    this.#close(socket, { error: true, closeCode: CloseCode.badFrame, reason: 'badFrame', message });
  }

  #close(socket: Socket, fault: FrameError): void {
    this.#parts.replies.refuseOn(socket, null, { code: 400, reason: fault.reason, message: fault.message });
    socket.disconnect(fault.closeCode, fault.message);
  }
}
