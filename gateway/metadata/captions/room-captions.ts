/**
 * The captions of a room, by stream and segment. In replace mode an interim takes the place of the one before it; in
 * append mode a segment's text grows. Either way a final ends its segment and goes into the log.
 *
 *     interim ─► open segment ─► final | silence (abandoned) | too many open (abandoned)
 *
 * Invariants: nothing of an epoch follows its final; a segment that subscribers have heard of is ended for them too;
 * "abandoned" is the gateway's guess, so in replace mode the publisher's own final may still come after it.
 */
import { captionOrder } from '../../../backpressure/caption-order.ts';
import { FinishedSegments } from '../../../backpressure/finished-segments.ts';
import { Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import type { Arrival } from '../rooms/arrival.ts';
import { payloadIsUtf8 } from '../rooms/payload-walk.ts';
import { type Moment, RoomFrame } from '../rooms/room-frame.ts';
import { QUEUED, type RoomParts } from '../rooms/room-parts.ts';
import { payloadWith, uintField } from '../rooms/wire-fields.ts';
import { SegmentState } from '../texts/appended-content.ts';
import type { AppendedTexts, GatewayEndings } from '../texts/appended-texts.ts';
import { isWhole, readCaptionPart } from './caption-part.ts';
import { CAPTION, type CaptionStream, CaptionStreams, openSegment } from './caption-streams.ts';
import { wholeCaption } from './whole-caption.ts';

/** A stream has one or two segments open at a time; a publisher that leaves more behind loses the oldest. */
const MOST_OPEN_SEGMENTS = 32;

const WORDS: GatewayEndings = SegmentState;

export class RoomCaptions {
  readonly #parts: RoomParts;
  readonly #texts: AppendedTexts;
  readonly #streams: CaptionStreams;

  /** `most`: streams, and speakers, at a time. */
  constructor(parts: RoomParts, texts: AppendedTexts, most: number) {
    this.#parts = parts;
    this.#texts = texts;
    this.#streams = new CaptionStreams(most);
  }

  /** A caption. Returns its outcome or `QUEUED`. */
  admit(arrival: Arrival): number {
    const { walk } = arrival;
    if (!walk.has(CAPTION.stream)) return Outcome.malformed;
    const stream = this.#streams.find(arrival);
    if (stream === null) return Outcome.evicted_overflow;
    if (!this.#streams.mayWrite(stream, arrival)) return Outcome.unauthorised;
    if ((walk.uint32(CAPTION.mode) === 1) !== stream.append) return Outcome.malformed;
    if (stream.finished.ended(walk.uint32(CAPTION.segment), walk.uint32(CAPTION.epoch))) return Outcome.merged;
    // What must not be lost cannot depend on what may be; and what grows says itself what it goes on from.
    if (walk.has(CAPTION.keepPrefix) && (walk.final || stream.append)) return Outcome.malformed;
    if (stream.append) return this.#admitPart(stream, arrival);
    if (walk.has(CAPTION.keepPrefix)) return this.#admitDifference(stream, arrival);
    if (walk.final) return this.#admitFinal(stream, arrival);
    return this.#admitInterim(stream, arrival);
  }

  /** Ends open segments silent since `openBeforeMs` and forgets streams silent since `usedBeforeMs`. */
  expire(openBeforeMs: number, usedBeforeMs: number, moment: Moment): void {
    this.#streams.expire(openBeforeMs, usedBeforeMs, (frame, stream) => {
      this.#abandon(stream, frame, Outcome.evicted_stale, moment);
    });
  }

  /** Ends the segment whose live frame it is; false when it is none of a caption's. */
  evict(frame: RoomFrame, outcome: number, moment: Moment): boolean {
    const stream = this.#streams.streamOf(frame);
    if (stream !== null) this.#abandon(stream, frame, outcome, moment);
    return stream !== null;
  }

  #admitInterim(stream: CaptionStream, arrival: Arrival): number {
    const { live } = this.#parts;
    const { source, walk, moment } = arrival;
    const segment = walk.uint32(CAPTION.segment);
    const epoch = walk.uint32(CAPTION.epoch);
    const revision = walk.uint32(CAPTION.revision);
    if (stream.abandoned?.ended(segment, epoch)) return Outcome.merged;
    let frame = openSegment(stream, segment);
    if (!live.fits(frame, walk.bodyEnd - walk.payloadStart)) return Outcome.evicted_overflow;
    if (frame === null) {
      frame = live.create(arrival);
      if (frame === null) return Outcome.evicted_overflow;
      this.#keepOpen(stream, segment, frame, moment);
      this.#parts.lead(frame);
    } else {
      const order = captionOrder(epoch, false, revision, frame);
      if (order < 0 || (order === 0 && !frame.isLessThan(source, walk.payloadStart, walk.bodyEnd)))
        return Outcome.merged;
      if (live.touch(frame)) this.#parts.tick();
    }
    frame.epoch = epoch;
    frame.revision = revision;
    live.renew(frame, arrival);
    frame.expiresMs = moment.nowMs + this.#parts.policy.ttlMsByKind[Kind.caption]!;
    return QUEUED;
  }

  #admitFinal(stream: CaptionStream, arrival: Arrival): number {
    const { source, walk } = arrival;
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    const segment = walk.uint32(CAPTION.segment);
    const epoch = walk.uint32(CAPTION.epoch);
    stream.finished.end(segment, epoch);
    const open = openSegment(stream, segment);
    if (open !== null && open.epoch <= epoch) {
      this.#parts.live.drop(open, Outcome.merged);
      forget(stream, open);
    }
    this.#parts.logWhole(arrival);
    this.#parts.prompt();
    return QUEUED;
  }

  /** An interim as a difference to the newest one: it is made whole, or its publisher is asked for the whole. */
  #admitDifference(stream: CaptionStream, arrival: Arrival): number {
    const { source, walk } = arrival;
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    const segment = walk.uint32(CAPTION.segment);
    const whole = wholeCaption(openSegment(stream, segment), arrival);
    if (whole !== null) return this.#admitInterim(stream, whole);
    stream.asked.ask(arrival, segment);
    return Outcome.undeliverable;
  }

  /** A fragment in append mode, of an epoch that has not ended. */
  #admitPart(stream: CaptionStream, arrival: Arrival): number {
    const { source, walk, moment } = arrival;
    if (!walk.stringsAreUtf8(source)) return Outcome.malformed;
    const segment = walk.uint32(CAPTION.segment);
    const epoch = walk.uint32(CAPTION.epoch);
    const part = readCaptionPart(arrival);
    let frame = openSegment(stream, segment);
    if (frame === null) {
      if (isWhole(part)) {
        stream.finished.end(segment, epoch);
        this.#parts.logWhole(arrival);
        this.#parts.prompt();
        return QUEUED;
      }
      frame = this.#texts.open(arrival);
      if (frame === null) return Outcome.evicted_overflow;
      this.#keepOpen(stream, segment, frame, moment);
    } else if (epoch < frame.epoch) return Outcome.merged;
    else if (epoch > frame.epoch) this.#texts.restart(frame);
    frame.epoch = epoch;
    const outcome = this.#texts.take(frame, part, WORDS, arrival);
    if (frame.gone) {
      stream.finished.end(segment, epoch);
      forget(stream, frame);
    }
    return outcome;
  }

  #keepOpen(stream: CaptionStream, segment: number, frame: RoomFrame, moment: Moment): void {
    if (stream.open.length >= MOST_OPEN_SEGMENTS)
      this.#abandon(stream, stream.open[0]!, Outcome.evicted_overflow, moment);
    frame.segment = segment;
    stream.open.push(frame);
  }

  /** Gives a segment up, settled as `outcome`, and says so to those who have heard of it. */
  #abandon(stream: CaptionStream, frame: RoomFrame, outcome: number, moment: Moment): void {
    forget(stream, frame);
    if (frame.appended !== null) {
      stream.finished.end(frame.segment, frame.epoch);
      this.#texts.abandon(frame, outcome, SegmentState.abandoned, moment);
      return;
    }
    if (frame.emittedAt >= 0 && payloadIsUtf8(frame)) {
      const end = new RoomFrame(Kind.caption, frame.classIndex, frame.publisher);
      end.final = true;
      const state = uintField(CAPTION.state, SegmentState.abandoned);
      const payload = payloadWith(frame.payload.subarray(0, frame.length), 1 << CAPTION.state, state);
      end.takeOnce(payload, 0, payload.length);
      end.admittedMs = moment.nowMs;
      end.ts = moment.ts;
      this.#parts.addToLog(end);
      this.#parts.prompt();
      stream.abandoned ??= new FinishedSegments();
      stream.abandoned.end(frame.segment, frame.epoch);
    }
    this.#parts.live.drop(frame, outcome);
  }
}

function forget(stream: CaptionStream, frame: RoomFrame): void {
  stream.open.splice(stream.open.indexOf(frame), 1);
}
