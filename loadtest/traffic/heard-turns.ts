/**
 * Keeps book of turns: when each was asked for, and when it was heard whole, with its end. The same clock counts both, and
 * time runs from the asking, so that a turn that was late to begin is late.
 */
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';

const { Phase } = proto.AgentTurn;

interface Turn {
  readonly askedMs: number;
  text: string;
  /** Infinity until it was heard whole. */
  wholeMs: number;
}

export class HeardTurns {
  readonly #whole: string;
  readonly #turns = new Map<string, Turn>();

  /** `whole`: what every turn says. */
  constructor(whole: string) {
    this.#whole = whole;
  }

  /** How many have been asked for. */
  get asked(): number {
    return this.#turns.size;
  }

  /** Forgets everything. */
  clear(): void {
    this.#turns.clear();
  }

  ask(turn: string, nowMs: number): void {
    this.#turns.set(turn, { askedMs: nowMs, text: '', wholeMs: Number.POSITIVE_INFINITY });
  }

  /** A frame that a listener received. What it lacks of a text is a gap, and the turn is then never whole. */
  take(frame: Frame, nowMs: number): void {
    if (frame.kind !== Kind.agentTurn) return;
    const { turn: name, phase, offset, text } = frame.agentTurn ?? {};
    const turn = this.#turns.get(name ?? '');
    const at = offset ?? 0;
    if (turn === undefined || at > turn.text.length) return;
    turn.text = turn.text.slice(0, at) + (text ?? '');
    if (phase === Phase.done && turn.text === this.#whole) turn.wholeMs = Math.min(turn.wholeMs, nowMs);
  }

  /** How many of the turns whose name begins so were heard at most `dueMs` after they were asked for. */
  heard(prefix: string, dueMs: number): { readonly due: number; readonly heard: number } {
    let [due, heard] = [0, 0];
    for (const [name, { askedMs, wholeMs }] of this.#turns) {
      if (!name.startsWith(prefix)) continue;
      due++;
      if (wholeMs - askedMs <= dueMs) heard++;
    }
    return { due, heard };
  }
}
