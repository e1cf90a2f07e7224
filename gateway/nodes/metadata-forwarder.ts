/**
 * The control plane as a node of the metadata plane: what mixed sockets publish goes there in batches, what they are
 * to receive comes back, and each worker knows the sessions of its rooms.
 *
 *     frame() ─► one turn's frames, per session, with their classes ─► NodeBatch (≤ 64) ─► the room's worker
 *
 * Invariants: a frame is handed to the stream once or counted as failed; frames of a session keep their order; at most
 * `MAX_PENDING_FRAMES` wait per worker, and only while its stream lives; an update of a session never overtakes frames
 * the session sent before it. Signalling goes on whether or not a worker is there.
 */
import { setImmediate } from 'node:timers';
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
import type { Policy } from '../../classes/policy.ts';
import { MOST_BATCH_FRAMES } from '../../schemas/batch-walk.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import type { NodeDown, NodeUp, SessionUpdate } from '../../schemas/proto.ts';
import { nodeMetadataService } from '../../schemas/services.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { hopFields } from './hop-classes.ts';
import { StreamWriter } from './stream-writer.ts';

const MAX_PENDING_FRAMES = 4096;
const MAX_QUEUED_UPDATES = 65_536;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;
const CONNECT_MS = 1000;
const ROLE_GATEWAY = 2;

export interface ForwarderOptions {
  readonly gatewayId: string;
  readonly region: string;
  /** NodeMetadata addresses, worker 0 first. */
  readonly addresses: readonly string[];
  readonly internalToken: string;
  readonly policy: Pick<Policy, 'version' | 'classes'>;
}

export interface ForwarderListener {
  /** A worker is there, for the first time or again: it knows no session yet. */
  attached(worker: number): void;
  /** A WebSocket message for a mixed socket; empty when only `close` is meant. `close` 0: the socket stays. */
  deliver(session: string, message: Uint8Array, close: number): void;
}

interface Batch {
  readonly session: string;
  readonly frames: Uint8Array[];
  readonly classes: number[];
  readonly policyVersion: number;
}
/** One worker's stream and what waits for it. */
interface Link {
  readonly worker: number;
  readonly address: string;
  readonly client: Client;
  writer: StreamWriter<NodeUp> | null;
  stream: ClientDuplexStream<NodeUp, NodeDown> | null;
  /** Batches in order; the newest of a session may still grow. */
  batches: Batch[];
  readonly growing: Map<string, Batch>;
  pendingFrames: number;
  retryMs: number;
  retry: NodeJS.Timeout | null;
}

export class MetadataForwarder {
  readonly #options: ForwarderOptions;
  readonly #listener: ForwarderListener;
  readonly #counters: PlaneCounters;
  readonly #links: Link[];
  #flushWanted = false;
  #stopped = false;

  /** Connects to every worker at once and for ever. Class rows are those of `counters`. */
  constructor(options: ForwarderOptions, listener: ForwarderListener, counters: PlaneCounters) {
    this.#options = options;
    this.#listener = listener;
    this.#counters = counters;
    this.#links = options.addresses.map((address, worker) => this.#link(address, worker));
    for (const link of this.#links) this.#connect(link);
  }

  /** Whether a worker's stream is up. */
  isAttached(worker: number): boolean {
    return this.#links[worker]?.writer != null;
  }

  /**
   * Takes over one encoded frame that has been offered and admitted, and settles it. `bytes` must stay as they are.
   * The worker knows from `session` whose frame it is.
   */
  frame(worker: number, session: string, bytes: Uint8Array, classIndex: number): void {
    const link = this.#links[worker];
    if (!link?.writer || link.pendingFrames >= MAX_PENDING_FRAMES) {
      this.#counters.settle(classIndex, Outcome.failed);
      return;
    }
    this.#counters.enqueue(classIndex);
    link.pendingFrames++;
    let batch = link.growing.get(session);
    const policyVersion = this.#options.policy.version;
    if (!batch || batch.frames.length === MOST_BATCH_FRAMES || batch.policyVersion !== policyVersion) {
      batch = { session, frames: [], classes: [], policyVersion };
      link.growing.set(session, batch);
      link.batches.push(batch);
    }
    batch.frames.push(bytes);
    batch.classes.push(classIndex);
    if (this.#flushWanted) return;
    this.#flushWanted = true;
    setImmediate(() => this.#flushAll());
  }

  /** Tells a worker of a session. Lost while the worker is away: `attached` asks for all of them again. */
  update(worker: number, sessionUpdate: SessionUpdate): void {
    this.#write(worker, { sessionUpdate });
  }

  /** Passes on how far a mixed socket has received. False when the worker is away. */
  ack(worker: number, session: string, upTo: number): boolean {
    return this.#write(worker, { ack: { session, upTo } });
  }

  /** Ends every stream; what waits is counted as failed. */
  stop(): void {
    this.#stopped = true;
    for (const link of this.#links) {
      if (link.retry) clearTimeout(link.retry);
      link.stream?.cancel();
      this.#detach(link);
      link.client.close();
    }
  }

  #write(worker: number, message: NodeUp): boolean {
    const link = this.#links[worker];
    if (!link?.writer) return false;
    this.#flush(link, true);
    return link.writer.write(message);
  }

  #flushAll(): void {
    this.#flushWanted = false;
    for (const link of this.#links) this.#flush(link, false);
  }

  /** Hands over what the stream takes without waiting; all of it, waiting or not, when something follows that must not overtake. */
  #flush(link: Link, all: boolean): void {
    const { writer } = link;
    if (!writer || link.batches.length === 0) return;
    let sent = 0;
    for (const { session, frames, classes, policyVersion } of link.batches) {
      if (!all && !writer.ready) break;
      const outcome = writer.write({
        batch: { session, frames, ...hopFields(this.#options.policy, classes), policyVersion },
      })
        ? Outcome.delivered
        : Outcome.failed;
      for (const classIndex of classes) this.#counters.settleQueued(classIndex, outcome);
      link.pendingFrames -= frames.length;
      sent++;
    }
    link.batches = sent === link.batches.length ? [] : link.batches.slice(sent);
    link.growing.clear();
  }

  #link(address: string, worker: number): Link {
    const client = new Client(address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': FIRST_RETRY_MS,
      'grpc.min_reconnect_backoff_ms': FIRST_RETRY_MS,
      'grpc.max_reconnect_backoff_ms': CONNECT_MS,
      'grpc.keepalive_time_ms': 10_000,
      'grpc.use_local_subchannel_pool': 1,
      // A stream is begun again by us, with what must be told again; grpc-js would keep a copy of all that was written.
      'grpc.enable_retries': 0,
    });
    return {
      worker,
      address,
      client,
      writer: null,
      stream: null,
      batches: [],
      growing: new Map(),
      pendingFrames: 0,
      retryMs: FIRST_RETRY_MS,
      retry: null,
    };
  }

  #connect(link: Link): void {
    link.retry = null;
    link.client.waitForReady(Date.now() + CONNECT_MS, (error) => {
      if (this.#stopped) return;
      if (error) this.#retryLater(link);
      else this.#attach(link);
    });
  }

  #attach(link: Link): void {
    const { path, requestSerialize, responseDeserialize } = nodeMetadataService.attach;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.#options.internalToken}`);
    const stream = link.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    const openedAtMs = performance.now();
    const ended = (): void => {
      if (link.stream !== stream) return;
      // A worker that turns us away at once is asked less and less often.
      if (performance.now() - openedAtMs > LAST_RETRY_MS) link.retryMs = FIRST_RETRY_MS;
      this.#detach(link);
      if (!this.#stopped) this.#retryLater(link);
    };
    stream.on('data', (down: NodeDown) => this.#receive(down));
    stream.on('error', ended);
    stream.on('end', ended);
    link.stream = stream;
    link.writer = new StreamWriter<NodeUp>(stream, MAX_QUEUED_UPDATES, () => this.#flush(link, false));
    const { gatewayId, region } = this.#options;
    link.writer.write({ hello: { nodeId: gatewayId, role: ROLE_GATEWAY, region } });
    this.#listener.attached(link.worker);
  }

  #receive(down: NodeDown): void {
    const { deliver } = down;
    if (!deliver?.session) return;
    this.#listener.deliver(
      deliver.session,
      deliver.message ?? new Uint8Array(),
      deliver.close ? (deliver.code ?? 0) : 0,
    );
  }

  #detach(link: Link): void {
    link.writer?.stop();
    link.writer = null;
    link.stream = null;
    for (const { classes } of link.batches) {
      for (const classIndex of classes) this.#counters.settleQueued(classIndex, Outcome.failed);
    }
    link.batches = [];
    link.growing.clear();
    link.pendingFrames = 0;
  }

  /** Decorrelated jitter: min(cap, U(base, 3 · previous)). */
  #retryLater(link: Link): void {
    link.retryMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS + Math.random() * (3 * link.retryMs - FIRST_RETRY_MS));
    link.retry = setTimeout(() => this.#connect(link), link.retryMs);
  }
}
