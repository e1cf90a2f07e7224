/**
 * The handle by which Janus sends one participant everyone else's media: Janus offers.
 *
 *     settled ──(wanted ≠ carried: join | subscribe)──► offered ──(answer: start)──► settled …
 *                 └──(a publisher left: Janus re-offers unasked)──┘
 *
 * Invariants: we ask for nothing while an offer is unanswered; what is carried is what Janus last said; candidates go out
 * after the offer they belong to, in Janus' order; an answer to any other offer than the last is ignored.
 */

import {
  type JanusCandidate,
  JanusCode,
  JanusError,
  type JanusFeed,
  type JanusId,
  type JanusStream,
} from './janus-message.ts';
import type { JanusHandle, JanusSession, RoomReply } from './janus-session.ts';
import type { CandidateOf } from './node-control.ts';
import { CommandError } from './node-control.ts';
import { nameStreams } from './sdp-sections.ts';
import { streamIdOf } from './stream-id.ts';

export interface SubscriberListener {
  offer(offerId: string, sdp: string): void;
  candidate(candidate: CandidateOf): void;
  failed(error: unknown): void;
}

interface WantedStream {
  readonly feed: JanusId;
  readonly mid: string;
}

export class JanusSubscriber {
  readonly #session: JanusSession;
  readonly #room: JanusId;
  readonly #listener: SubscriberListener;
  #handle: JanusHandle | null = null;
  #joined = false;
  #wanted = new Map<string, WantedStream>();
  #carried: readonly JanusStream[] = [];
  /** Asked for, and not there: the publisher went meanwhile. */
  readonly #refused = new Set<string>();
  #names = new Map<JanusId, string>();
  #asking = false;
  #outstanding = '';
  #offers = 0;
  #held: (JanusCandidate | null)[] | null = [];
  #closed = false;

  constructor(session: JanusSession, room: JanusId, listener: SubscriberListener) {
    this.#session = session;
    this.#room = room;
    this.#listener = listener;
  }

  /** These are the feeds to receive from now on. Those that left are taken out by Janus itself. */
  want(feeds: Iterable<JanusFeed>): void {
    this.#wanted = new Map();
    for (const { id, display, streams } of feeds) {
      this.#names.set(id, display);
      for (const { type, mid, disabled } of streams) {
        if (mid === undefined || disabled || (type !== 'audio' && type !== 'video')) continue;
        this.#wanted.set(keyOf(id, mid), { feed: id, mid });
      }
    }
    for (const key of this.#refused) if (!this.#wanted.has(key)) this.#refused.delete(key);
    this.#negotiate();
  }

  /** Takes the client's answer. Rejects with reason bad_sdp. */
  async answer(offerId: string, sdp: string): Promise<void> {
    const handle = this.#handle;
    if (!handle || this.#outstanding === '' || (offerId !== '' && offerId !== this.#outstanding)) return;
    const answered = this.#outstanding;
    try {
      await handle.message({ request: 'start' }, { type: 'answer', sdp });
    } catch (error) {
      throw new CommandError('bad_sdp', `Janus did not take the answer: ${messageOf(error)}`);
    }
    if (this.#outstanding === answered) this.#outstanding = '';
    this.#negotiate();
  }

  candidate(candidate: JanusCandidate | null): void {
    this.#handle?.trickle(candidate);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const handle = this.#handle;
    this.#handle = null;
    await handle?.detach();
  }

  #negotiate(): void {
    if (this.#closed || this.#asking || this.#outstanding !== '') return;
    const carried = new Set(this.#carried.map(({ feed_id: feed, feed_mid: mid }) => keyOf(feed ?? '', mid ?? '')));
    const missing = [...this.#wanted].filter(([key]) => !carried.has(key) && !this.#refused.has(key));
    if (missing.length === 0) return;
    this.#asking = true;
    this.#ask(missing.map(([, stream]) => stream))
      .catch((error) => {
        for (const [key] of missing) this.#refused.add(key);
        // Gone between its announcement and our wish.
        if (!(error instanceof JanusError && error.code === JanusCode.noSuchFeed)) this.#listener.failed(error);
      })
      .finally(() => {
        this.#asking = false;
        this.#negotiate();
      });
  }

  async #ask(streams: readonly WantedStream[]): Promise<void> {
    const handle = this.#handle ?? (await this.#attach());
    if (this.#closed) return;
    const body = this.#joined
      ? { request: 'subscribe', streams }
      : { request: 'join', ptype: 'subscriber', room: this.#room, streams };
    const reply = await handle.message(body);
    this.#joined = true;
    this.#took(reply);
  }

  async #attach(): Promise<JanusHandle> {
    const handle = await this.#session.attach({
      event: (data, jsep) => this.#took({ data, jsep }),
      trickle: (candidate) => this.#trickle(candidate),
    });
    if (this.#closed) await handle.detach();
    else this.#handle = handle;
    return handle;
  }

  /** What Janus now carries, and the offer that says so, asked for or not. */
  #took({ data, jsep }: RoomReply): void {
    if (this.#closed) return;
    const { videoroom, streams } = data;
    if (videoroom === 'attached' || videoroom === 'updated' || videoroom === 'updating') {
      this.#carried = streams.filter(({ active }) => active !== false);
    }
    if (jsep?.type !== 'offer') return;
    this.#offers++;
    this.#outstanding = String(this.#offers);
    const feeds = new Map(this.#carried.map((stream) => [stream.mid ?? '', stream]));
    const named = nameStreams(jsep.sdp, (mid) => {
      const feed = feeds.get(mid);
      const name = feed?.feed_display ?? this.#names.get(feed?.feed_id ?? '');
      return name === undefined ? null : streamIdOf(name);
    });
    this.#listener.offer(this.#outstanding, named);
    const held = this.#held ?? [];
    this.#held = null;
    for (const candidate of held) this.#trickle(candidate);
  }

  #trickle(candidate: JanusCandidate | null): void {
    if (this.#held) this.#held.push(candidate);
    else this.#listener.candidate(candidateOf(candidate));
  }
}

/** A candidate of Janus' in the gateway's words; null ends them. */
export function candidateOf(candidate: JanusCandidate | null): CandidateOf {
  return {
    candidate: candidate?.candidate ?? '',
    sdpMid: candidate?.sdpMid ?? '',
    sdpMLineIndex: candidate?.sdpMLineIndex ?? null,
  };
}

function keyOf(feed: JanusId, mid: string): string {
  return `${feed}/${mid}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
