/**
 * What this client publishes, on its way to the gateway: bounded, obeying credits, losing nothing that must not be lost.
 *
 * A frame of an at-least-once kind, and every final, bears a `pub` number and is retained until the gateway's
 * `accepted` covers it; after a new socket or a `throttled` all of those are sent again, in order.
 *
 * Invariants: frames of one class leave in the order they came; `waiting` and `retained` are bounded; a waiting interim
 * or keyed value is replaced in place by its successor; credits never go below 0.
 */
import { KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

/** What became of a frame handed to `publish`. */
export type PublishOutcome = 'sent' | 'waiting' | 'dropped';

/** Where frames leave: false when there is no open socket. */
export type FrameSink = (frame: Frame) => boolean;

interface Entry {
  readonly frame: Frame;
  /** Empty: never merged. */
  readonly key: string;
}

const MAX_WAITING = 512;
const MAX_RETAINED = 1024;
const AT_LEAST_ONCE: ReadonlySet<number> = new Set([Kind.moderation, Kind.toolCall, Kind.feedback]);

/** What the gateway said a publisher may do, when it greeted. */
export interface PublishTerms {
  /** Frames that may be sent now, by class; a class that is not in it is under no credit. */
  readonly credits: Readonly<Record<string, number>>;
  /** The class by the word of a kind. A kind that is not in it has a class we never hear of, and the gateway's rate alone. */
  readonly classes: Readonly<Record<string, string>>;
}

export class PublishQueue {
  #sink: FrameSink | null = null;
  #waiting: Entry[] = [];
  #retained: Entry[] = [];
  #credits = new Map<string, number>();
  #classes: PublishTerms['classes'] = {};
  readonly #paused = new Map<string, ReturnType<typeof setTimeout>>();
  #lastPub = 0;
  #idle: (() => void)[] = [];

  /** Frames that wait for credit or a socket. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Frames sent or waiting that the gateway has not accepted yet. */
  get retained(): number {
    return this.#retained.length;
  }

  /** Begins on a new socket on the terms of its greeting: what was not accepted is sent again first. */
  begin(sink: FrameSink, { credits, classes }: PublishTerms): void {
    this.#sink = sink;
    this.#credits = new Map(Object.entries(credits));
    this.#classes = classes;
    this.#resendRetained();
  }

  /** The socket is gone: what comes now waits. */
  pause(): void {
    this.#sink = null;
  }

  /** Publishes one metadata frame. Throws `queueFull` when it must not be lost and there is no room to retain it. */
  publish(frame: Frame): PublishOutcome {
    const lossless = frame.final === true || AT_LEAST_ONCE.has(frame.kind ?? 0);
    if (lossless && this.#retained.length >= MAX_RETAINED) {
      throw new SluiceError(0, ClientReason.queueFull, `${MAX_RETAINED} frames wait to be accepted by the gateway`);
    }
    const stamped = lossless ? { ...frame, pub: ++this.#lastPub } : frame;
    const entry = { frame: stamped, key: lossless ? '' : keyOf(frame) };
    if (lossless) this.#retained.push(entry);
    const at = entry.key === '' ? -1 : this.#waiting.findIndex((one) => one.key === entry.key);
    if (at >= 0) {
      this.#waiting[at] = entry;
      return 'waiting';
    }
    if (this.#waiting.length >= MAX_WAITING && !this.#dropOne() && !lossless) return 'dropped';
    this.#waiting.push(entry);
    this.#drain();
    return this.#waiting.includes(entry) ? 'waiting' : 'sent';
  }

  /** The gateway has taken every numbered frame up to `upTo`. */
  accepted(upTo: number): void {
    this.#retained = this.#retained.filter((entry) => (entry.frame.pub ?? 0) > upTo);
    this.#tellIdle();
  }

  /** More may be sent. */
  credit(className: string, frames: number): void {
    this.#credits.set(className, (this.#credits.get(className) ?? 0) + frames);
    this.#drain();
  }

  /** The gateway dropped some of ours: the class rests, then what must not be lost is sent again. */
  throttled(className: string, retryAfterMs: number): void {
    clearTimeout(this.#paused.get(className));
    const timer = setTimeout(() => {
      this.#paused.delete(className);
      this.#resendRetained();
    }, retryAfterMs);
    this.#paused.set(className, timer);
  }

  /** Resolves when nothing waits and all that is to be accepted was. */
  flushed(): Promise<void> {
    if (this.#waiting.length === 0 && this.#retained.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Forgets everything; timers end. */
  close(): void {
    this.#sink = null;
    for (const timer of this.#paused.values()) clearTimeout(timer);
    this.#paused.clear();
    this.#waiting = [];
    this.#retained = [];
    this.#tellIdle();
  }

  #drain(): void {
    if (this.#sink === null || this.#waiting.length === 0) return;
    const left: Entry[] = [];
    const blocked = new Set<string>(this.#paused.keys());
    for (const entry of this.#waiting) {
      // Looked up now, not when it came: the gateway of this socket may have another policy than the one before.
      const className = this.#classes[KIND_NAMES[entry.frame.kind ?? 0] ?? ''] ?? '';
      const credits = this.#credits.get(className);
      if (blocked.has(className) || credits === 0 || !this.#sink(entry.frame)) {
        blocked.add(className);
        left.push(entry);
      } else if (credits !== undefined) this.#credits.set(className, credits - 1);
    }
    this.#waiting = left;
    this.#tellIdle();
  }

  #resendRetained(): void {
    const lossy = this.#waiting.filter((entry) => entry.frame.pub === undefined || entry.frame.pub === null);
    this.#waiting = [...this.#retained, ...lossy];
    this.#drain();
  }

  /** Makes room by dropping the oldest frame that may be lost. */
  #dropOne(): boolean {
    const at = this.#waiting.findIndex((entry) => entry.frame.pub === undefined || entry.frame.pub === null);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  #tellIdle(): void {
    if (this.#waiting.length > 0 || this.#retained.length > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}

/** What a waiting frame is replaced by: the next of the same key. */
function keyOf(frame: Frame): string {
  if (frame.caption && frame.caption.mode !== 1) return `caption ${frame.caption.segment} ${frame.caption.stream}`;
  if (frame.presence) return `presence ${frame.presence.key}`;
  if (frame.gauge) return `gauge ${frame.gauge.key}`;
  return '';
}
