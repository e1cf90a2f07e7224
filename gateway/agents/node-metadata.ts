/**
 * A node's side of NodeMetadata: publishes frames to whichever worker serves their room.
 *
 *     publish(frame) ─► worker of its room ─► lane of its class ─► batch
 *
 * Invariants: one stream per worker address; a room whose worker is not known goes to the first address, which forwards
 * and tells; what waited there unsent then moves along, in order. Frames that were sent and not accepted stay with the
 * stream they were sent on.
 */
import { isMetadata, Kind } from '../../schemas/kinds.ts';
import { type Frame, type NodeDown, type NodeHello, proto } from '../../schemas/proto.ts';
import { type AdviceEvent, NO_ADVICE, readAdvice } from '../client/advice.ts';
import { InterimPace } from '../client/interim-pace.ts';
import type { ReconnectDelay } from '../client/reconnect-delay.ts';
import { conflationKey, isReliable } from './frame-keeping.ts';
import type { Offered, WhenBlocked } from './frame-lanes.ts';
import { MetadataLink, type Watch } from './metadata-link.ts';

export interface NodeMetadataOptions {
  /** The first worker's NodeMetadata, `host:port`. */
  readonly address: string;
  readonly nodeToken?: string | undefined;
  readonly hello: NodeHello;
  readonly listener?: NodeMetadataListener | undefined;
  readonly delay?: (() => ReconnectDelay) | undefined;
}

/** What a worker tells a node. Each is optional. */
export interface NodeMetadataListener {
  /** Frames of a watched room. */
  frames?(frames: readonly Frame[]): void;
  snapshotWanted?(stream: string, segment: number): void;
  throttled?(throttled: NonNullable<NodeDown['throttled']>): void;
  advice?(advice: NonNullable<NodeDown['advice']>): void;
  moved?(tenant: string, room: string, address: string): void;
  attached?(address: string): void;
  detached?(address: string, reason: string, retryMs: number): void;
}

export class NodeMetadata {
  readonly #options: NodeMetadataOptions;
  readonly #links = new Map<string, MetadataLink>();
  readonly #routes = new Map<string, string>();
  readonly #pace = new InterimPace();
  #advice: AdviceEvent = NO_ADVICE;

  /** Dials the first worker at once. */
  constructor(options: NodeMetadataOptions) {
    this.#options = options;
    this.#link(options.address);
  }

  /** Addresses there is a stream to, or an attempt at one. */
  get addresses(): string[] {
    return [...this.#links.keys()];
  }

  /** Whether the first worker's stream is up. */
  get attached(): boolean {
    return this.#link(this.#options.address).attached;
  }

  /** What the gateway asks for at present. Interims are paced by themselves; the rest is for the node's models. */
  get advice(): AdviceEvent {
    return this.#advice;
  }

  /** Reliable frames not accepted yet, over all streams. */
  get unaccepted(): number {
    let unaccepted = 0;
    for (const link of this.#links.values()) unaccepted += link.unaccepted;
    return unaccepted;
  }

  /**
   * Publishes one frame, which must name its tenant and room and not be changed afterwards. `whenBlocked` says what
   * becomes of it when its class has no credit; finals and other reliable kinds wait in any case. While the gateway asks for
   * less, every other interim of a segment is dropped: the next says it all. Throws a TypeError
   * when it is no metadata frame, or names no tenant or room.
   */
  publish(frame: Frame, whenBlocked: WhenBlocked = 'conflate'): Offered {
    const kind = frame.kind ?? Kind.none;
    if (!isMetadata(kind)) throw new TypeError(`expected a metadata kind, not ${kind}`);
    if (!frame.tenant || !frame.room) throw new TypeError('expected the frame to name its tenant and room');
    const reliable = isReliable(frame);
    const key = conflationKey(frame);
    if (!this.#pace.passes(frame, key)) return 'dropped';
    const offered = { frame, key, reliable };
    return this.#linkOf(frame.tenant, frame.room).offer(offered, whenBlocked);
  }

  /** Which worker serves a room, as the gateway said when it opened a session there. */
  route(tenant: string, room: string, address: string): void {
    const older = this.#linkOf(tenant, room);
    this.#routes.set(routeKey(tenant, room), address);
    const link = this.#link(address);
    if (link === older) return;
    for (const waiting of older.withdraw(tenant, room)) link.offer(waiting, 'queue');
    const watch = older.withdrawWatch(tenant, room);
    if (watch) link.watch(watch);
  }

  /** Forgets a room nobody publishes to any more. */
  forget(tenant: string, room: string): void {
    this.#routes.delete(routeKey(tenant, room));
  }

  /** Asks for a room's metadata, or with `stop` for no more of it. */
  watch(watch: Watch): void {
    this.#linkOf(watch.tenant ?? '', watch.room ?? '').watch(watch);
  }

  /** Resolves when all that was published has been sent and all that is reliable accepted. */
  async settled(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.settled()));
  }

  /** Ends every stream for good. */
  stop(): void {
    for (const link of this.#links.values()) link.stop();
  }

  #linkOf(tenant: string, room: string): MetadataLink {
    return this.#link(this.#routes.get(routeKey(tenant, room)) ?? this.#options.address);
  }

  #link(address: string): MetadataLink {
    const present = this.#links.get(address);
    if (present) return present;
    const { nodeToken, hello, listener, delay } = this.#options;
    const link = new MetadataLink(
      { address, nodeToken, hello, delay: delay?.() },
      {
        received: (down) => this.#received(down),
        attached: () => listener?.attached?.(address),
        detached: (reason, retryMs) => listener?.detached?.(address, reason, retryMs),
      },
    );
    this.#links.set(address, link);
    return link;
  }

  #heed(advice: AdviceEvent): void {
    this.#advice = advice;
    this.#pace.advised(advice);
  }

  #received(down: NodeDown): void {
    const { listener } = this.#options;
    if (down.advice) this.#heed(readAdvice(down.advice));
    const { moved, batch, snapshotWanted, throttled, advice } = down;
    if (moved?.address) {
      this.route(moved.tenant ?? '', moved.room ?? '', moved.address);
      listener?.moved?.(moved.tenant ?? '', moved.room ?? '', moved.address);
    } else if (batch && listener?.frames) listener.frames(decodeAll(batch.frames ?? []));
    else if (snapshotWanted) listener?.snapshotWanted?.(snapshotWanted.stream ?? '', snapshotWanted.segment ?? 0);
    else if (throttled) listener?.throttled?.(throttled);
    else if (advice) listener?.advice?.(advice);
  }
}

function routeKey(tenant: string, room: string): string {
  return `${tenant}\0${room}`;
}

/** Decodes frames; one that does not decode is left out, because the rest are still good. */
function decodeAll(encoded: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = [];
  for (const bytes of encoded) {
    try {
      frames.push(proto.Frame.decode(bytes));
    } catch {}
  }
  return frames;
}
