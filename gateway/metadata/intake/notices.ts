/**
 * Tells publishers what they should know: refusals, credit and acceptance, gathered and told at most every
 * NOTICE_MS, so that a flood is not answered frame by frame.
 */
import { nextCreditShare } from '../../../backpressure/credit-law.ts';
import type { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import { toldWaitMs } from '../../../classes/gcra.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { MetadataSession, Owed } from '../sessions/metadata-session.ts';
import { BUDGET_EXHAUSTED, type Exhausted } from './turn-costs.ts';

/** The window of the credit law and the rhythm of notices. */
export const NOTICE_MS = 50;
/** A publisher hears of refusals at most this often. */
const THROTTLED_GAP_MS = 500;
const ERROR_GAP_MS = 500;
/** Credit that does not run out. */
export const UNPACED = 1_000_000_000;

export class Notices {
  /** The share of a burst that credit is topped up to. */
  creditShare = 1;
  #listed: MetadataSession[] = [];
  readonly #policy: Policy;
  readonly #admission: AdmissionHierarchy;

  constructor(policy: Policy, admission: AdmissionHierarchy) {
    this.#policy = policy;
    this.#admission = admission;
  }

  /** The session has something to be told. */
  list(session: MetadataSession): void {
    if (session.listed) return;
    session.listed = true;
    this.#listed.push(session);
  }

  /** Counts a frame refused for its rate, to be told of; returns how many refusals there were in the present second. */
  refused(session: MetadataSession, classIndex: number, nowMs: number): number {
    const owed = owedOf(session);
    owed.dropped[classIndex] = (owed.dropped[classIndex] ?? 0) + 1;
    this.list(session);
    return countRefusal(owed, nowMs);
  }

  /** Counts a frame refused because the worker has too much to do, one like which may pass after `waitMs`; as `refused`. */
  overloaded(session: MetadataSession, classIndex: number, waitMs: number, nowMs: number): number {
    const owed = owedOf(session);
    owed.overloadUntilMs[classIndex] = nowMs + waitMs;
    return this.refused(session, classIndex, nowMs);
  }

  /**
   * Tells a client that a frame was not allowed, at most every half second; returns how many refusals there were in
   * the present second.
   */
  forbidden(session: MetadataSession, reason: string, message: string, nowMs: number): number {
    const owed = owedOf(session);
    if (nowMs - owed.toldErrorMs >= ERROR_GAP_MS) {
      owed.toldErrorMs = nowMs;
      session.outlet.tell({ kind: Kind.error, error: { code: 403, reason, message } });
    }
    return countRefusal(owed, nowMs);
  }

  /** Tells a client that a turn goes no further: at once when it was ended, else at most every half second. */
  exhausted(session: MetadataSession, { ended, message, retryAfterMs }: Exhausted, nowMs: number): number {
    const owed = owedOf(session);
    if (ended || nowMs - owed.toldErrorMs >= ERROR_GAP_MS) {
      owed.toldErrorMs = nowMs;
      const error = { code: 429, reason: BUDGET_EXHAUSTED, message, retryAfterMs };
      session.outlet.tell({ kind: Kind.error, error });
    }
    return countRefusal(owed, nowMs);
  }

  /**
   * Another policy is in force: credit in its new classes is granted at once, before a frame of theirs comes. Who counts
   * a kind against one of the `bereft` classes that carry it no more goes on doing so until it connects again: there it
   * may write what it likes, and what is over its rate is refused here.
   */
  policyChanged(session: MetadataSession, bereft: readonly string[]): void {
    for (const name of bereft) session.outlet.tell({ kind: Kind.credit, credit: { class: name, frames: UNPACED } });
    this.#tellCredit(session, Number.POSITIVE_INFINITY);
  }

  /** One round: adjusts credit to the plane's queue delay (ms) and tells everybody listed what is due. */
  round(delayMs: number, nowMs: number): void {
    this.creditShare = nextCreditShare(this.creditShare, delayMs);
    const listed = this.#listed;
    this.#listed = [];
    for (const session of listed) {
      session.listed = false;
      if (session.closed) continue;
      this.#tellAccepted(session);
      this.#tellCredit(session, nowMs);
      this.#tellThrottled(session, nowMs);
    }
  }

  #tellAccepted(session: MetadataSession): void {
    const { publisher } = session;
    const { upTo } = publisher.accepted;
    if (upTo === publisher.acceptedTold) return;
    publisher.acceptedTold = upTo;
    if (upTo > 0) session.outlet.tell({ kind: Kind.accepted, accepted: { upTo } });
  }

  /** Who keeps to his credit has nothing refused for his rate: no more is granted than his bucket would let pass. */
  #tellCredit(session: MetadataSession, nowMs: number): void {
    const { credits } = this.#admission;
    const row = this.#admission.sessionOf(session.publisher.bucketRow);
    this.#policy.classes.forEach((trafficClass, index) => {
      if (trafficClass.plane !== 'metadata' || trafficClass.retired || !credits.isLow(row, index)) return;
      const frames = this.#admission.grantCredit(row, index, this.creditShare, nowMs);
      if (frames > 0) session.outlet.tell({ kind: Kind.credit, credit: { class: trafficClass.name, frames } });
      if (credits.isLow(row, index)) this.list(session);
    });
  }

  #tellThrottled(session: MetadataSession, nowMs: number): void {
    const { owed } = session;
    if (owed === null || owed.dropped.length === 0) return;
    if (nowMs - owed.toldDroppedMs < THROTTLED_GAP_MS) {
      this.list(session);
      return;
    }
    owed.toldDroppedMs = nowMs;
    const row = session.publisher.bucketRow;
    owed.dropped.forEach((dropped, index) => {
      const bucketMs = this.#admission.retryAfterMs(row, index, false, nowMs);
      const waitMs = Math.max(bucketMs, (owed.overloadUntilMs[index] ?? nowMs) - nowMs);
      // What never passes has no time after which it would.
      const retryAfterMs = Number.isFinite(waitMs) ? { retryAfterMs: toldWaitMs(waitMs) } : {};
      const throttled = { class: this.#policy.classes[index]!.name, dropped, ...retryAfterMs };
      session.outlet.tell({ kind: Kind.throttled, throttled });
    });
    owed.dropped = [];
  }
}

function owedOf(session: MetadataSession): Owed {
  session.owed ??= {
    dropped: [],
    toldDroppedMs: Number.NEGATIVE_INFINITY,
    toldErrorMs: Number.NEGATIVE_INFINITY,
    overloadUntilMs: [],
    refusedInWindow: 0,
    windowStartMs: Number.NEGATIVE_INFINITY,
  };
  return session.owed;
}

function countRefusal(owed: Owed, nowMs: number): number {
  if (nowMs - owed.windowStartMs >= 1000) {
    owed.windowStartMs = nowMs;
    owed.refusedInWindow = 0;
  }
  return ++owed.refusedInWindow;
}
