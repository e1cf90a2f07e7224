/**
 * A node's stream to one metadata worker: batches what its lanes may send and keeps what was not accepted.
 *
 * Invariants: a batch holds at most 64 frames; a frame with credit waits at most `FLUSH_MS` for others to go with it,
 * and longer only for the stream's back-pressure; each new stream begins with the hello, then the watches, then what
 * the last one left unaccepted.
 */
import { MOST_BATCH_FRAMES } from '../../schemas/batch-walk.ts';
import { KIND_NAMES } from '../../schemas/kinds.ts';
import { type Frame, type NodeDown, type NodeHello, type NodeUp, proto } from '../../schemas/proto.ts';
import { nodeMetadataService } from '../../schemas/services.ts';
import type { ReconnectDelay } from '../client/reconnect-delay.ts';
import { FrameLanes, type Offered, type Waiting, type WhenBlocked } from './frame-lanes.ts';
import { KeptStream } from './kept-stream.ts';

/** Below the promised 5 ms, because timers are late rather than early. */
const FLUSH_MS = 4;

export type Watch = NonNullable<NodeUp['watch']>;

export interface MetadataLinkOptions {
  readonly address: string;
  readonly nodeToken?: string | undefined;
  readonly hello: NodeHello;
  readonly delay?: ReconnectDelay | undefined;
}

/** Who hears of a link. Credits and acceptances stay inside. */
export interface MetadataLinkListener {
  /** Everything else the worker says. */
  received(down: NodeDown): void;
  attached(): void;
  detached(reason: string, retryMs: number): void;
}

export class MetadataLink {
  readonly #options: MetadataLinkOptions;
  readonly #listener: MetadataLinkListener;
  readonly #lanes = new FrameLanes();
  readonly #watches = new Map<string, Watch>();
  /** Class by the word of a kind, as the worker said when the stream began; until then nothing may be sent anyway. */
  #classes: Readonly<Record<string, string>> = {};
  readonly #stream: KeptStream<NodeUp, NodeDown>;
  #flush: NodeJS.Timeout | null = null;
  #resume: NodeJS.Timeout | null = null;
  #idle: (() => void)[] = [];

  /** Dials at once and for ever, until `stop()`. */
  constructor(options: MetadataLinkOptions, listener: MetadataLinkListener) {
    this.#options = options;
    this.#listener = listener;
    const { address, nodeToken, delay } = options;
    this.#stream = new KeptStream(
      { address, nodeToken, delay, method: nodeMetadataService.attach },
      {
        opened: () => this.#opened(),
        received: (down) => this.#received(down),
        drained: () => this.#send(),
        closed: (reason, retryMs) => {
          this.#lanes.reset();
          listener.detached(reason, retryMs);
        },
      },
    );
  }

  get attached(): boolean {
    return this.#stream.open;
  }

  /** Reliable frames the worker has not accepted yet. */
  get unaccepted(): number {
    return this.#lanes.reliable;
  }

  /** Takes a frame over; it leaves in the next batch its class has credit for. */
  offer(waiting: Omit<Waiting, 'className'>, whenBlocked: WhenBlocked): Offered {
    const nowMs = performance.now();
    const className = this.#classOf(waiting.frame);
    const offered = this.#lanes.offer({ ...waiting, className }, whenBlocked, nowMs);
    if (offered !== 'queued') return offered;
    const sendable = this.#lanes.sendable(nowMs);
    if (sendable >= MOST_BATCH_FRAMES) this.#send();
    else if (sendable > 0) this.#flush ??= setTimeout(() => this.#send(), FLUSH_MS);
    else this.#resumeLater(nowMs);
    return offered;
  }

  /** Takes out what waits unsent for a room. */
  withdraw(tenant: string, room: string): Waiting[] {
    return this.#lanes.withdraw(tenant, room);
  }

  /** Asks for a room's metadata, now and after every reconnection; `stop: true` ends that. */
  watch(watch: Watch): void {
    const key = `${watch.tenant}\0${watch.room}`;
    if (watch.stop) this.#watches.delete(key);
    else this.#watches.set(key, watch);
    if (this.#stream.open) this.#stream.write({ watch });
  }

  /** Forgets a watch and hands it over, for another link to take. */
  withdrawWatch(tenant: string, room: string): Watch | undefined {
    const key = `${tenant}\0${room}`;
    const watch = this.#watches.get(key);
    if (!watch) return undefined;
    this.#watches.delete(key);
    if (this.#stream.open) this.#stream.write({ watch: { tenant, room, stop: true } });
    return watch;
  }

  /** Resolves when nothing waits and all reliable frames are accepted. */
  settled(): Promise<void> {
    if (this.#quiet()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends the stream for good; what waits is forgotten. */
  stop(): void {
    if (this.#flush) clearTimeout(this.#flush);
    if (this.#resume) clearTimeout(this.#resume);
    this.#stream.stop();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #opened(): void {
    this.#stream.write({ hello: this.#options.hello });
    for (const watch of this.#watches.values()) this.#stream.write({ watch });
    this.#listener.attached();
  }

  #received(down: NodeDown): void {
    const { credit, accepted, throttled, gateway } = down;
    if (gateway) {
      this.#classes = gateway.classes ?? {};
      this.#lanes.reclassify((frame) => this.#classOf(frame));
    } else if (credit) {
      this.#lanes.grant(credit.class ?? '', credit.frames ?? 0);
      this.#send();
    } else if (accepted) {
      this.#lanes.accept(accepted.upTo ?? 0);
      this.#settle();
    } else {
      if (throttled?.retryAfterMs) {
        this.#lanes.pause(throttled.class ?? '', performance.now() + throttled.retryAfterMs);
        this.#send();
      }
      this.#listener.received(down);
    }
  }

  #classOf(frame: Frame): string {
    return this.#classes[KIND_NAMES[frame.kind ?? 0] ?? ''] ?? '';
  }

  #send(): void {
    if (this.#flush) clearTimeout(this.#flush);
    this.#flush = null;
    const nowMs = performance.now();
    while (this.#stream.ready) {
      const frames = this.#lanes.take(MOST_BATCH_FRAMES, nowMs);
      if (frames.length === 0) break;
      this.#stream.write({ batch: { frames: frames.map(encode) } });
    }
    this.#settle();
    this.#resumeLater(nowMs);
  }

  /** Looks again when the next class that was told to wait may go on. */
  #resumeLater(nowMs: number): void {
    const resumesAtMs = this.#lanes.resumesAtMs(nowMs);
    if (this.#resume || resumesAtMs === Number.POSITIVE_INFINITY) return;
    this.#resume = setTimeout(
      () => {
        this.#resume = null;
        this.#send();
      },
      resumesAtMs - nowMs + 1,
    );
  }

  #settle(): void {
    if (this.#idle.length === 0 || !this.#quiet()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #quiet(): boolean {
    return this.#lanes.waiting === 0 && this.#lanes.reliable === 0;
  }
}

function encode(frame: Frame): Uint8Array {
  return proto.Frame.encode(frame).finish();
}
