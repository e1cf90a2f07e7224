/**
 * Finds utterances in a stream of sound by its loudness.
 *
 *     silent ──(loud for 3 frames of the last 5)──► speaking ──(END_MS of silence | MAX_MS | flush)──► silent
 *
 * Loud is a frame whose root mean square is above `LOUD_OVER_FLOOR` times the noise floor, and above `LEAST_LOUD`. The
 * floor falls with a quieter frame at once and rises slowly, and only while nobody speaks.
 *
 * Invariants: an utterance begins `LEAD_MS` before it was noticed, so that its first sound is whole; it is never longer
 * than `MAX_MS`; no sound is in two utterances.
 */

export const SAMPLE_RATE_HZ = 16_000;
const FRAME_MS = 20;
const FRAME_SAMPLES = (SAMPLE_RATE_HZ * FRAME_MS) / 1000;
const LEAD_MS = 300;
const END_MS = 500;
const MAX_MS = 15_000;
const LOUD_FRAMES = 3;
const LOUD_WINDOW = 5;
const LOUD_OVER_FLOOR = 3;
/** About -46 dB of full scale: below it even a quiet room's speech is not heard. */
const LEAST_LOUD = 0.005;
const FLOOR_RISE = 1.01;

export interface SpeechListener {
  /** An utterance is over. */
  ended(samples: Float32Array): void;
}

export class SpeechSegmenter {
  readonly #listener: SpeechListener;
  readonly #frame = new Float32Array(FRAME_SAMPLES);
  #filled = 0;
  /** The last frames before speech, or those of the utterance. */
  #frames: Float32Array[] = [];
  #recent: boolean[] = [];
  #speaking = false;
  #silentFrames = 0;
  #floor = LEAST_LOUD;

  constructor(listener: SpeechListener) {
    this.#listener = listener;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** What has been said so far; empty while nobody speaks. */
  get utterance(): Float32Array {
    return this.#speaking ? joined(this.#frames) : new Float32Array(0);
  }

  /** Takes sound at `SAMPLE_RATE_HZ`, one channel, -1 to 1. */
  push(samples: Float32Array): void {
    let at = 0;
    while (at < samples.length) {
      const count = Math.min(FRAME_SAMPLES - this.#filled, samples.length - at);
      this.#frame.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < FRAME_SAMPLES) return;
      this.#filled = 0;
      this.#take(this.#frame.slice());
    }
  }

  /** No more sound comes for now: ends the utterance. */
  flush(): void {
    this.#filled = 0;
    if (this.#speaking) this.#end();
  }

  #take(frame: Float32Array): void {
    const loudness = rootMeanSquare(frame);
    const loud = loudness > Math.max(LEAST_LOUD, this.#floor * LOUD_OVER_FLOOR);
    if (loudness < this.#floor) this.#floor = loudness;
    else if (!this.#speaking) this.#floor = Math.min(loudness, Math.max(this.#floor, LEAST_LOUD / 10) * FLOOR_RISE);
    this.#frames.push(frame);
    if (this.#speaking) {
      this.#silentFrames = loud ? 0 : this.#silentFrames + 1;
      const over = this.#silentFrames * FRAME_MS >= END_MS;
      if (over || this.#frames.length * FRAME_MS >= MAX_MS) this.#end();
      return;
    }
    if (this.#frames.length * FRAME_MS > LEAD_MS) this.#frames.shift();
    this.#recent.push(loud);
    if (this.#recent.length > LOUD_WINDOW) this.#recent.shift();
    if (this.#recent.filter(Boolean).length < LOUD_FRAMES) return;
    this.#speaking = true;
    this.#silentFrames = 0;
  }

  #end(): void {
    const samples = joined(this.#frames);
    this.#speaking = false;
    this.#frames = [];
    this.#recent = [];
    this.#listener.ended(samples);
  }
}

function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / samples.length);
}

function joined(frames: readonly Float32Array[]): Float32Array {
  const samples = new Float32Array(frames.length * FRAME_SAMPLES);
  frames.forEach((frame, index) => {
    samples.set(frame, index * FRAME_SAMPLES);
  });
  return samples;
}
