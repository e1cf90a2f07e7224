/**
 * One track a participant sends to the SFU, and everyone it is forwarded to.
 *
 * Invariants: nothing is forwarded while muted; the publisher is asked for a keyframe at most once per
 * `KEYFRAME_INTERVAL_MS` however many ask, and nobody's request is lost; after `end()` nothing is forwarded any more.
 */
import type { RtpPacket } from 'werift';
import type { MediaSection } from './description-check.ts';
import type { TrackForward } from './track-forward.ts';

const KEYFRAME_INTERVAL_MS = 300;

export class PublishedTrack {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  /** Whose it is. */
  readonly identity: string;
  /** The publisher's own id of it; follows its newest description. */
  trackId: string;
  readonly #askKeyframe: () => void;
  readonly #forwards = new Set<TrackForward>();
  #muted = false;
  #ended = false;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: NodeJS.Timeout | null = null;
  /** Packets taken from the publisher, muted or not. */
  packets = 0;

  /** `askKeyframe` sends a picture loss indication to the publisher. */
  constructor(section: MediaSection, identity: string, askKeyframe: () => void) {
    this.mid = section.mid;
    this.kind = section.kind;
    this.trackId = section.trackId;
    this.identity = identity;
    this.#askKeyframe = askKeyframe;
  }

  get muted(): boolean {
    return this.#muted;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether `name` means this track: its mid, its id, or its kind. */
  isCalled(name: string): boolean {
    return name === this.mid || name === this.kind || (name !== '' && name === this.trackId);
  }

  /** Stops or resumes forwarding. */
  mute(muted: boolean): void {
    if (this.#muted === muted) return;
    this.#muted = muted;
    if (muted) return;
    for (const forward of this.#forwards) forward.resume();
    this.wantKeyframe();
  }

  add(forward: TrackForward): void {
    this.#forwards.add(forward);
  }

  remove(forward: TrackForward): void {
    this.#forwards.delete(forward);
  }

  /** Forwards one packet from the publisher. */
  packet(packet: RtpPacket, nowMs: number): void {
    this.packets++;
    if (this.#muted || this.#ended) return;
    let waiting = false;
    for (const forward of this.#forwards) waiting = !forward.send(packet, nowMs) || waiting;
    // Somebody still cannot decode: ask again, as long as the publisher sends at all.
    if (waiting) this.wantKeyframe();
  }

  /** Asks the publisher for a keyframe, now or as soon as the interval allows. */
  wantKeyframe(): void {
    if (this.kind !== 'video' || this.#ended || this.#muted || this.#asking) return;
    const waitMs = this.#askedAtMs + KEYFRAME_INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#ask();
    else this.#asking = setTimeout(() => this.#ask(), waitMs);
  }

  /** The publisher no longer sends it. */
  end(): void {
    this.#ended = true;
    if (this.#asking) clearTimeout(this.#asking);
    this.#asking = null;
    this.#forwards.clear();
  }

  #ask(): void {
    this.#asking = null;
    this.#askedAtMs = performance.now();
    this.#askKeyframe();
  }
}
