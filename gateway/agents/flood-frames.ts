/**
 * What one agent of a flood says: mostly captions, a model's turns, gauges, and embeddings nobody waits for. Every class
 * of metadata gets some, so that one sees each treated as its policy says.
 */
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';

const { Phase } = proto.AgentTurn;
/** One round: who reads the letters finds the mix. */
const ROUND = 'ccgctccgcecctcgccect';
const REVISIONS_PER_SEGMENT = 40;
const WORDS = 'the river was high that spring and nobody in the village could remember it higher'.split(' ');
const VECTOR = new Uint8Array(64).fill(7);

/** What a flood is made of. */
export type FloodKind = 'caption' | 'agentTurn' | 'gauge' | 'embedding';

const KINDS: Readonly<Record<string, FloodKind>> = { c: 'caption', t: 'agentTurn', g: 'gauge', e: 'embedding' };

export class FloodFrames {
  readonly #stream: string;
  #at = 0;
  #captions = 0;
  #turns = 0;

  constructor(stream: string) {
    this.#stream = stream;
  }

  /** The kind of the frame `next` will make. */
  get nextKind(): FloodKind {
    return KINDS[ROUND[this.#at % ROUND.length]!]!;
  }

  /** Leaves one frame out, as if it had never been due. */
  skip(): void {
    this.#at++;
  }

  next(): Frame {
    const kind = this.nextKind;
    this.#at++;
    if (kind === 'caption') return this.#caption();
    if (kind === 'agentTurn') {
      const turn = `${this.#stream}-${this.#turns++}`;
      return {
        kind: Kind.agentTurn,
        agentTurn: { turn, phase: Phase.done, offset: 0, text: 'An answer of an agent.' },
      };
    }
    if (kind === 'gauge') {
      return { kind: Kind.gauge, gauge: { key: `${this.#stream}-load`, value: Uint8Array.of(this.#at % 100) } };
    }
    return { kind: Kind.embedding, embedding: { payload: VECTOR, model: 'flood', modelVersion: '1' } };
  }

  #caption(): Frame {
    const revision = this.#captions % REVISIONS_PER_SEGMENT;
    const segment = (this.#captions++ - revision) / REVISIONS_PER_SEGMENT;
    const text = WORDS.slice(0, 1 + (revision % WORDS.length)).join(' ');
    const final = revision === REVISIONS_PER_SEGMENT - 1;
    return { kind: Kind.caption, final, caption: { stream: this.#stream, segment, revision, text, confidence: 0.5 } };
  }
}
