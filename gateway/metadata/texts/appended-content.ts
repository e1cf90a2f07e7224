/**
 * The text of an appended caption or an agent's turn on its way out: what there is, and how much of it had left by each
 * of the room's last flushes, so that everybody is written what he has not got, however far behind he is.
 *
 *     0 ──── sent in flush 4 ──── sent in flush 7 ──── not sent yet
 *            └── who has everything up to flush 5 is written from here
 *
 * Those who had everything up to a flush that is not remembered any more are written the whole; who receives it trims.
 *
 * Invariant: whoever is written [from, to) has [0, from), or from is 0.
 */
import { AppendText } from '../../../backpressure/append-text.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { SnapshotAsk } from '../rooms/snapshot-ask.ts';
import { uintFieldLength, varintLength, writeUintField, writeVarint } from '../rooms/wire-fields.ts';

/** Fields of an appended caption and of a turn that are written anew, by their numbers in frame.proto. */
const CAPTION_OUT = { offset: 6, text: 7, state: 8, totalLen: 9, hash: 10 } as const;
const TURN_OUT = { phase: 3, offset: 4, text: 5, modelTokens: 6 } as const;

/** Phases of a turn that the gateway says. */
export const TurnPhase = { started: 0, delta: 1, done: 2, interrupted: 3, failed: 4 } as const;
/** States of a caption segment. */
export const SegmentState = { open: 0, completed: 1, failed: 2, truncated: 3, abandoned: 4 } as const;

const MOST_SENT = 64;

/** What had left by a flush. */
interface Sent {
  readonly flush: number;
  readonly bytes: number;
  readonly points: number;
  readonly modelTokens: number;
}

const NOTHING_SENT: Sent = { flush: -1, bytes: 0, points: 0, modelTokens: 0 };

export class AppendedContent {
  text: AppendText;
  /** The state (captions) or phase (turns) it ends with, as far as that was told. */
  ending = 0;
  /** What the publisher vouched for the whole with; -1: nothing. */
  hash = -1;
  /** Of a turn: what its fragments said, together. */
  modelTokens = 0;
  /** Fields that are kept beside the text, as bits. */
  fields = 0;
  /** For what is missing. */
  readonly asked = new SnapshotAsk();
  readonly #turn: boolean;
  /** Nothing more will come: all of it is written. */
  #closed: Sent | null = null;
  #sent: Sent[] = [];
  #left = NOTHING_SENT;

  constructor(kind: number, mostBytes: number) {
    this.#turn = kind === Kind.agentTurn;
    this.text = new AppendText(mostBytes);
  }

  /** What it takes in memory but for what is said beside the text. */
  get bytes(): number {
    return this.text.byteLength + this.text.heldBytes;
  }

  /** Everything there is leaves in `flush`. */
  leaves(flush: number): void {
    const { byteLength: bytes, length: points } = this.text;
    if (this.#sent.length === MOST_SENT) this.#sent = this.#sent.slice(MOST_SENT / 2);
    this.#left = { flush, bytes, points, modelTokens: this.modelTokens };
    this.#sent.push(this.#left);
  }

  /** Nothing more will come; it ends with that state or phase. */
  close(ending: number): void {
    this.text.dropHeld();
    this.ending = ending;
    const { byteLength: bytes, length: points } = this.text;
    this.#closed = { flush: 0, bytes, points, modelTokens: this.modelTokens };
  }

  /**
   * Somebody who had everything up to `flush` is said to have everything, and was not given this: from now on it is
   * written whole, to everybody, if he lacks any of it.
   */
  passOver(flush: number): void {
    if (this.#left.flush > flush) this.#sent = [];
  }

  /** Whether those who have everything up to `flush` have nothing of this. */
  isNewTo(flush: number): boolean {
    return this.#sentBy(flush) === NOTHING_SENT;
  }

  /** Bytes of the fields that `write` adds, for those who have everything up to `flush`. */
  lengthSince(flush: number): number {
    const from = this.#sentBy(flush);
    const to = this.#closed ?? this.#left;
    const textBytes = to.bytes - from.bytes;
    const text = textBytes === 0 ? 0 : 1 + varintLength(textBytes) + textBytes;
    const more = this.#turn
      ? uintFieldLength(this.#phase(from)) + uintFieldLength(to.modelTokens - from.modelTokens)
      : uintFieldLength(this.#state) + this.#vouchedLength();
    return uintFieldLength(from.points) + text + more;
  }

  /** Writes offset, text and how it ends, behind the fields that stay the same. Returns the end. */
  writeSince(flush: number, bytes: Uint8Array, start: number): number {
    const from = this.#sentBy(flush);
    const to = this.#closed ?? this.#left;
    const fields = this.#turn ? TURN_OUT : CAPTION_OUT;
    let at = start;
    if (this.#turn) at = writeUintField(bytes, at, TURN_OUT.phase, this.#phase(from));
    at = writeUintField(bytes, at, fields.offset, from.points);
    if (to.bytes > from.bytes) {
      bytes[at++] = (fields.text << 3) | 2;
      at = writeVarint(bytes, at, to.bytes - from.bytes);
      bytes.set(this.text.bytes.subarray(from.bytes, to.bytes), at);
      at += to.bytes - from.bytes;
    }
    if (this.#turn) return writeUintField(bytes, at, TURN_OUT.modelTokens, to.modelTokens - from.modelTokens);
    at = writeUintField(bytes, at, CAPTION_OUT.state, this.#state);
    if (this.#state !== SegmentState.completed) return at;
    bytes[at++] = CAPTION_OUT.totalLen << 3;
    at = writeVarint(bytes, at, this.text.length);
    if (this.hash < 0) return at;
    bytes[at++] = CAPTION_OUT.hash << 3;
    return writeVarint(bytes, at, this.hash);
  }

  /** A whole text has its length, and its hash where one was given; these are told even where they are 0. */
  #vouchedLength(): number {
    if (this.#state !== SegmentState.completed) return 0;
    return 1 + varintLength(this.text.length) + (this.hash < 0 ? 0 : 1 + varintLength(this.hash));
  }

  /** What comes from the beginning has started; who has part of it gets more. */
  #phase(from: Sent): number {
    if (this.#closed !== null) return this.ending;
    return from === NOTHING_SENT ? TurnPhase.started : TurnPhase.delta;
  }

  get #state(): number {
    return this.#closed === null ? SegmentState.open : this.ending;
  }

  #sentBy(flush: number): Sent {
    for (let index = this.#sent.length - 1; index >= 0; index--) {
      if (this.#sent[index]!.flush <= flush) return this.#sent[index]!;
    }
    return NOTHING_SENT;
  }
}
