/**
 * The texts of a room that grow: appended captions and agents' turns. Each is a live frame as long as it is open, and
 * leaves in the room's ticks as what has come since; when it ends, its frame goes into the log, so that its end reaches
 * everybody once and in order.
 *
 *     open ─► take … take ─► whole | cut ─► log        completed, or as its publisher says it ended
 *                        └─► conflict, overflow, silence ─► log   failed, truncated, abandoned: the gateway's word
 *
 * Invariants: who receives the end has the whole text up to there; open texts of a room take no more than live frames may.
 */
import { Fragment } from '../../../backpressure/append-text.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Arrival } from '../rooms/arrival.ts';
import { type Moment, RoomFrame, settleFrame, Waiting } from '../rooms/room-frame.ts';
import { QUEUED, type RoomParts } from '../rooms/room-parts.ts';
import { copyFieldsWithout, varintLength, writeVarint } from '../rooms/wire-fields.ts';
import { AppendedContent } from './appended-content.ts';
import { Ending, type TextPart } from './text-part.ts';

/** Words of the gateway's own for how a text ends. */
export interface GatewayEndings {
  readonly failed: number;
  readonly truncated: number;
  readonly abandoned: number;
}

/** One text may take this part of what all live frames of a room may. */
const SHARE = 1 / 8;
/** Field of a caption. */
const SEGMENT = 2;
/** Longest header of a payload: tag and length. */
const HEADER_BYTES = 7;

let scratch = Buffer.allocUnsafeSlow(1024);

export class AppendedTexts {
  readonly #parts: RoomParts;

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  /** A live frame for the text that begins with what arrived; null when there are too many. */
  open(arrival: Arrival): RoomFrame | null {
    const frame = this.#parts.live.create(arrival);
    if (frame !== null) frame.appended = new AppendedContent(frame.kind, this.#parts.live.mostBytes * SHARE);
    return frame;
  }

  /** The text begins anew, in its frame. */
  restart(frame: RoomFrame): void {
    this.#parts.live.bytes -= frame.appended!.bytes;
    frame.appended = new AppendedContent(frame.kind, this.#parts.live.mostBytes * SHARE);
    frame.length = 0;
  }

  /** Takes the fragment that arrived, whose strings are UTF-8. Returns its outcome or `QUEUED`; the frame is `gone` where it ended. */
  take(frame: RoomFrame, part: TextPart, words: GatewayEndings, arrival: Arrival): number {
    const { moment } = arrival;
    const content = frame.appended!;
    const first = frame.length === 0;
    const toldBefore = content.text.total >= 0;
    const found = this.#join(content, part, arrival.source);
    if (first || found < Fragment.conflict) this.#keepFields(frame, part.changing, arrival);
    if (found >= Fragment.conflict) {
      settleFrame(this.#parts.counters, frame, Outcome.merged);
      this.close(frame, found === Fragment.conflict ? words.failed : words.truncated, moment);
      return found === Fragment.conflict ? Outcome.malformed : Outcome.evicted_overflow;
    }
    const again = part.ending === Ending.none || (part.ending === Ending.whole && toldBefore);
    if (found === Fragment.known && !first && again) return Outcome.merged;
    this.#parts.live.extend(frame, arrival);
    frame.expiresMs = moment.nowMs + this.#parts.policy.ttlMsByKind[frame.kind]!;
    content.modelTokens += part.modelTokens;
    if (part.ending !== Ending.none) {
      content.ending = part.state;
      content.hash = part.hash;
    }
    if (part.ending === Ending.cut || content.text.complete) this.close(frame, content.ending, moment);
    else {
      if (content.text.gap) content.asked.ask(arrival, frame.kind === Kind.caption ? arrival.walk.uint32(SEGMENT) : 0);
      if (found !== Fragment.held) this.#leave(frame);
    }
    return QUEUED;
  }

  /** Ends a text: its frame leaves the live ones, and its end goes to everybody. */
  close(frame: RoomFrame, ending: number, moment: Moment): void {
    const { live } = this.#parts;
    const content = frame.appended!;
    live.bytes -= content.bytes;
    const end = new RoomFrame(frame.kind, frame.classIndex, frame.publisher);
    end.admittedMs = moment.nowMs;
    end.ts = moment.ts;
    end.final = frame.kind === Kind.caption;
    end.takeOnce(frame.payload, 0, frame.length);
    end.appended = content;
    end.unsettled = frame.unsettled;
    end.pending = frame.pending;
    frame.pending = 0;
    frame.unsettled = false;
    content.close(ending);
    live.drop(frame, Outcome.merged);
    this.#parts.addToLog(end);
    this.#parts.prompt();
  }

  /** Gives a text up; what of it still waits beyond a gap is settled as `outcome`. */
  abandon(frame: RoomFrame, outcome: number, ending: number, moment: Moment): void {
    settleFrame(this.#parts.counters, frame, outcome);
    this.close(frame, ending, moment);
  }

  /** Asks again for what is still missing. */
  askAgain(nowMs: number): void {
    for (const { appended, publisher } of this.#parts.live.all) {
      if (appended?.text.gap) appended.asked.again(publisher, nowMs);
    }
  }

  #join(content: AppendedContent, part: TextPart, source: Buffer): Fragment {
    const before = content.bytes;
    let found = content.text.take(part.offset, source, part.textStart, part.textEnd);
    if (found < Fragment.conflict && part.ending === Ending.whole && !content.text.end(part.total, part.hash))
      found = Fragment.conflict;
    const { live } = this.#parts;
    live.bytes += content.bytes - before;
    return found < Fragment.conflict && live.bytes > live.mostBytes ? Fragment.overflow : found;
  }

  /** The first text of a frame leaves at once, more of it at the tick. */
  #leave(frame: RoomFrame): void {
    const { live } = this.#parts;
    if (frame.emittedAt < 0 && frame.waiting === Waiting.no) this.#parts.lead(frame);
    else if (live.touch(frame)) this.#parts.tick();
  }

  /** Keeps what is said beside the text. A fragment that says less than an earlier one leaves that as it was. */
  #keepFields(frame: RoomFrame, changing: number, { source, walk }: Arrival): void {
    const present = walk.present & ~changing;
    if ((present & frame.appended!.fields) !== frame.appended!.fields) return;
    frame.appended!.fields = present;
    const most = HEADER_BYTES + walk.bodyEnd - walk.bodyStart;
    if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most * 2);
    const end = copyFieldsWithout(source, walk.bodyStart, walk.bodyEnd, changing, scratch, HEADER_BYTES);
    const tagBytes = 2;
    const start = HEADER_BYTES - tagBytes - varintLength(end - HEADER_BYTES);
    source.copy(scratch, start, walk.payloadStart, walk.payloadStart + tagBytes);
    writeVarint(scratch, start + tagBytes, end - HEADER_BYTES);
    frame.take(scratch, start, end);
  }
}
