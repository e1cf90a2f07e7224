/**
 * What would happen to a frame now, as the worker that serves its room would decide: asked by operators, decided with the
 * live balances, charged to nobody.
 */
import type { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import type { ClassTables } from '../../../classes/frame-classifier.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Principal } from '../../../classes/rule-table.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { FrameQuestion, LiveAnswer } from '../../supervisor/frame-question.ts';
import { Refusal } from '../rooms/publisher.ts';
import type { MetadataSession } from '../sessions/metadata-session.ts';

/** What is looked at. */
export interface LiveParts {
  readonly policy: Policy;
  readonly classes: ClassTables;
  readonly admission: AdmissionHierarchy;
  /** Calls back with every session of a client that is open here. */
  readonly eachSession: (visit: (session: MetadataSession) => void) => void;
}

/** Answers by the participant's open session, or, where there is none, as for a session that opened now. */
export function explainLive(parts: LiveParts, question: FrameQuestion, nowMs: number): LiveAnswer {
  const { policy, classes, admission } = parts;
  const { tenant, identity, room, principal } = question;
  const sessions: MetadataSession[] = [];
  parts.eachSession((session) => {
    if (session.identity === identity && session.room.tenant === tenant && session.room.name === room)
      sessions.push(session);
  });
  // The newest is the one that is used.
  const session = sessions.at(-1);
  const classifier = session?.publisher.classifier ?? classes.sender(Principal[principal], tenant);
  const classIndex = classifier.classOfWords(Kind[question.kind], question.type, question.label);
  const named = policy.classes[classIndex]?.name ?? '';
  if (session !== undefined) {
    const barred = classifier.bars(classIndex) || session.publisher.refusals[Kind[question.kind]] !== Refusal.none;
    if (barred)
      return { class: named, sessions: sessions.length, outcome: 'unauthorised', retryAfterMs: null, balances: [] };
  }
  const own = session?.publisher.bucketRow;
  const flow = own ?? admission.open({ tenant, identity, room: room === '' ? null : room });
  const waitMs = admission.retryAfterMs(flow, classIndex, question.final, nowMs);
  const balances = admission.balances(flow, classIndex, question.final, nowMs);
  const finals = question.final && admission.finalsApart(classIndex);
  const noCredit = !finals && !admission.credits.has(admission.sessionOf(flow), classIndex);
  if (own === undefined) admission.close(flow, nowMs);
  const narrowest = balances.toSorted((a, b) => b.waitMs - a.waitMs)[0];
  const outcome = waitMs > 0 ? `rejected_${narrowest?.level ?? 'session'}` : noCredit ? 'rejected_credit' : 'admitted';
  return {
    class: named,
    sessions: sessions.length,
    outcome,
    retryAfterMs: waitMs > 0 ? Math.ceil(waitMs) : null,
    balances,
  };
}
