/**
 * Those a node speaks for: one publisher for each participant and room, with buckets of its room and tenant.
 *
 * Invariant: each is in its room as a publisher, and holds its flow, until it is forgotten.
 */
import { ByteKeyTable } from '../../../backpressure/byte-key-table.ts';
import type { AdmissionHierarchy } from '../../../classes/admission-hierarchy.ts';
import type { FrameClassifier } from '../../../classes/frame-classifier.ts';
import type { Policy } from '../../../classes/policy.ts';
import type { FrameWalk } from '../../../schemas/frame-walk.ts';
import type { NodeLink } from '../../nodes/node-metadata-server.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import type { Room } from '../rooms/room.ts';
import { carriedKey, makeCarriedKey } from './carried-key.ts';
import { originOf } from './walk-node-frame.ts';

/** One participant the node speaks for in one room. */
export interface Carried {
  readonly room: Room;
  readonly publisher: Publisher;
  usedMs: number;
}

export class CarriedPublishers {
  readonly #link: NodeLink;
  readonly #admission: AdmissionHierarchy;
  readonly #policy: Policy;
  /** The node's session in admission. */
  readonly #session: number;
  readonly #carried = new ByteKeyTable<Carried>();

  constructor(
    link: NodeLink,
    { admission, policy }: { readonly admission: AdmissionHierarchy; readonly policy: Policy },
    session: number,
  ) {
    this.#link = link;
    this.#admission = admission;
    this.#policy = policy;
    this.#session = session;
  }

  /** For whom the walked frame is, if he is known. */
  find(walk: FrameWalk, bytes: Buffer): Carried | undefined {
    makeCarriedKey(walk, bytes);
    return this.#carried.find(carriedKey.bytes, 0, carriedKey.length);
  }

  /** Begins to carry for whom the walked frame is: call it right after `find` did not find him. */
  begin(room: Room, walk: FrameWalk, bytes: Buffer, classifier: FrameClassifier, nowMs: number): Carried {
    room.enter();
    const publisher = new Publisher({
      ...originOf(walk, bytes, this.#link),
      trusted: true,
      bucketRow: this.#admission.openFlow(this.#session, { tenant: room.tenant, identity: null, room: room.name }),
      refusals: refusalsFor('agent', true),
      classifier,
      policy: this.#policy,
    });
    publisher.askSnapshot = (stream, segment) => this.#link.write({ snapshotWanted: { stream, segment } });
    const carried = { room, publisher, usedMs: nowMs };
    this.#carried.insert(carriedKey.bytes, 0, carriedKey.length, carried);
    return carried;
  }

  /** Lets go of those the node has not spoken for since `usedBeforeMs`, and what they kept. */
  forgetIdle(usedBeforeMs: number, nowMs: number): void {
    const idle: Uint8Array[] = [];
    this.#carried.forEach(({ room, publisher, usedMs }, key) => {
      if (usedMs >= usedBeforeMs) return;
      this.#admission.close(publisher.bucketRow, nowMs);
      idle.push(key);
      room.leave(publisher);
    });
    for (const key of idle) this.#carried.delete(key, 0, key.length);
  }
}
