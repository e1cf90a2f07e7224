/**
 * What clients send on the metadata socket, taken apart: metadata frames alone or in batches, in either encoding, and the
 * socket's own conversation.
 *
 *     peek kind ─► FrameIntake, frame by frame │ conversation
 *
 * Every frame offered is counted and settled exactly once, or queued; JSON must be parsed, binary frames are not.
 */

import { BY_TEXT } from '../../../classes/frame-classifier.ts';
import type { Policy } from '../../../classes/policy.ts';
import { BatchWalk, MOST_BATCH_FRAMES } from '../../../schemas/batch-walk.ts';
import { CloseCode } from '../../../schemas/close-codes.ts';
import { decodeFrame, encodeBinaryFrame, type FrameError, isFrameError } from '../../../schemas/frame-codec.ts';
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../../schemas/frame-peek.ts';
import { FrameWalk, WalkResult } from '../../../schemas/frame-walk.ts';
import { mayHoldFinal, peekJsonFrame } from '../../../schemas/json-peek.ts';
import { isMetadata, Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Frame } from '../../../schemas/proto.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { Moment } from '../rooms/room-frame.ts';
import type { MetadataSession } from '../sessions/metadata-session.ts';
import { FrameGate, type IntakeParts } from './frame-gate.ts';
import { FrameIntake, UNKNOWN_CLASS } from './frame-intake.ts';

/** Field of an acknowledgement. */
const ACK_UP_TO = 1;

/** The socket's own conversation: frames that are not metadata. */
export type Converse = (session: MetadataSession, frame: Frame, moment: Moment) => void;

export class Ingest {
  readonly #policy: Policy;
  readonly #counters: PlaneCounters;
  readonly #gate: FrameGate;
  readonly #intake: FrameIntake;
  readonly #converse: Converse;
  readonly #batch = new BatchWalk();
  /** For a batch's own frame, while the intake walks the frames inside. */
  readonly #outerWalk = new FrameWalk();

  constructor(parts: IntakeParts, converse: Converse) {
    this.#policy = parts.policy;
    this.#counters = parts.counters;
    this.#gate = new FrameGate(parts);
    this.#intake = new FrameIntake(this.#gate, parts);
    this.#converse = converse;
  }

  /** One WebSocket message of a client. `given`: the class another process of this gateway found for it. */
  receive(session: MetadataSession, bytes: Buffer, json: boolean, moment: Moment, given = UNKNOWN_CLASS): void {
    const peeked = json ? peekJsonFrame(bytes) : peekFrame(bytes, 0, bytes.length);
    if (peeked === PEEK_MALFORMED) return this.#malformed(session, bytes, json);
    const kind = peeked & ~PEEK_FINAL;
    if (isMetadata(kind)) {
      if (json) this.#admitJson(session, kind, bytes, moment);
      else this.#intake.admit(session, bytes, 0, bytes.length, peeked, moment, given);
    } else if (kind === Kind.batch) {
      if (json) this.#admitJsonBatch(session, bytes, moment);
      else this.#admitBatch(session, bytes, moment);
    } else this.#receiveConversation(session, kind, bytes, json, moment);
  }

  /** Acknowledgements are as many as batches; whatever else a client says for itself has the rate of its class. */
  #receiveConversation(session: MetadataSession, kind: number, bytes: Buffer, json: boolean, moment: Moment): void {
    if (kind !== Kind.ack && !this.#mayTalk(session, bytes, moment)) return;
    const frame = kind === Kind.ack && !json ? this.#readAck(bytes) : decodeFrame(bytes, json);
    if (isFrameError(frame)) this.#intake.refuseFrame(session, frame.closeCode, frame.message);
    else this.#converse(session, frame, moment);
  }

  /** Walking finds the only field of an acknowledgement in a fortieth of the time that decoding takes. */
  #readAck(bytes: Buffer): Frame | FrameError {
    const walk = this.#outerWalk;
    const sound = walk.frame(bytes, 0, bytes.length) === WalkResult.ok && walk.payload(bytes) === WalkResult.ok;
    // The walk only knows that it is wrong; the decoder says how.
    return sound ? { kind: Kind.ack, ack: { upTo: walk.uint32(ACK_UP_TO) } } : decodeFrame(bytes, false);
  }

  #mayTalk(session: MetadataSession, bytes: Buffer, moment: Moment): boolean {
    const classIndex = this.#policy.classByKind[Kind.ping]!;
    this.#counters.offer(classIndex, bytes.length);
    if (!this.#gate.charge(session, Kind.ping, classIndex, false, moment)) return false;
    this.#counters.settle(classIndex, Outcome.delivered);
    return true;
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
      if (peeked === PEEK_MALFORMED || !isMetadata(peeked & ~PEEK_FINAL) || count > MOST_BATCH_FRAMES) {
        this.#counters.offer(-1, bytes.length);
        this.#counters.settle(-1, Outcome.malformed);
        const message = `a batch holds at most ${MOST_BATCH_FRAMES} metadata frames and no batch`;
        return this.#intake.refuseFrame(session, CloseCode.badFrame, message);
      }
      this.#intake.admit(session, bytes, batch.start, batch.end, peeked, moment);
    }
  }

  #admitJson(session: MetadataSession, kind: number, bytes: Buffer, moment: Moment): void {
    const byKind = session.publisher.classifier.classOf(kind);
    if (byKind === BY_TEXT || this.#intake.trial.on) return this.#admitJsonByText(session, kind, bytes, moment);
    const classIndex = byKind;
    this.#counters.offer(classIndex, bytes.length);
    if (!this.#gate.mayPublish(session, kind, classIndex, moment)) return;
    // Whether a caption is final is known for sure only after parsing; the cheap look errs towards parsing.
    const mayBeFinal = kind === Kind.caption && mayHoldFinal(bytes);
    if (!mayBeFinal && !this.#gate.charge(session, kind, classIndex, false, moment)) return;
    const frame = decodeFrame(bytes, true);
    if (isFrameError(frame)) {
      this.#counters.settle(classIndex, Outcome.malformed);
      return this.#intake.refuseFrame(session, frame.closeCode, frame.message);
    }
    if (mayBeFinal && !this.#gate.charge(session, kind, classIndex, frame.final === true, moment)) return;
    const binary = Buffer.from(encodeBinaryFrame(frame));
    this.#intake.enqueue(session, binary, 0, binary.length, classIndex, moment);
  }

  /** Where a frame's texts decide, it has to be parsed before it can be charged. */
  #admitJsonByText(session: MetadataSession, kind: number, bytes: Buffer, moment: Moment): void {
    const frame = decodeFrame(bytes, true);
    if (!isFrameError(frame)) return this.#intake.admitDecoded(session, frame, bytes.length, moment);
    const classIndex = this.#policy.classByKind[kind]!;
    this.#counters.offer(classIndex, bytes.length);
    this.#counters.settle(classIndex, Outcome.malformed);
    this.#intake.refuseFrame(session, frame.closeCode, frame.message);
  }

  #admitJsonBatch(session: MetadataSession, bytes: Buffer, moment: Moment): void {
    const frame = decodeFrame(bytes, true);
    if (isFrameError(frame)) return this.#malformed(session, bytes, true);
    const inners = frame.batch?.frames ?? [];
    if (inners.length === 0) return void this.#mayTalk(session, bytes, moment);
    for (const inner of inners) {
      if (session.closed) return;
      const share = Math.ceil(bytes.length / inners.length);
      if (!isMetadata(inner.kind ?? 0)) {
        this.#counters.offer(-1, share);
        this.#counters.settle(-1, Outcome.malformed);
        return this.#intake.refuseFrame(session, CloseCode.badFrame, 'a batch holds metadata frames only');
      }
      this.#intake.admitDecoded(session, inner, share, moment);
    }
  }

  #malformed(session: MetadataSession, bytes: Buffer, json: boolean): void {
    this.#counters.offer(-1, bytes.length);
    this.#counters.settle(-1, Outcome.malformed);
    // The peek only knows that it is wrong; the decoder says how.
    const frame = decodeFrame(bytes, json);
    if (isFrameError(frame)) this.#intake.refuseFrame(session, frame.closeCode, frame.message);
    else this.#intake.refuseFrame(session, CloseCode.badFrame, 'the frame is not of a kind that may be sent here');
  }
}
