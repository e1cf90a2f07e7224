/**
 * The metadata conversation, whichever socket carries it: batches in and acknowledged, frames out under credits.
 *
 * Invariants: batches are acknowledged after their frames were told, several at a time; `lastNumber` is the last one's.
 */
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ACK_WITHIN_MS, AckPacer } from './ack-pacer.ts';
import { type FrameSink, PublishQueue, type PublishTerms } from './publish-queue.ts';

/** What the gateway asks for while a brownout lasts. */
export interface AdviceEvent {
  readonly level: number;
  readonly actions: readonly AdviceAction[];
}

/** By number, as in frame.proto. */
const ACTIONS = [
  'none',
  'reduceFrequency',
  'bypassOnPath',
  'narrowRetrieval',
  'singleTool',
  'concise',
  'clientOnly',
] as const;
export type AdviceAction = (typeof ACTIONS)[number];

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
  lastNumber = 0;
  readonly #listener: MetadataListener;
  readonly #acks = new AckPacer();
  #sink: FrameSink | null = null;
  #ackTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(listener: MetadataListener) {
    this.#listener = listener;
  }

  /** Begins on a socket, on the terms of its greeting. */
  begin(sink: FrameSink, terms: PublishTerms): void {
    this.#sink = sink;
    this.#acks.restart();
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
      case Kind.batch:
        for (const inner of frame.batch?.frames ?? []) this.#listener.metadata(inner);
        this.lastNumber = frame.batch?.number ?? 0;
        if (this.#acks.received(frame.batch?.frames?.length ?? 0)) this.#acknowledge();
        else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_WITHIN_MS);
        return true;
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
        this.#listener.advice(adviceEvent(frame.advice));
        return true;
      case Kind.snapshotWanted:
        // For whoever publishes: the application knows what its segment says as a whole.
        this.#listener.metadata(frame);
        return true;
      default:
        return false;
    }
  }

  #acknowledge(): void {
    if (this.#ackTimer !== null) clearTimeout(this.#ackTimer);
    this.#ackTimer = null;
    this.#acks.settled();
    this.#sink?.({ kind: Kind.ack, ack: { upTo: this.lastNumber } });
  }
}

/** An `advice` frame. Actions of a later version are left out: they cannot be followed. */
function adviceEvent(advice: Frame['advice']): AdviceEvent {
  const actions = (advice?.actions ?? []).map((number) => ACTIONS[number]).filter((word) => word !== undefined);
  return { level: advice?.level ?? 0, actions };
}
