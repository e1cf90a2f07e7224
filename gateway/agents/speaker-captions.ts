/**
 * One speaker's captions: Opus packets in, caption frames out.
 *
 *     packets ─► decoder ─► utterances ─► every INTERIM_MS: what has been said so far ─► interim revisions
 *                                    └──► its end ─► the recogniser's last word ─► final
 *
 * Invariants: segments are numbered as they are spoken, and their finals come in that order; no interim comes after its
 * segment's final, and revisions only rise; an utterance in which no words were found gets a final, empty, only if an
 * interim had promised some.
 */
import { OpusDecoder } from 'opus-decoder';
import { sluice } from '../../schemas/generated/proto.js';
import { Kind } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { Pocketsphinx } from './pocketsphinx.ts';
import type { Recognised } from './recognised-words.ts';
import { SAMPLE_RATE_HZ, SpeechSegmenter } from './speech-segmenter.ts';

/** One utterance on its way to its final. */
interface Segment {
  readonly number: number;
  revision: number;
  /** Its final is out. */
  final: boolean;
}

const INTERIM_MS = 600;
/** Packets stop when a track is muted, or its owner has gone: then the utterance is over. */
const QUIET_MS = 500;
const { Mode, State } = sluice.v1.Caption;

export interface SpeakerOptions {
  readonly tenant: string;
  readonly room: string;
  readonly speaker: string;
  /** The number of the first segment. */
  readonly firstSegment: number;
  readonly recogniser: Pocketsphinx;
  readonly publish: (frame: Frame) => void;
  readonly log: (line: string) => void;
}

export class SpeakerCaptions {
  readonly #options: SpeakerOptions;
  readonly #decoder = new OpusDecoder({
    sampleRate: SAMPLE_RATE_HZ,
    channels: 1,
    streamCount: 1,
    coupledStreamCount: 0,
  });
  readonly #segmenter = new SpeechSegmenter({ ended: (samples) => this.#ended(samples) });
  #ready = false;
  #lastSequence = -1;
  #segment: Segment;
  #interimAtMs = 0;
  #asking = false;
  #finals: Promise<void> = Promise.resolve();
  #quiet: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#segment = { number: options.firstSegment, revision: 0, final: false };
    this.#decoder.ready.then(
      () => {
        this.#ready = true;
      },
      (error) => options.log(`Opus: ${error}`),
    );
  }

  /** Takes one packet's payload; packets that are late or come twice are left out. */
  packet(sequence: number, payload: Uint8Array): void {
    const ahead = (sequence - this.#lastSequence) & 0xffff;
    if (!this.#ready || this.#stopped || (this.#lastSequence >= 0 && (ahead === 0 || ahead > 0x8000))) return;
    this.#lastSequence = sequence;
    const { channelData } = this.#decoder.decodeFrame(payload);
    if (this.#quiet) this.#quiet.refresh();
    else this.#quiet = setTimeout(() => this.#segmenter.flush(), QUIET_MS);
    const [samples] = channelData;
    if (samples) this.#segmenter.push(samples);
    this.#interim();
  }

  /** Another source begins: its packets are numbered anew. */
  restart(): void {
    this.#lastSequence = -1;
    this.#segmenter.flush();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#quiet) clearTimeout(this.#quiet);
    if (this.#ready) this.#decoder.free();
  }

  #interim(): void {
    const nowMs = performance.now();
    if (!this.#segmenter.speaking || this.#asking || nowMs - this.#interimAtMs < INTERIM_MS) return;
    const asked = this.#options.recogniser.interim(this.#segmenter.utterance);
    if (asked === null) return;
    this.#asking = true;
    this.#interimAtMs = nowMs;
    const segment = this.#segment;
    asked
      .then(
        (words) => {
          if (!segment.final && words.text !== '') this.#publish(segment, words, false);
        },
        (error) => this.#trouble(error),
      )
      .finally(() => {
        this.#asking = false;
      });
  }

  #ended(samples: Float32Array): void {
    if (this.#stopped) return;
    const segment = this.#segment;
    this.#segment = { number: segment.number + 1, revision: 0, final: false };
    const words = this.#options.recogniser.final(samples);
    this.#finals = this.#finals.then(async () => {
      const found = await words.catch((error): Recognised => {
        this.#trouble(error);
        return { text: '', confidence: null };
      });
      if (found.text !== '' || segment.revision > 0) this.#publish(segment, found, true);
      segment.final = true;
    });
    // It may fail while an earlier one is waited for.
    words.catch(() => {});
  }

  #publish(segment: Segment, { text, confidence }: Recognised, final: boolean): void {
    if (this.#stopped) return;
    segment.revision++;
    const { tenant, room, speaker, publish } = this.#options;
    const state = final ? State.completed : State.open;
    publish({
      kind: Kind.caption,
      final,
      tenant,
      room,
      caption: {
        ...{ stream: `live-${speaker}`, segment: segment.number, mode: Mode.replace, text, state, speaker, lang: 'en' },
        revision: segment.revision,
        ...(confidence === null ? {} : { confidence }),
        ...{ model: 'pocketsphinx', modelVersion: 'en-us' },
      },
    });
  }

  #trouble(error: unknown): void {
    if (!this.#stopped)
      this.#options.log(`${this.#options.speaker}: ${error instanceof Error ? error.message : error}`);
  }
}
