/**
 * The path of a metadata frame into its room: classify, admit, enqueue.
 *
 *     peek kind ─► right ─► class ─► bucket and credit ─► walk ─► room
 *
 * What is refused before the walk costs some tens of nanoseconds. Every frame offered is counted and settled exactly
 * once; nothing here allocates, waits or reads a clock, but for JSON, which must be parsed.
 */
import type { Policy } from '../../classes/policy.ts';
import type { SessionAdmission } from '../../classes/session-admission.ts';
import { CloseCode } from '../../schemas/close-codes.ts';
import { decodeFrame, encodeBinaryFrame, isFrameError } from '../../schemas/frame-codec.ts';
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../schemas/frame-peek.ts';
import { BatchWalk, FrameWalk, WalkResult } from '../../schemas/frame-walk.ts';
import { mayHoldFinal, peekJsonFrame } from '../../schemas/json-peek.ts';
import { isMetadata, KIND_COUNT, KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { FrameGate } from './frame-gate.ts';
import type { MetadataSession } from './metadata-session.ts';
import type { Notices } from './notices.ts';
import { placeFrame } from './place-frame.ts';
import { QUEUED } from './room.ts';
import type { Moment } from './room-frame.ts';

const MOST_FRAMES = 64;
/** Kinds whose frames a publisher numbers and sends again until they are accepted; finals are too. */
const AT_LEAST_ONCE = new Uint8Array(KIND_COUNT);
for (const kind of [Kind.moderation, Kind.toolCall, Kind.feedback]) AT_LEAST_ONCE[kind] = 1;

/** The socket's own conversation: frames that are not metadata. */
export type Converse = (session: MetadataSession, frame: Frame, moment: Moment) => void;

export class Ingest {
  readonly #policy: Policy;
  readonly #admission: SessionAdmission;
  readonly #counters: PlaneCounters;
  readonly #notices: Notices;
  readonly #gate: FrameGate;
  readonly #converse: Converse;
  readonly #walk = new FrameWalk();
  readonly #batch = new BatchWalk();
  /** For a batch's own frame, while `#walk` is at the frames inside. */
  readonly #outerWalk = new FrameWalk();

  constructor(
    policy: Policy,
    admission: SessionAdmission,
    counters: PlaneCounters,
    notices: Notices,
    converse: Converse,
  ) {
    this.#policy = policy;
    this.#admission = admission;
    this.#counters = counters;
    this.#notices = notices;
    this.#gate = new FrameGate(admission, counters, notices);
    this.#converse = converse;
  }

  /** One WebSocket message of a client. */
  receive(session: MetadataSession, bytes: Buffer, json: boolean, moment: Moment): void {
    const peeked = json ? peekJsonFrame(bytes) : peekFrame(bytes, 0, bytes.length);
    if (peeked === PEEK_MALFORMED) return this.#malformed(session, bytes, json);
    const kind = peeked & ~PEEK_FINAL;
    if (isMetadata(kind)) {
      if (json) this.#admitJson(session, kind, bytes, moment);
      else this.#admit(session, bytes, 0, bytes.length, peeked, moment);
    } else if (kind === Kind.batch) {
      if (json) this.#admitJsonBatch(session, bytes, moment);
      else this.#admitBatch(session, bytes, moment);
    } else this.#receiveConversation(session, kind, bytes, json, moment);
  }

  #admit(session: MetadataSession, bytes: Buffer, start: number, end: number, peeked: number, moment: Moment): void {
    const kind = peeked & ~PEEK_FINAL;
    const classIndex = this.#policy.classByKind[kind]!;
    this.#counters.offer(classIndex, end - start);
    if (
      this.#gate.mayPublish(session, kind, classIndex, moment) &&
      this.#gate.charge(session, classIndex, (peeked & PEEK_FINAL) !== 0, moment)
    ) {
      return this.#enqueue(session, bytes, start, end, classIndex, moment);
    }
    // Nothing numbered beyond a refused frame may be confirmed, were it the first that came.
    if (AT_LEAST_ONCE[kind] === 0 || session.publisher.accepted.begun) return;
    if (this.#walk.frame(bytes, start, end) === WalkResult.ok) session.publisher.accepted.refuse(this.#walk.pub);
  }

  /** Acknowledgements are as many as batches; whatever else a client says for itself has the rate of its class. */
  #receiveConversation(session: MetadataSession, kind: number, bytes: Buffer, json: boolean, moment: Moment): void {
    if (kind !== Kind.ack && !this.#mayTalk(session, bytes, moment)) return;
    const frame = decodeFrame(bytes, json);
    if (isFrameError(frame)) this.#refuseFrame(session, frame.closeCode, frame.message);
    else this.#converse(session, frame, moment);
  }

  #mayTalk(session: MetadataSession, bytes: Buffer, moment: Moment): boolean {
    const classIndex = this.#policy.classByKind[Kind.ping]!;
    this.#counters.offer(classIndex, bytes.length);
    if (!this.#gate.charge(session, classIndex, false, moment)) return false;
    this.#counters.settle(classIndex, Outcome.delivered);
    return true;
  }

  /** Walks a charged frame and places it; the last step of every way in. */
  #enqueue(
    session: MetadataSession,
    bytes: Buffer,
    start: number,
    end: number,
    classIndex: number,
    moment: Moment,
  ): void {
    const walk = this.#walk;
    let found = walk.frame(bytes, start, end);
    if (found === WalkResult.ok) found = walk.payload(bytes);
    if (found !== WalkResult.ok) {
      this.#counters.settle(classIndex, Outcome.malformed);
      if (found === WalkResult.kindMismatch) {
        this.#refuseFrame(session, CloseCode.kindMismatch, `the payload is not a ${KIND_NAMES[walk.kind]}`);
      } else this.#refuseFrame(session, CloseCode.badFrame, `a ${KIND_NAMES[walk.kind]} frame broke the protocol`);
      return;
    }
    const { publisher } = session;
    const outcome = placeFrame(this.#policy, session.room, publisher, bytes, walk, moment);
    if (outcome === QUEUED) this.#counters.enqueue(classIndex);
    else this.#counters.settle(classIndex, outcome);
    if (outcome === Outcome.malformed) {
      const message = `a ${KIND_NAMES[walk.kind]} frame lacks its key, is not UTF-8 or changes its stream's mode`;
      this.#refuseFrame(session, CloseCode.badFrame, message);
    } else if (outcome === Outcome.unauthorised) {
      const message = 'the stream or the speaker belongs to somebody else in this room';
      this.#gate.forbid(session, 'not_owner', message, moment);
    } else if (outcome !== Outcome.evicted_overflow) this.#accepted(session, walk.pub);
    if (walk.kind === Kind.caption && walk.final && outcome === QUEUED) this.#counters.finalsReceived++;
    if (this.#admission.creditIsLow(publisher.bucketRow, classIndex)) this.#notices.list(session);
  }

  #admitBatch(session: MetadataSession, bytes: Buffer, moment: Moment): void {
    const outer = this.#outerWalk;
    const batch = this.#batch;
    if (outer.frame(bytes, 0, bytes.length) !== WalkResult.ok) return this.#malformed(session, bytes, false);
    // Nothing inside would be charged.
    if (outer.bodyStart === outer.bodyEnd) return void this.#mayTalk(session, bytes, moment);
    batch.open(outer.bodyStart, outer.bodyEnd);
    for (let count = 1; !session.closed; count++) {
      const found = batch.next(bytes);
      if (found === 0) return;
      const peeked = found < 0 ? PEEK_MALFORMED : peekFrame(bytes, batch.start, batch.end);
      if (peeked === PEEK_MALFORMED || !isMetadata(peeked & ~PEEK_FINAL) || count > MOST_FRAMES) {
        this.#counters.offer(-1, bytes.length);
        this.#counters.settle(-1, Outcome.malformed);
        const message = `a batch holds at most ${MOST_FRAMES} metadata frames and no batch`;
        return this.#refuseFrame(session, CloseCode.badFrame, message);
      }
      this.#admit(session, bytes, batch.start, batch.end, peeked, moment);
    }
  }

  #admitJson(session: MetadataSession, kind: number, bytes: Buffer, moment: Moment): void {
    const classIndex = this.#policy.classByKind[kind]!;
    this.#counters.offer(classIndex, bytes.length);
    if (!this.#gate.mayPublish(session, kind, classIndex, moment)) return;
    // Whether a caption is final is known for sure only after parsing; the cheap look errs towards parsing.
    const mayBeFinal = kind === Kind.caption && mayHoldFinal(bytes);
    if (!mayBeFinal && !this.#gate.charge(session, classIndex, false, moment)) return;
    const frame = decodeFrame(bytes, true);
    if (isFrameError(frame)) {
      this.#counters.settle(classIndex, Outcome.malformed);
      return this.#refuseFrame(session, frame.closeCode, frame.message);
    }
    if (mayBeFinal && !this.#gate.charge(session, classIndex, frame.final === true, moment)) return;
    this.#enqueueDecoded(session, frame, classIndex, moment);
  }

  #admitJsonBatch(session: MetadataSession, bytes: Buffer, moment: Moment): void {
    const frame = decodeFrame(bytes, true);
    if (isFrameError(frame)) return this.#malformed(session, bytes, true);
    const inners = frame.batch?.frames ?? [];
    if (inners.length === 0) return void this.#mayTalk(session, bytes, moment);
    for (const inner of inners) {
      if (session.closed) return;
      const classIndex = this.#policy.classByKind[inner.kind ?? 0]!;
      this.#counters.offer(classIndex, Math.ceil(bytes.length / inners.length));
      if (!isMetadata(inner.kind ?? 0)) {
        this.#counters.settle(classIndex, Outcome.malformed);
        return this.#refuseFrame(session, CloseCode.badFrame, 'a batch holds metadata frames only');
      }
      if (!this.#gate.mayPublish(session, inner.kind ?? 0, classIndex, moment)) continue;
      if (!this.#gate.charge(session, classIndex, inner.final === true, moment)) continue;
      this.#enqueueDecoded(session, inner, classIndex, moment);
    }
  }

  #enqueueDecoded(session: MetadataSession, frame: Frame, classIndex: number, moment: Moment): void {
    const binary = Buffer.from(encodeBinaryFrame(frame));
    this.#enqueue(session, binary, 0, binary.length, classIndex, moment);
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

  #malformed(session: MetadataSession, bytes: Buffer, json: boolean): void {
    this.#counters.offer(-1, bytes.length);
    this.#counters.settle(-1, Outcome.malformed);
    // The peek only knows that it is wrong; the decoder says how.
    const frame = decodeFrame(bytes, json);
    if (isFrameError(frame)) this.#refuseFrame(session, frame.closeCode, frame.message);
    else this.#refuseFrame(session, CloseCode.badFrame, 'the frame is not of a kind that may be sent here');
  }

  #refuseFrame(session: MetadataSession, code: CloseCode, message: string): void {
    session.outlet.tell({ kind: Kind.error, error: { code: 400, reason: 'bad_frame', message } });
    session.outlet.disconnect(code);
  }
}
