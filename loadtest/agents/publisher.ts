/**
 * One publishing agent on /v1/metadata: knows its credits and its throttling, whether or not it heeds them.
 *
 * A stream's captions are numbered on and on: number n is revision n mod 60 of segment ⌊n / 60⌋, the last of each
 * segment its final, so that a listener can tell from one caption how many came before it.
 */
import { type CaptionText, captionBytes, captionText, writeCaption } from '../wire/caption-frame.ts';
import { clientFrameBytes, writeClientFrame } from '../wire/client-frame.ts';
import { decodeSignal } from '../wire/signal-message.ts';
import type { WireListener, WireSocket } from '../wire/wire-socket.ts';
import type { FloodCount } from './flood-report.ts';

/** Captions in one segment of the load. */
export const REVISIONS_PER_SEGMENT = 60;

const FILLER_BYTES = 40;
const SHEET_BYTES = 65_536;
/** A socket on which this much waits does not get more: what is due meanwhile is withheld. */
const WAITING_BYTES = 1_048_576;

const scratch = new Uint8Array(SHEET_BYTES);
const frameScratch = new Uint8Array(1024);

/** The agent's side of one connection. */
export class Publisher implements WireListener {
  socket: WireSocket | null = null;
  /** Whether it heeds credits and throttling. */
  cooperative = true;
  /** Whether segments end with a final. Without, a stream can be far over its rate and keep within that of finals. */
  finals = true;
  readonly #count: FloodCount;
  readonly #lost: (code: number) => void;
  readonly #text: CaptionText;
  readonly #mostBytes: number;
  #number = 0;
  /** The class its captions are charged to, by which credits are told; as the greeting says. */
  #captionClass: string | null = null;
  #credits = Number.POSITIVE_INFINITY;
  #pausedUntilMs = 0;
  #nowMs = 0;

  constructor(stream: string, count: FloodCount, lost: (code: number) => void) {
    this.#count = count;
    this.#lost = lost;
    this.#text = captionText(stream, FILLER_BYTES);
    this.#mostBytes = clientFrameBytes(captionBytes(this.#text));
  }

  /** Takes a fresh connection, and forgets what the last one was granted. The stream goes on where it was. */
  connected(socket: WireSocket): void {
    this.socket = socket;
    this.#pausedUntilMs = 0;
  }

  /** Publishes `frames` captions, the first due at `firstDueMs` and the others `gapMs` apart. */
  publish(frames: number, firstDueMs: number, gapMs: number, nowMs: number): void {
    this.#nowMs = nowMs;
    const count = this.#count;
    count.intendedFrames += frames;
    const { socket } = this;
    if (!socket?.open || socket.waitingBytes > WAITING_BYTES) {
      count.withheldFrames += frames;
      return;
    }
    let at = 0;
    for (let index = 0; index < frames && at + this.#mostBytes <= SHEET_BYTES; index++) {
      if (this.cooperative && !this.#mayPublish(nowMs)) {
        count.withheldFrames++;
        continue;
      }
      at = this.#write(at, firstDueMs + index * gapMs);
      count.writtenFrames++;
    }
    if (at === 0) return;
    count.writtenBytes += at;
    socket.write(scratch.slice(0, at));
  }

  message(bytes: Uint8Array, start: number, end: number): void {
    const { kind, fields } = decodeSignal(false, bytes.subarray(start, end));
    if (kind === 'welcome') {
      const { credits, classes } = fields as { credits?: Record<string, number>; classes?: Record<string, string> };
      this.#captionClass = classes?.caption ?? null;
      const granted = this.#captionClass === null ? undefined : credits?.[this.#captionClass];
      if (granted !== undefined) this.#credits = granted;
    } else if (kind === 'credit' && fields.class === this.#captionClass) this.#credits += Number(fields.frames ?? 0);
    else if (kind === 'throttled') {
      this.#count.throttledFrames += Number(fields.dropped ?? 0);
      this.#pausedUntilMs = this.#nowMs + Number(fields.retryAfterMs ?? 0);
    }
  }

  closed(code: number): void {
    this.socket = null;
    this.#credits = Number.POSITIVE_INFINITY;
    this.#lost(code);
  }

  #mayPublish(nowMs: number): boolean {
    if (nowMs < this.#pausedUntilMs || this.#credits < 1) return false;
    this.#credits--;
    return true;
  }

  #write(at: number, dueMs: number): number {
    const number = this.#number++;
    const revision = number % REVISIONS_PER_SEGMENT;
    const segment = (number - revision) / REVISIONS_PER_SEGMENT;
    const final = this.finals && revision === REVISIONS_PER_SEGMENT - 1;
    const end = writeCaption(frameScratch, 0, this.#text, segment, revision, final, dueMs);
    return writeClientFrame(scratch, at, frameScratch, 0, end);
  }
}
