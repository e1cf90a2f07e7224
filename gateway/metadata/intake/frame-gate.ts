/**
 * Whether a client's frame may pass: its publisher's rights, then bucket and credit. Says so to the counters and, at
 * intervals, to the client; one that goes on regardless is cut.
 *
 * Invariant: a frame that may not pass is settled here, once.
 */

import { type AdmissionHierarchy, Decision } from '../../../classes/admission-hierarchy.ts';
import { outcomeOf } from '../../../classes/decision-outcome.ts';
import { boundText } from '../../../classes/frame-classifier.ts';
import type { Policy } from '../../../classes/policy.ts';
import { CloseCode } from '../../../schemas/close-codes.ts';
import { KIND_NAMES, Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import { Refusal } from '../rooms/publisher.ts';
import type { Moment } from '../rooms/room-frame.ts';
import type { MetadataSession } from '../sessions/metadata-session.ts';
import type { Notices } from './notices.ts';
import { OVERLOAD_RETRY_MS, type OverloadGate, SHED_RETRY_MS } from './overload-gate.ts';
import type { ShadowTrial } from './shadow-trial.ts';
import type { Exhausted } from './turn-costs.ts';
import { REST_MS, TurnRest } from './turn-rest.ts';

/** Refusals in one second beyond which a socket is cut: it neither obeys nor is worth reading. */
const REFUSAL_CEILING = 2000;
/** The same while it rests from turns: it has been told by advice, by refusals, and for how long to be silent. */
const RESTING_CEILING = 200;

/** What the way in of clients' frames is connected to. */
export interface IntakeParts {
  readonly policy: Policy;
  readonly admission: AdmissionHierarchy;
  readonly counters: PlaneCounters;
  readonly notices: Notices;
  readonly overload: OverloadGate;
  /** The policy on trial, if there is one. */
  readonly trial: ShadowTrial;
}

export class FrameGate {
  readonly #policy: Policy;
  readonly #admission: AdmissionHierarchy;
  readonly #counters: PlaneCounters;
  readonly #notices: Notices;
  readonly #overload: OverloadGate;
  readonly #rest = new TurnRest();

  constructor({ policy, admission, counters, notices, overload }: IntakeParts) {
    this.#policy = policy;
    this.#admission = admission;
    this.#counters = counters;
    this.#notices = notices;
    this.#overload = overload;
  }

  /** Whether the access token lets the client publish the kind, and use the class. */
  mayPublish(session: MetadataSession, kind: number, classIndex: number, moment: Moment): boolean {
    const { refusals, classifier } = session.publisher;
    const refusal = refusals[kind]!;
    if (refusal === Refusal.none && !classifier.bars(classIndex)) return true;
    this.#counters.settle(classIndex, Outcome.unauthorised);
    const message =
      refusal === Refusal.kindNotAllowed
        ? `only agents and nodes may publish ${KIND_NAMES[kind]}; this access token is of kind standard`
        : refusal === Refusal.none
          ? `this ${KIND_NAMES[kind]} is of class ${this.#policy.classes[classIndex]?.name}, and ${boundText(classifier)}`
          : 'this access token does not grant canPublishData';
    this.forbid(session, 'forbidden', message, moment);
    return false;
  }

  /** Tells the client that a turn goes no further. The fragment has been settled. */
  exhausted(session: MetadataSession, exhausted: Exhausted, moment: Moment): void {
    if (this.#notices.exhausted(session, exhausted, moment.nowMs) > REFUSAL_CEILING) {
      session.outlet.cut(CloseCode.overBudget);
    }
  }

  /** Tells the client, now and then, that a frame was not allowed. The frame has been settled. */
  forbid(session: MetadataSession, reason: string, message: string, moment: Moment): void {
    if (this.#notices.forbidden(session, reason, message, moment.nowMs) > REFUSAL_CEILING) {
      session.outlet.cut(CloseCode.overBudget);
    }
  }

  /** Tells the client, now and then, that the ladder of overload took a frame, which has been settled. */
  shed(session: MetadataSession, classIndex: number, { nowMs }: Moment): void {
    const waitMs = this.#overload.ladder.shedsClass(classIndex) ? SHED_RETRY_MS : 0;
    if (this.#notices.overloaded(session, classIndex, waitMs, nowMs) > REFUSAL_CEILING) {
      session.outlet.cut(CloseCode.overBudget);
    }
  }

  /** Tells the client, now and then, that a turn was refused while turns are capped; the fragment has been settled. */
  shedTurn(session: MetadataSession, classIndex: number, { nowMs }: Moment): void {
    const rests = this.#rest.refused(session, nowMs);
    const refused = this.#notices.overloaded(session, classIndex, rests ? REST_MS : 0, nowMs);
    if (refused > (rests ? RESTING_CEILING : REFUSAL_CEILING)) session.outlet.cut(CloseCode.overBudget);
  }

  /** Whether the sender of a frame rests from turns, of which it is one. */
  #restsFrom(session: MetadataSession, kind: number, nowMs: number): boolean {
    if (kind !== Kind.agentTurn || !this.#overload.ladder.effects.agentTurnsCapped) return false;
    return this.#rest.refuses(session, nowMs);
  }

  /** Charges a frame; false when its class has no room for it, or the worker no time. */
  charge(session: MetadataSession, kind: number, classIndex: number, final: boolean, moment: Moment): boolean {
    const decision = this.#admission.admit(session.publisher.bucketRow, classIndex, final, moment.nowMs);
    if (decision === Decision.admitted) {
      if (!final && this.#overload.ladder.sheds(kind, classIndex)) {
        this.#counters.settle(classIndex, Outcome.evicted_ladder);
        this.shed(session, classIndex, moment);
        return false;
      }
      if (this.#restsFrom(session, kind, moment.nowMs)) {
        this.#counters.settle(classIndex, Outcome.evicted_ladder);
        this.shedTurn(session, classIndex, moment);
        return false;
      }
      if (this.#overload.admits(session.publisher, kind, classIndex, final, session.room.groups.size)) return true;
      this.#counters.settle(classIndex, Outcome.rejected_overload);
      this.#notices.overloaded(session, classIndex, OVERLOAD_RETRY_MS, moment.nowMs);
      return false;
    }
    this.#counters.settle(classIndex, outcomeOf(decision));
    if (final && this.#admission.finalsApart(classIndex)) {
      // A final is never refused in silence: its publisher is let go and may come back with it.
      session.outlet.disconnect(CloseCode.overBudget);
    } else if (this.#notices.refused(session, classIndex, moment.nowMs) > REFUSAL_CEILING) {
      session.outlet.cut(CloseCode.overBudget);
    }
    return false;
  }
}
