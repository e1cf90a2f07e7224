/**
 * The turns of a room's agents: texts that grow, one for each turn. A turn belongs to whoever began it. While turns are
 * capped, who has one under way begins no other.
 *
 * Invariant: a turn that has ended, and is remembered, takes no more; how it ended is told once.
 */
import { ByteKeyTable } from '../../../backpressure/byte-key-table.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Arrival } from '../rooms/arrival.ts';
import type { Moment, RoomFrame } from '../rooms/room-frame.ts';
import { QUEUED, type RoomParts } from '../rooms/room-parts.ts';
import { TurnPhase } from './appended-content.ts';
import type { AppendedTexts, GatewayEndings } from './appended-texts.ts';
import { Ending, TextPart } from './text-part.ts';

/** Fields of a turn, by their numbers in frame.proto. */
const TURN = { turn: 1, phase: 3, offset: 4, text: 5, modelTokens: 6 } as const;
const CHANGING = (1 << TURN.phase) | (1 << TURN.offset) | (1 << TURN.text) | (1 << TURN.modelTokens);

/** A turn has no word for having been given up: to who waits for it, it has failed. */
const WORDS: GatewayEndings = {
  failed: TurnPhase.failed,
  truncated: TurnPhase.interrupted,
  abandoned: TurnPhase.failed,
};

interface Turn {
  readonly owner: string;
  /** Hash of who began it. */
  readonly speaker: number;
  /** Null once it has ended. */
  frame: RoomFrame | null;
  usedMs: number;
}

const part = new TextPart(CHANGING);

export class AgentTurns {
  readonly #parts: RoomParts;
  readonly #texts: AppendedTexts;
  readonly #most: number;
  readonly #turns = new ByteKeyTable<Turn>();
  /** How many of them are under way, by speaker. */
  readonly #open = new Map<number, number>();

  /** `most`: turns remembered at a time. */
  constructor(parts: RoomParts, texts: AppendedTexts, most: number) {
    this.#parts = parts;
    this.#texts = texts;
    this.#most = most;
  }

  /** A fragment of a turn. Returns its outcome or `QUEUED`. */
  admit(arrival: Arrival): number {
    const { publisher, source, walk, moment } = arrival;
    if (!walk.has(TURN.turn) || !walk.stringsAreUtf8(source)) return Outcome.malformed;
    readPart(arrival);
    const start = walk.start[TURN.turn]!;
    const end = walk.end[TURN.turn]!;
    let turn = this.#turns.find(source, start, end);
    if (turn === undefined) {
      if (part.ending !== Ending.none && part.offset === 0) {
        // A turn that comes in one piece needs nothing kept.
        this.#parts.logWhole(arrival);
        this.#parts.prompt();
        return QUEUED;
      }
      if (this.#parts.ladder.effects.agentTurnsCapped && this.#open.has(publisher.sessionHash)) {
        return Outcome.evicted_ladder;
      }
      const frame = this.#hasRoom() ? this.#texts.open(arrival) : null;
      if (frame === null) return Outcome.evicted_overflow;
      const speaker = publisher.sessionHash;
      turn = { owner: publisher.owner, speaker, frame, usedMs: moment.nowMs };
      this.#open.set(speaker, (this.#open.get(speaker) ?? 0) + 1);
      this.#turns.insert(source, start, end, turn);
    } else if (turn.owner !== publisher.owner && !publisher.trusted) return Outcome.unauthorised;
    turn.usedMs = moment.nowMs;
    const { frame } = turn;
    if (frame === null) return Outcome.merged;
    const outcome = this.#texts.take(frame, part, WORDS, arrival);
    if (frame.gone) this.#ended(turn);
    return outcome;
  }

  /**
   * Ends the turn that the arrival is of, as failed, if its publisher may speak in it and it is open: it goes no
   * further. False when there is no such turn.
   */
  cutOff(arrival: Arrival): boolean {
    const turn = this.#openTurn(arrival);
    if (turn === null) return false;
    const { moment } = arrival;
    turn.usedMs = moment.nowMs;
    this.#texts.close(turn.frame!, WORDS.failed, moment);
    this.#ended(turn);
    return true;
  }

  /** Whether the arrival is of a turn that is open, and its publisher may speak in it. */
  isOpen(arrival: Arrival): boolean {
    return this.#openTurn(arrival) !== null;
  }

  #openTurn({ publisher, source, walk }: Arrival): Turn | null {
    if (!walk.has(TURN.turn)) return null;
    const turn = this.#turns.find(source, walk.start[TURN.turn]!, walk.end[TURN.turn]!);
    if (turn === undefined || turn.frame === null) return null;
    return turn.owner === publisher.owner || publisher.trusted ? turn : null;
  }

  /** Ends turns silent since `openBeforeMs` and forgets those that ended before `usedBeforeMs`. */
  expire(openBeforeMs: number, usedBeforeMs: number, moment: Moment): void {
    const over: Uint8Array[] = [];
    this.#turns.forEach((turn, key) => {
      if (turn.frame !== null && turn.usedMs < openBeforeMs) {
        this.#texts.abandon(turn.frame, Outcome.evicted_stale, WORDS.abandoned, moment);
        this.#ended(turn);
      }
      if (turn.frame === null && turn.usedMs < usedBeforeMs) over.push(key);
    });
    for (const key of over) this.#turns.delete(key, 0, key.length);
  }

  #ended(turn: Turn): void {
    turn.frame = null;
    const open = this.#open.get(turn.speaker) ?? 0;
    if (open > 1) this.#open.set(turn.speaker, open - 1);
    else this.#open.delete(turn.speaker);
  }

  /** Whether another turn may be remembered; those that have ended make way. */
  #hasRoom(): boolean {
    if (this.#turns.size < this.#most) return true;
    const ended: Uint8Array[] = [];
    this.#turns.forEach(({ frame }, key) => {
      if (frame === null) ended.push(key);
    });
    for (const key of ended) this.#turns.delete(key, 0, key.length);
    return this.#turns.size < this.#most;
  }
}

/** Reads the fragment into `part`. A turn that is done has the text up to there; no total is told apart. */
function readPart({ source, walk }: Arrival): void {
  const phase = walk.uint32(TURN.phase);
  part.locate(source, walk, TURN.offset, TURN.text);
  part.modelTokens = walk.uint32(TURN.modelTokens);
  part.ending = phase === TurnPhase.done ? Ending.whole : phase > TurnPhase.done ? Ending.cut : Ending.none;
  part.state = phase;
  part.total = part.reach;
}
