/**
 * Frames of nodes for rooms another worker serves: passed on to it, and the node is told the right address, so that
 * this happens to the first frames only.
 */
import type { Policy } from '../../../classes/policy.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import { proto } from '../../../schemas/proto.ts';
import { localMetadataAddresses, metadataAddresses } from '../../fabric/metadata-url.ts';
import { roomWorker } from '../../fabric/room-worker.ts';
import { MetadataForwarder } from '../../nodes/metadata-forwarder.ts';
import type { NodeLink } from '../../nodes/node-metadata-server.ts';
import type { PlaneStart } from '../../supervisor/plane-link.ts';
import { PlaneCounters } from '../../telemetry/plane-counters.ts';

/** A node is told of a room's right worker at most this often. */
const TELL_GAP_MS = 1000;
/** Rooms remembered as told; beyond it everything is forgotten, and told again. */
const MOST_TOLD = 10_000;

export class WrongWorker {
  readonly #worker: number;
  readonly #workers: number;
  readonly #addresses: readonly string[];
  /** The forwarder settles frames too; this worker has already, so its counts are kept apart. */
  readonly #forwarder: MetadataForwarder | null;
  readonly #toldMs = new Map<string, number>();

  constructor({ config, worker, internalToken }: PlaneStart, policy: Policy) {
    this.#worker = worker;
    this.#workers = config.metadataWorkers;
    this.#addresses = metadataAddresses(config);
    const { gatewayId, region } = config;
    const options = { gatewayId, region, addresses: localMetadataAddresses(config), internalToken, policy };
    const listener = { attached: () => {}, deliver: () => {} };
    const alone = this.#workers === 1;
    const counters = new PlaneCounters(policy.classes.map(({ name }) => name));
    this.#forwarder = alone ? null : new MetadataForwarder(options, listener, counters);
  }

  /**
   * Null when this worker serves the room. Otherwise how the frame ended here: `delivered` to the right worker under
   * the node's name, or `failed` because that worker is away.
   */
  forward(
    link: NodeLink,
    tenant: string,
    room: string,
    frame: Buffer,
    classIndex: number,
    nowMs: number,
  ): number | null {
    if (this.#forwarder === null) return null;
    const right = roomWorker(tenant, room, this.#workers);
    if (right === this.#worker) return null;
    this.#tellMoved(link, tenant, room, right, nowMs);
    if (!this.#forwarder.isAttached(right)) return Outcome.failed;
    // Fields may come in any order and the last one counts, so the node's name is put behind what it sent.
    const named = Buffer.concat([frame, proto.Frame.encode({ node: link.nodeId }).finish()]);
    this.#forwarder.frame(right, '', named, classIndex);
    return Outcome.delivered;
  }

  #tellMoved(link: NodeLink, tenant: string, room: string, right: number, nowMs: number): void {
    const key = `${link.nodeId}\0${tenant}\0${room}`;
    if (nowMs - (this.#toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < TELL_GAP_MS) return;
    if (this.#toldMs.size >= MOST_TOLD) this.#toldMs.clear();
    this.#toldMs.set(key, nowMs);
    link.write({ moved: { tenant, room, address: this.#addresses[right]! } });
  }

  stop(): void {
    this.#forwarder?.stop();
  }
}
