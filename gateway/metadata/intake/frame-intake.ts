/**
 * The way of one metadata frame of a client into its room.
 *
 *     class ─► right ─► bucket and credit ─► walk ─► room
 *
 * What is refused before the walk costs some tens of nanoseconds; frames whose class hangs on their texts are walked
 * first. Every frame is settled exactly once, or queued; nothing here allocates, waits or reads a clock, but for frames that
 * came as JSON.
 */
import { type AdmissionHierarchy, Decision } from '../../../classes/admission-hierarchy.ts';
import { classOfFrame } from '../../../classes/class-of-frame.ts';
import { outcomeOf } from '../../../classes/decision-outcome.ts';
import { Delivery } from '../../../classes/delivery.ts';
import { BY_TEXT } from '../../../classes/frame-classifier.ts';
import type { Policy } from '../../../classes/policy.ts';
import { CloseCode } from '../../../schemas/close-codes.ts';
import { encodeBinaryFrame } from '../../../schemas/frame-codec.ts';
import { PEEK_FINAL } from '../../../schemas/frame-peek.ts';
import { WalkResult } from '../../../schemas/frame-walk.ts';
import { KIND_NAMES, Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import { Arrival } from '../rooms/arrival.ts';
import type { Moment } from '../rooms/room-frame.ts';
import { QUEUED } from '../rooms/room-parts.ts';
import type { MetadataSession } from '../sessions/metadata-session.ts';
import type { FrameGate, IntakeParts } from './frame-gate.ts';
import type { Notices } from './notices.ts';
import type { ShadowTrial } from './shadow-trial.ts';
import { TurnCosts } from './turn-costs.ts';

/** Instead of a class: nobody has classified the frame before. */
export const UNKNOWN_CLASS = -3;

export class FrameIntake {
  readonly gate: FrameGate;
  readonly trial: ShadowTrial;
  readonly #policy: Policy;
  readonly #admission: AdmissionHierarchy;
  readonly #counters: PlaneCounters;
  readonly #notices: Notices;
  readonly #costs: TurnCosts;
  readonly #arrival = new Arrival();

  constructor(gate: FrameGate, { policy, admission, counters, notices, trial }: IntakeParts) {
    this.gate = gate;
    this.trial = trial;
    this.#policy = policy;
    this.#admission = admission;
    this.#counters = counters;
    this.#notices = notices;
    this.#costs = new TurnCosts(policy, admission);
  }

  /** One frame of a client, peeked at. `given`: the class another process of this gateway found for it. */
  admit(
    session: MetadataSession,
    bytes: Buffer,
    start: number,
    end: number,
    peeked: number,
    moment: Moment,
    given = UNKNOWN_CLASS,
  ): void {
    const kind = peeked & ~PEEK_FINAL;
    const classIndex = given === UNKNOWN_CLASS ? this.#classOf(session, kind, bytes, start, end) : given;
    const final = (peeked & PEEK_FINAL) !== 0;
    this.#counters.offer(classIndex, end - start);
    const admitted =
      this.gate.mayPublish(session, kind, classIndex, moment) &&
      this.gate.charge(session, kind, classIndex, final, moment);
    if (this.trial.on) {
      this.trial.judge(session, kind, classIndex, bytes, start, end, final, admitted, moment.nowMs);
    }
    if (admitted) return this.enqueue(session, bytes, start, end, classIndex, moment);
    // Nothing numbered beyond a refused frame may be confirmed, were it the first that came.
    if (this.#policy.deliveryByKind[kind] !== Delivery['at-least-once'] || session.publisher.accepted.begun) return;
    const { walk } = this.#arrival;
    if (walk.frame(bytes, start, end) === WalkResult.ok) session.publisher.accepted.refuse(walk.pub);
  }

  #classOf({ publisher }: MetadataSession, kind: number, bytes: Buffer, start: number, end: number): number {
    const { classifier } = publisher;
    const classIndex = classifier.classOf(kind);
    if (classIndex !== BY_TEXT) return classIndex;
    const { walk } = this.#arrival;
    const sound = walk.frame(bytes, start, end) === WalkResult.ok && walk.payload(bytes) === WalkResult.ok;
    return sound ? classOfFrame(classifier, walk, bytes) : this.#policy.classByKind[kind]!;
  }

  /** Walks a charged frame and places it; the last step of every way in. */
  enqueue(
    session: MetadataSession,
    bytes: Buffer,
    start: number,
    end: number,
    classIndex: number,
    moment: Moment,
  ): void {
    const { publisher } = session;
    const arrival = this.#arrival.of(publisher, bytes, classIndex, moment);
    const { walk } = arrival;
    let found = walk.frame(bytes, start, end);
    if (found === WalkResult.ok) found = walk.payload(bytes);
    if (found !== WalkResult.ok) {
      this.#counters.settle(classIndex, Outcome.malformed);
      if (found === WalkResult.kindMismatch) {
        this.refuseFrame(session, CloseCode.kindMismatch, `the payload is not a ${KIND_NAMES[walk.kind]}`);
      } else this.refuseFrame(session, CloseCode.badFrame, `a ${KIND_NAMES[walk.kind]} frame broke the protocol`);
      return;
    }
    const poor = this.#costs.decide(session.room, arrival);
    if (poor !== Decision.admitted) {
      this.#counters.settle(classIndex, outcomeOf(poor));
      const exhausted = this.#costs.cutOff(session.room, arrival, poor);
      return this.gate.exhausted(session, exhausted, moment);
    }
    const outcome = session.room.admit(arrival);
    if (outcome === QUEUED) {
      this.#counters.enqueue(classIndex);
      this.#costs.charge(arrival);
    } else {
      this.#counters.settle(classIndex, outcome);
      this.#counters.spared += session.room.groups.size;
    }
    if (outcome === Outcome.malformed) {
      const broken = 'lacks its key, is not UTF-8, changes its stream’s mode or contradicts its text so far';
      const message = `a ${KIND_NAMES[walk.kind]} frame ${broken}`;
      this.refuseFrame(session, CloseCode.badFrame, message);
    } else if (outcome === Outcome.unauthorised) {
      const message = 'the stream or the speaker belongs to somebody else in this room';
      this.gate.forbid(session, 'not_owner', message, moment);
    } else if (outcome === Outcome.evicted_ladder) this.gate.shedTurn(session, classIndex, moment);
    else if (outcome !== Outcome.evicted_overflow) this.#accepted(session, walk.pub);
    if (walk.kind === Kind.caption && walk.final && outcome === QUEUED) this.#counters.finalsReceived++;
    const { credits } = this.#admission;
    if (credits.isLow(this.#admission.sessionOf(publisher.bucketRow), classIndex)) this.#notices.list(session);
  }

  /** A frame that came as JSON, of `length` bytes. */
  admitDecoded(session: MetadataSession, frame: Frame, length: number, moment: Moment): void {
    const kind = frame.kind ?? 0;
    const binary = Buffer.from(encodeBinaryFrame(frame));
    const classIndex = this.#classOf(session, kind, binary, 0, binary.length);
    this.#counters.offer(classIndex, length);
    const final = frame.final === true;
    const admitted =
      this.gate.mayPublish(session, kind, classIndex, moment) &&
      this.gate.charge(session, kind, classIndex, final, moment);
    if (this.trial.on) {
      this.trial.judge(session, kind, classIndex, binary, 0, binary.length, final, admitted, moment.nowMs);
    }
    if (admitted) this.enqueue(session, binary, 0, binary.length, classIndex, moment);
  }

  /** Notes an accepted frame's number, to be told. */
  #accepted(session: MetadataSession, pub: number): void {
    if (pub === 0) return;
    const { publisher } = session;
    // One that has been taken before is sent again by a publisher that has not heard so.
    if (pub <= publisher.accepted.upTo) publisher.acceptedTold = 0;
    publisher.accepted.take(pub);
    this.#notices.list(session);
  }

  /** Says what is wrong with a frame that has been settled, and ends the socket. */
  refuseFrame(session: MetadataSession, code: CloseCode, message: string): void {
    const reason = code === CloseCode.kindMismatch ? 'kindMismatch' : 'badFrame';
    session.outlet.tell({ kind: Kind.error, error: { code: 400, reason, message } });
    session.outlet.disconnect(code);
  }
}
