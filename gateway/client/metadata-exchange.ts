/**
 * The metadata conversation, whichever socket carries it: batches in and acknowledged, frames out under credits and as
 * the gateway advises.
 *
 * Invariants: batches are acknowledged after their frames were told, several at a time; `lastNumber` is the last one's;
 * advice holds for the socket it came on: a gateway tells newcomers what it asks for, and of nothing says nothing.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ACK_WITHIN_MS, AckPacer, sizeOf } from './ack-pacer.ts';
import { type AdviceEvent, NO_ADVICE, readAdvice } from './advice.ts';
import { InterimPace } from './interim-pace.ts';
import {
  type FrameSink,
  keyOf,
  type PublishOptions,
  type PublishOutcome,
  PublishQueue,
  type PublishTerms,
} from './publish-queue.ts';
import { TurnPacer } from './turn-pacer.ts';

/** Frames of ours that the gateway refused. */
export interface ThrottledEvent {
  readonly class: string;
  readonly dropped: number;
  readonly retryAfterMs: number;
  readonly message: string;
}

/** More frames that may be published in a class. */
export interface CreditEvent {
  readonly class: string;
  readonly frames: number;
}

/** Who hears of it. */
export interface MetadataListener {
  metadata(frame: Frame): void;
  throttled(event: ThrottledEvent): void;
  credit(event: CreditEvent): void;
  advice(event: AdviceEvent): void;
}

export class MetadataExchange {
  readonly queue = new PublishQueue();
  readonly turns = new TurnPacer();
  lastNumber = 0;
  /** What the gateway asks for at present. */
  advice: AdviceEvent = NO_ADVICE;
  readonly #heeds: boolean;
  readonly #pace = new InterimPace();
  readonly #listener: MetadataListener;
  readonly #acks = new AckPacer();
  #sink: FrameSink | null = null;
  #ackTimer: ReturnType<typeof setTimeout> | null = null;

  /** `heeds`: whether it does what the gateway advises, as far as that can be done here. */
  constructor(listener: MetadataListener, heeds = true) {
    this.#listener = listener;
    this.#heeds = heeds;
  }

  /** Publishes one frame, unless it is an interim that the gateway can do without. Throws as the queue does. */
  publish(frame: Frame, options?: PublishOptions): PublishOutcome {
    return this.#passes(frame, options) ? this.queue.publish(frame, options) : 'dropped';
  }

  /** Publishes frames in one message, without such interims. Throws as the queue does. */
  publishTogether(frames: readonly Frame[], options?: PublishOptions): PublishOutcome {
    const left = frames.filter((frame) => this.#passes(frame, options));
    return left.length === 0 && frames.length > 0 ? 'dropped' : this.queue.publishTogether(left, options);
  }

  /** Ends for good. */
  close(): void {
    this.queue.close();
    this.turns.close();
  }

  /** Begins on a socket, on the terms of its greeting. */
  begin(sink: FrameSink, terms: PublishTerms): void {
    this.#sink = sink;
    this.#acks.restart();
    if (this.advice.level > 0) this.#advised(NO_ADVICE);
    this.queue.begin(sink, terms);
  }

  /** The socket is gone; a later `begin` goes on. */
  pause(): void {
    this.#sink = null;
    if (this.#ackTimer !== null) clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.queue.pause();
  }

  /** Takes a frame of this conversation; false when it belongs to another. */
  received(frame: Frame): boolean {
    switch (frame.kind) {
      case Kind.batch: {
        const frames = frame.batch?.frames ?? [];
        for (const inner of frames) this.#listener.metadata(inner);
        this.lastNumber = frame.batch?.number ?? 0;
        if (this.#acks.received(frames.length, sizeOf(frames))) this.#acknowledge();
        else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_WITHIN_MS);
        return true;
      }
      case Kind.accepted:
        this.queue.accepted(frame.accepted?.upTo ?? 0);
        return true;
      case Kind.credit: {
        const event = { class: frame.credit?.class ?? '', frames: frame.credit?.frames ?? 0 };
        this.queue.credit(event.class, event.frames);
        this.#listener.credit(event);
        return true;
      }
      case Kind.throttled: {
        const { class: name, dropped, retryAfterMs, message } = frame.throttled ?? {};
        const event = {
          class: name ?? '',
          dropped: dropped ?? 0,
          retryAfterMs: retryAfterMs ?? 0,
          message: message ?? '',
        };
        this.queue.throttled(event.class, event.retryAfterMs);
        this.#listener.throttled(event);
        return true;
      }
      case Kind.advice:
        this.#advised(readAdvice(frame.advice));
        return true;
      case Kind.snapshotWanted:
        // For whoever publishes: the application knows what its segment says as a whole.
        this.#listener.metadata(frame);
        return true;
      default:
        return false;
    }
  }

  #advised(advice: AdviceEvent): void {
    this.advice = advice;
    if (this.#heeds) {
      this.#pace.advised(advice);
      this.turns.advised(advice);
    }
    this.#listener.advice(advice);
  }

  #passes(frame: Frame, options: PublishOptions = {}): boolean {
    return options.reliable === true || this.#pace.passes(frame, keyOf(frame) || null);
  }

  #acknowledge(): void {
    if (this.#ackTimer !== null) clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.#acks.settled();
    this.#sink?.({ kind: Kind.ack, ack: { upTo: this.lastNumber } });
  }
}
