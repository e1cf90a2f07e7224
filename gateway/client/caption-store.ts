/**
 * Captions as one can show them: the current state per (from, stream, segment), merged from interims and finals.
 *
 * Replace mode merges by the lexicographic maximum of (epoch, end, revision), a hash of the text breaking ties: the
 * merge is idempotent, commutative and associative, so duplicates and disorder change nothing. A final freezes its
 * epoch; a correction is a higher epoch; "abandoned" is the gateway's word, and less than the publisher's own. Where the
 * gateway sends differences (`captionDelta`), one to a version that is not held changes nothing: the whole follows.
 * Append mode joins the parts that are contiguous from 0.
 *
 * Invariants: `finalised` hears each final of an epoch once; `changed` only what changed; memory is bounded by
 * `maxSegments`, the oldest segments going first (one that comes back after that is a new one).
 */
import type { Caption, Frame } from '../../schemas/proto.ts';

const ENDINGS = ['open', 'completed', 'failed', 'truncated', 'abandoned'] as const;
/** How a segment has ended, if it has. */
export type CaptionEnding = (typeof ENDINGS)[number];

/** The readable state of one segment. */
export interface CaptionState {
  /** Who published it: a participant's identity, or whom a node speaks for. */
  readonly from: string;
  readonly stream: string;
  readonly segment: number;
  readonly epoch: number;
  readonly revision: number;
  readonly text: string;
  readonly final: boolean;
  /** How it ended; `abandoned` when its publisher fell silent. */
  readonly state: CaptionEnding;
  readonly speaker: string;
  /** 0 to 1, undefined where the model does not say. */
  readonly confidence: number | undefined;
  readonly lang: string;
  readonly model: string;
  /** The words are of a recording: the model says it replays. */
  readonly replay: boolean;
}

/** Who hears of captions. */
export interface CaptionListener {
  /** A segment's interim or final state is new. */
  changed?(state: CaptionState): void;
  /** A segment became final by its publisher's word; again only for a correction. */
  finalised?(state: CaptionState): void;
}

const APPEND = 1;

export class CaptionStore {
  readonly #segments = new Map<string, CaptionState>();
  readonly #listener: CaptionListener;
  readonly #maxSegments: number;

  constructor(listener: CaptionListener = {}, maxSegments = 4096) {
    this.#listener = listener;
    this.#maxSegments = maxSegments;
  }

  /** Takes a caption frame; true when it changed its segment. Frames of other kinds change nothing. */
  take(frame: Frame): boolean {
    const caption = frame.caption;
    if (!caption) return false;
    const key = JSON.stringify([frame.from ?? '', caption.stream ?? '', caption.segment ?? 0]);
    const held = this.#segments.get(key);
    const next = caption.mode === APPEND ? appended(held, frame, caption) : replaced(held, frame, caption);
    if (next === null) return false;
    if (held === undefined && this.#segments.size >= this.#maxSegments) this.#forgetOldest();
    this.#segments.set(key, next);
    const toldBefore = held?.epoch === next.epoch && endOf(held) === ENDED;
    this.#listener.changed?.(next);
    if (endOf(next) === ENDED && !toldBefore) this.#listener.finalised?.(next);
    return true;
  }

  /** Every segment held, in the order they began. */
  all(): readonly CaptionState[] {
    return [...this.#segments.values()];
  }

  /** One segment, undefined when nothing of it came. */
  get(from: string, stream: string, segment: number): CaptionState | undefined {
    return this.#segments.get(JSON.stringify([from, stream, segment]));
  }

  #forgetOldest(): void {
    for (const [key] of this.#segments) {
      this.#segments.delete(key);
      return;
    }
  }
}

function replaced(held: CaptionState | undefined, frame: Frame, caption: Caption): CaptionState | null {
  const text = fullText(held, caption);
  if (text === null) return null;
  const next = stateOf(frame, caption, text, isDifference(caption) ? held : undefined);
  return held === undefined || order(next, held) > 0 ? next : null;
}

/** The text a frame stands for: its own, or what it keeps of the version held with its own behind. */
function fullText(held: CaptionState | undefined, caption: Caption): string | null {
  const { keepPrefix, text } = caption;
  if (!isDifference(caption)) return text ?? '';
  const based = held && held.epoch === (caption.epoch ?? 0) && held.revision === (caption.baseRevision ?? 0);
  if (!based || held.final) return null;
  return [...held.text].slice(0, keepPrefix ?? 0).join('') + (text ?? '');
}

function isDifference({ keepPrefix }: Caption): boolean {
  return keepPrefix !== undefined && keepPrefix !== null;
}

function appended(known: CaptionState | undefined, frame: Frame, caption: Caption): CaptionState | null {
  const epoch = caption.epoch ?? 0;
  if (known && (epoch < known.epoch || (epoch === known.epoch && known.final))) return null;
  // A correction begins anew.
  const held = epoch === known?.epoch ? known : undefined;
  const before = [...(held?.text ?? '')];
  const offset = caption.offset ?? 0;
  // What lies beyond a gap is left to the gateway, which asks the publisher for a snapshot.
  if (offset > before.length) return null;
  const text = before.slice(0, offset).join('') + (caption.text ?? '');
  const shorter = [...text].length < before.length;
  const next = stateOf(frame, caption, shorter ? (held?.text ?? '') : text);
  return next.text === held?.text && next.final === held.final ? null : next;
}

const OPEN = 0;
const GIVEN_UP = 1;
const ENDED = 2;

/** How far a segment has ended. */
function endOf({ final, state }: CaptionState): number {
  return final ? (state === 'abandoned' ? GIVEN_UP : ENDED) : OPEN;
}

/** Above 0 when `a` supersedes `b`. */
function order(a: CaptionState, b: CaptionState): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (endOf(a) !== endOf(b)) return endOf(a) - endOf(b);
  if (a.revision !== b.revision) return a.revision - b.revision;
  const [hashA, hashB] = [hashOf(a.text), hashOf(b.text)];
  if (hashA !== hashB) return hashA - hashB;
  return a.text > b.text ? 1 : a.text < b.text ? -1 : 0;
}

/** FNV-1a over UTF-16 units, uint32. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** `base`: the version whose words for what lasts hold where a difference has none. */
function stateOf(frame: Frame, caption: Caption, text: string, base?: CaptionState): CaptionState {
  const model = caption.model || (base?.model ?? '');
  return {
    from: frame.from ?? '',
    stream: caption.stream ?? '',
    segment: caption.segment ?? 0,
    epoch: caption.epoch ?? 0,
    revision: caption.revision ?? 0,
    text,
    final: frame.final === true,
    state: frame.final === true ? (ENDINGS[caption.state || 1] ?? 'completed') : 'open',
    speaker: caption.speaker || (base?.speaker ?? ''),
    confidence: caption.confidence ?? undefined,
    lang: caption.lang || (base?.lang ?? ''),
    model,
    replay: model.includes('replay'),
  };
}
