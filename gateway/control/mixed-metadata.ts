/**
 * AI metadata that clients publish on the signalling socket: policed hard, never decoded in the binary subprotocol,
 * and forwarded to the room's worker.
 *
 *     frame or batch ─► one charge per inner frame ─► whose? may they? ─► class ─► copied ─► forwarder
 *
 * Invariants: a refused frame costs a peek and a comparison, and counts in the class of its kind; what is forwarded bears
 * the class its rules give it; each inner frame of a batch ends in one outcome of its
 * own class; a batch never nests and holds 1 to 64 frames, so that none is free of charge; no more than `TURN_FRAMES`
 * pass in one turn of the event loop, whoever sends them.
 */
import { classOfFrame } from '../../classes/class-of-frame.ts';
import { BY_TEXT, boundText } from '../../classes/frame-classifier.ts';
import type { Policy } from '../../classes/policy.ts';
import { BatchWalk, MOST_BATCH_FRAMES } from '../../schemas/batch-walk.ts';
import { CloseCode } from '../../schemas/close-codes.ts';
import { copyBytes } from '../../schemas/copy-bytes.ts';
import { decodeFrame, encodeBinaryFrame, type FrameError, isFrameError } from '../../schemas/frame-codec.ts';
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../schemas/frame-peek.ts';
import { FrameWalk, WalkResult } from '../../schemas/frame-walk.ts';
import { isMetadata, KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { EdgeSocket, Turn } from '../edge/edge-socket.ts';
import type { PlaneParts } from './plane-parts.ts';
import { PolicedLane, type Policing } from './policing.ts';
import type { Session } from './session.ts';
import { classifierOf } from './session-classifier.ts';

/** Metadata frames that may pass in one turn, over all sockets. */
const TURN_FRAMES = 256;
const NO_CLASS = -1;

type Socket = EdgeSocket<Session>;

/** Called for a refused frame, after it has been counted. False: the socket has been cut. */
export type TellRefused = (socket: Socket, lane: typeof PolicedLane.metadata, classIndex: number) => boolean;

export class MixedMetadata {
  readonly #parts: PlaneParts;
  readonly #policy: Policy;
  readonly #policing: Policing;
  readonly #turn: Turn;
  readonly #tell: TellRefused;
  readonly #walk = new FrameWalk();
  readonly #batch = new BatchWalk();
  #turnNumber = -1;
  #turnFrames = 0;

  constructor(parts: PlaneParts, policing: Policing, turn: Turn, tell: TellRefused) {
    this.#parts = parts;
    this.#policy = parts.policy;
    this.#policing = policing;
    this.#turn = turn;
    this.#tell = tell;
  }

  /** Takes a metadata frame or a batch of them. The error, if any, is for the whole socket: it is to be closed. */
  received(socket: Socket, kind: number, bytes: Uint8Array): FrameError | null {
    if (kind !== Kind.batch) return this.#single(socket, kind, bytes, 0, bytes.length);
    return socket.json ? this.#jsonBatch(socket, bytes) : this.#binaryBatch(socket, bytes);
  }

  #single(socket: Socket, kind: number, bytes: Uint8Array, start: number, end: number): FrameError | null {
    const ofKind = this.#classOfKind(socket, kind);
    const length = end - start;
    if (!this.#charged(socket, ofKind, length) || !this.#permitted(socket, ofKind, length)) return null;
    if (socket.json) {
      const frame = decodeFrame(bytes, true);
      if (!isFrameError(frame)) return this.#forward(socket, encodeBinaryFrame(frame), length);
      this.#settle(ofKind, length, Outcome.malformed);
      return frame;
    }
    const result = this.#walk.frame(bytes, start, end);
    if (result === WalkResult.ok) return this.#forward(socket, copyBytes(bytes, start, end), length);
    this.#settle(ofKind, length, Outcome.malformed);
    return result === WalkResult.kindMismatch ? MISMATCHED : MALFORMED;
  }

  /** Passes a frame on, in protobuf, that came in `length` bytes, if the access token allows its class. */
  #forward(socket: Socket, copy: Uint8Array, length: number): null {
    const { counters, forwarder, replies } = this.#parts;
    const session = socket.state;
    const classifier = classifierOf(this.#parts.classes, socket);
    const kind = copy[1]!;
    let classIndex = classifier.classOf(kind);
    if (classIndex === BY_TEXT) {
      const walk = this.#walk;
      // What is broken inside is the worker's to judge.
      const sound = walk.frame(copy, 0, copy.length) === WalkResult.ok && walk.payload(copy) === WalkResult.ok;
      classIndex = sound ? classOfFrame(classifier, walk, copy) : this.#policy.classByKind[kind]!;
    }
    if (classifier.bars(classIndex)) {
      this.#settle(classIndex, length, Outcome.unauthorised);
      const name = this.#policy.classes[classIndex]?.name;
      const message = `this ${KIND_NAMES[kind]} is of class ${name}, and ${boundText(classifier)}`;
      replies.refuseOn(socket, null, { code: 403, reason: 'no_right', message });
      return null;
    }
    counters.offer(classIndex, length);
    forwarder.frame(session.room!.worker, session.id, copy, classIndex);
    return null;
  }

  /** The class a frame counts in that is not looked into. */
  #classOfKind(socket: Socket, kind: number): number {
    const classIndex = classifierOf(this.#parts.classes, socket).classOf(kind);
    return classIndex === BY_TEXT ? this.#policy.classByKind[kind]! : classIndex;
  }

  #settle(classIndex: number, length: number, outcome: number): void {
    this.#parts.counters.offer(classIndex, length);
    this.#parts.counters.settle(classIndex, outcome);
  }

  #binaryBatch(socket: Socket, bytes: Uint8Array): FrameError | null {
    const fault = this.#batchFault(bytes);
    if (fault) return this.#malformedBatch(bytes.length, fault);
    this.#batch.open(this.#walk.bodyStart, this.#walk.bodyEnd);
    let failure: FrameError | null = null;
    while (this.#batch.next(bytes) === 1) {
      const { start, end } = this.#batch;
      const kind = peekFrame(bytes, start, end) & ~PEEK_FINAL;
      // Once the socket is to be closed, the rest of its frames have no one to speak for them.
      if (failure || !socket.open) this.#settle(this.#classOfKind(socket, kind), end - start, Outcome.undeliverable);
      else failure = this.#single(socket, kind, bytes, start, end);
    }
    return failure;
  }

  /** Checks the whole batch before anything of it is counted. Leaves its body's place in the walk. */
  #batchFault(bytes: Uint8Array): FrameError | null {
    if (this.#walk.frame(bytes, 0, bytes.length) !== WalkResult.ok) return MALFORMED;
    this.#batch.open(this.#walk.bodyStart, this.#walk.bodyEnd);
    for (let count = 0; ; count++) {
      const step = this.#batch.next(bytes);
      if (step === 0) return count === 0 ? BAD_BATCH : null;
      if (step < 0 || count === MOST_BATCH_FRAMES) return BAD_BATCH;
      const peeked = peekFrame(bytes, this.#batch.start, this.#batch.end);
      if (peeked === PEEK_MALFORMED || !isMetadata(peeked & ~PEEK_FINAL)) return BAD_BATCH;
    }
  }

  /** Text has to be parsed to see what is inside, so a batch is first charged as one frame, before it is. */
  #jsonBatch(socket: Socket, bytes: Uint8Array): FrameError | null {
    if (!this.#policing.admit(socket.index, PolicedLane.metadata, this.#turn.nowMs)) {
      this.#settle(NO_CLASS, bytes.length, Outcome.rejected_session);
      this.#tell(socket, PolicedLane.metadata, NO_CLASS);
      return null;
    }
    const batch = decodeFrame(bytes, true);
    if (isFrameError(batch)) return this.#malformedBatch(bytes.length, batch);
    const frames = batch.batch?.frames ?? [];
    if (frames.length === 0 || frames.some((frame) => !isMetadata(frame.kind ?? 0)))
      return this.#malformedBatch(bytes.length, BAD_BATCH);
    let paid = true;
    const share = Math.ceil(bytes.length / frames.length);
    for (const frame of frames) {
      const ofKind = this.#classOfKind(socket, frame.kind!);
      if (!socket.open) this.#settle(ofKind, share, Outcome.undeliverable);
      else if ((paid || this.#charged(socket, ofKind, share)) && this.#permitted(socket, ofKind, share)) {
        this.#forward(socket, encodeBinaryFrame(frame), share);
      }
      paid = false;
    }
    return null;
  }

  #malformedBatch(bytes: number, fault: FrameError): FrameError {
    this.#settle(NO_CLASS, bytes, Outcome.malformed);
    return fault;
  }

  /** Charges one frame to its socket and to the turn; when that is refused, settles it. */
  #charged(socket: Socket, classIndex: number, length: number): boolean {
    if (this.#turn.number !== this.#turnNumber) {
      this.#turnNumber = this.#turn.number;
      this.#turnFrames = 0;
    }
    if (this.#turnFrames >= TURN_FRAMES) {
      this.#settle(classIndex, length, Outcome.rejected_overload);
      this.#tell(socket, PolicedLane.metadata, classIndex);
      return false;
    }
    if (!this.#policing.admit(socket.index, PolicedLane.metadata, this.#turn.nowMs)) {
      this.#settle(classIndex, length, Outcome.rejected_session);
      this.#tell(socket, PolicedLane.metadata, classIndex);
      return false;
    }
    this.#turnFrames++;
    return true;
  }

  /** Whether the session may publish here; when not, says so and settles the frame. */
  #permitted(socket: Socket, classIndex: number, length: number): boolean {
    const { replies } = this.#parts;
    const { principal, phase } = socket.state;
    if (principal.kind === 'agent') {
      const message = 'agents publish on /v1/metadata, not on this socket';
      this.#settle(classIndex, length, Outcome.unauthorised);
      replies.refuseOn(socket, null, { code: 403, reason: 'wrong_socket', message });
      socket.disconnect(CloseCode.unauthorised, message);
      return false;
    }
    if (!principal.canPublishData) {
      this.#settle(classIndex, length, Outcome.unauthorised);
      const message = 'the access token does not grant canPublishData';
      replies.refuseOn(socket, null, { code: 403, reason: 'no_right', message });
      return false;
    }
    if (phase !== 'joined') {
      this.#settle(classIndex, length, Outcome.undeliverable);
      const message = 'expected a join, and its answer, before metadata';
      replies.refuseOn(socket, null, { code: 409, reason: 'not_joined', message });
      return false;
    }
    return true;
  }
}

const MALFORMED: FrameError = {
  error: true,
  closeCode: CloseCode.badFrame,
  reason: 'badFrame',
  message: 'expected a frame of one payload and, beside it, nothing but final (captions) and pub',
};

const BAD_BATCH: FrameError = {
  error: true,
  closeCode: CloseCode.badFrame,
  reason: 'badFrame',
  message: `batch: expected 1 to ${MOST_BATCH_FRAMES} metadata frames, and no batch among them`,
};

const MISMATCHED: FrameError = {
  error: true,
  closeCode: CloseCode.kindMismatch,
  reason: 'kindMismatch',
  message: 'expected the payload that belongs to the kind',
};
