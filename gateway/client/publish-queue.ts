/**
 * What this client publishes, on its way to the gateway: bounded, obeying credits, losing nothing that must not be lost.
 *
 * A frame of an at-least-once kind, every final, and what the application calls reliable, bears a `pub` number and is
 * retained until the gateway's `accepted` covers it; after a new socket or a `throttled` all of those are sent again, in
 * order.
 *
 * Invariants: frames of one class leave in the order they came; `waiting` and `retained` are bounded; a waiting interim
 * or keyed value is replaced in place by its successor; credits never go below 0.
 */
import { MOST_BATCH_FRAMES } from '../../schemas/batch-walk.ts';
import { KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

/** What became of a frame handed to `publish`. */
export type PublishOutcome = 'sent' | 'waiting' | 'dropped';

/** Where frames leave: false when there is no open socket. */
export type FrameSink = (frame: Frame) => boolean;

export interface PublishOptions {
  /** Whether the gateway has to confirm it. Default: for finals and the at-least-once kinds alone. */
  readonly reliable?: boolean | undefined;
}

/** What leaves in one message. */
interface Entry {
  readonly frames: readonly Frame[];
  /** Sent as a batch, however few they are. */
  readonly together: boolean;
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
  #retained: Frame[] = [];
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
  publish(frame: Frame, options: PublishOptions = {}): PublishOutcome {
    const frames = this.#numbered([frame], options);
    const numbered = isNumbered(frames[0]!);
    const key = numbered ? '' : keyOf(frame);
    return this.#enqueue({ frames, together: false, key }, numbered);
  }

  /** Publishes 1 to 64 frames in one message, once there is credit for all. Throws as `publish`, or a RangeError. */
  publishTogether(given: readonly Frame[], options: PublishOptions = {}): PublishOutcome {
    if (given.length === 0 || given.length > MOST_BATCH_FRAMES) {
      throw new RangeError(`expected 1 to ${MOST_BATCH_FRAMES} frames to publish together, found ${given.length}`);
    }
    const frames = this.#numbered(given, options);
    return this.#enqueue({ frames, together: true, key: '' }, frames.some(isNumbered));
  }

  /** Gives numbers to the frames that must not be lost, and retains those. */
  #numbered(frames: readonly Frame[], { reliable }: PublishOptions): Frame[] {
    const needs = frames.map((frame) => reliable ?? (frame.final === true || AT_LEAST_ONCE.has(frame.kind ?? 0)));
    const more = needs.filter(Boolean).length;
    if (more > 0 && this.#retained.length + more > MAX_RETAINED) {
      throw new SluiceError(0, ClientReason.queueFull, `${MAX_RETAINED} frames wait to be accepted by the gateway`);
    }
    const numbered = frames.map((frame, index) => (needs[index] ? { ...frame, pub: ++this.#lastPub } : frame));
    this.#retained.push(...numbered.filter(isNumbered));
    return numbered;
  }

  #enqueue(entry: Entry, mustLeave: boolean): PublishOutcome {
    const at = entry.key === '' ? -1 : this.#waiting.findIndex((one) => one.key === entry.key);
    if (at >= 0) {
      this.#waiting[at] = entry;
      return 'waiting';
    }
    if (this.#waiting.length >= MAX_WAITING && !this.#dropOne() && !mustLeave) return 'dropped';
    this.#waiting.push(entry);
    this.#drain();
    return this.#waiting.includes(entry) ? 'waiting' : 'sent';
  }

  /** The gateway has taken every numbered frame up to `upTo`. */
  accepted(upTo: number): void {
    this.#retained = this.#retained.filter((frame) => (frame.pub ?? 0) > upTo);
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
      const needs = this.#needsOf(entry);
      const waits = [...needs].some(
        ([name, frames]) => blocked.has(name) || (this.#credits.get(name) ?? frames) < frames,
      );
      if (waits || !this.#sink(messageOf(entry))) {
        for (const name of needs.keys()) blocked.add(name);
        left.push(entry);
        continue;
      }
      for (const [name, frames] of needs) {
        const credits = this.#credits.get(name);
        if (credits !== undefined) this.#credits.set(name, credits - frames);
      }
    }
    this.#waiting = left;
    this.#tellIdle();
  }

  /** Frames by class. Looked up now, not when they came: this socket's gateway may have another policy than the last. */
  #needsOf({ frames }: Entry): Map<string, number> {
    const needs = new Map<string, number>();
    for (const { kind } of frames) {
      const name = this.#classes[KIND_NAMES[kind ?? 0] ?? ''] ?? '';
      needs.set(name, (needs.get(name) ?? 0) + 1);
    }
    return needs;
  }

  #resendRetained(): void {
    const again = this.#retained.map((frame): Entry => ({ frames: [frame], together: false, key: '' }));
    const rest = this.#waiting
      .map((entry) => ({ ...entry, frames: entry.frames.filter((frame) => !isNumbered(frame)) }))
      .filter(({ frames }) => frames.length > 0);
    this.#waiting = [...again, ...rest];
    this.#drain();
  }

  /** Makes room by dropping the oldest of what may be lost. */
  #dropOne(): boolean {
    const at = this.#waiting.findIndex(({ frames }) => !frames.some(isNumbered));
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

function isNumbered(frame: Frame): boolean {
  return (frame.pub ?? 0) > 0;
}

function messageOf({ frames, together }: Entry): Frame {
  return together ? { kind: Kind.batch, batch: { frames: [...frames] } } : frames[0]!;
}

/** What a waiting frame is replaced by: the next of the same key. Empty: by nothing. */
export function keyOf(frame: Frame): string {
  if (frame.caption && frame.caption.mode !== 1) return `caption ${frame.caption.segment} ${frame.caption.stream}`;
  if (frame.presence) return `presence ${frame.presence.key}`;
  if (frame.gauge) return `gauge ${frame.gauge.key}`;
  return '';
}
