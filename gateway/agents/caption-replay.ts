/**
 * Replays a recorded trace as caption frames, open loop: every fragment has a due time counted from the start, so that
 * a late timer makes one fragment late and not all that follow.
 *
 *     due(fragment, round) = start + (round · period + atMs) / speed
 *
 * Invariants: fragments leave in the order of the trace; each round's segments follow on the last round's, so that no
 * round says something else under an old key.
 */
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import type { Fragment } from './trace-file.ts';

/** Silence between two rounds, ms of the recording. */
const GAP_MS = 1500;
const { Mode, State } = proto.Caption;

export interface CaptionReplayOptions {
  readonly tenant: string;
  readonly room: string;
  /** Added to every segment. A run that must not speak under the keys of an earlier one begins above them. */
  readonly firstSegment: number;
  /** 2 is twice as fast as it was spoken. */
  readonly speed: number;
  readonly loop: boolean;
  readonly publish: (frame: Frame) => void;
  /** The last fragment has been published; never with `loop`. */
  readonly ended: () => void;
}

export class CaptionReplay {
  readonly #trace: readonly Fragment[];
  readonly #options: CaptionReplayOptions;
  readonly #periodMs: number;
  readonly #segmentsPerRound: ReadonlyMap<string, number>;
  /** The newest frame of every stream's newest segment, for those who missed something. */
  readonly #newest = new Map<string, Frame>();
  #startMs = 0;
  #round = 0;
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  #rounds = 0;

  /** `trace` must not be empty. */
  constructor(trace: readonly Fragment[], options: CaptionReplayOptions) {
    this.#trace = trace;
    this.#options = options;
    this.#periodMs = trace.at(-1)!.atMs + GAP_MS;
    const segments = new Map<string, number>();
    for (const { stream, segment } of trace) segments.set(stream, Math.max(segments.get(stream) ?? 0, segment + 1));
    this.#segmentsPerRound = segments;
  }

  /** Rounds that have been played to their end. */
  get rounds(): number {
    return this.#rounds;
  }

  /** Starts the clock. */
  start(): void {
    this.#startMs = performance.now();
    this.#arm();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The newest frame of a segment, if it is its stream's newest segment. */
  newest(stream: string, segment: number): Frame | null {
    const frame = this.#newest.get(stream);
    return frame?.caption?.segment === segment ? frame : null;
  }

  #arm(): void {
    const dueMs = this.#startMs + (this.#round * this.#periodMs + this.#trace[this.#next]!.atMs) / this.#options.speed;
    this.#timer = setTimeout(() => this.#play(), Math.max(0, dueMs - performance.now()));
  }

  #play(): void {
    const elapsedMs = (performance.now() - this.#startMs) * this.#options.speed - this.#round * this.#periodMs;
    while (this.#next < this.#trace.length && this.#trace[this.#next]!.atMs <= elapsedMs + 1) {
      this.#publish(this.#trace[this.#next++]!);
    }
    if (this.#next === this.#trace.length) {
      this.#rounds++;
      if (!this.#options.loop) {
        this.#timer = null;
        this.#options.ended();
        return;
      }
      this.#round++;
      this.#next = 0;
    }
    this.#arm();
  }

  #publish(fragment: Fragment): void {
    const { tenant, room, firstSegment, publish } = this.#options;
    const { stream, speaker, segment, revision, final, text } = fragment;
    const frame: Frame = {
      kind: Kind.caption,
      final,
      tenant,
      room,
      caption: {
        stream,
        segment: firstSegment + segment + this.#round * this.#segmentsPerRound.get(stream)!,
        mode: Mode.replace,
        revision,
        text,
        state: final ? State.completed : State.open,
        speaker,
        lang: 'en',
        model: 'pocketsphinx-replay',
        modelVersion: '1',
      },
    };
    this.#newest.set(stream, frame);
    publish(frame);
  }
}
