/**
 * One node's metadata stream: frames in batches, for any room, on behalf of anybody.
 *
 *     batch ─► each frame: peek ─► bucket and credit of the node ─► walk ─► publisher ─► its room
 *
 * A node has one row of buckets for all it carries, NODE_RATE_FACTOR times a session's. One that sends without credit
 * loses frames, counted; one that goes on, or has a final refused, loses the stream with RESOURCE_EXHAUSTED.
 */
import { AcceptedNumbers } from '../../backpressure/accepted-numbers.ts';
import { ByteKeyTable } from '../../backpressure/byte-key-table.ts';
import type { Policy } from '../../classes/policy.ts';
import { Decision, type SessionAdmission } from '../../classes/session-admission.ts';
import { PEEK_FINAL, PEEK_MALFORMED, peekFrame } from '../../schemas/frame-peek.ts';
import { FrameWalk, WalkResult } from '../../schemas/frame-walk.ts';
import { isMetadata, KIND_NAMES, Kind } from '../../schemas/kinds.ts';
import { Outcome } from '../../schemas/metric-names.ts';
import { LinkEnd, type NodeLink } from '../nodes/node-metadata-server.ts';
import type { PlaneCounters } from '../telemetry/plane-counters.ts';
import { UNPACED } from './notices.ts';
import { greetNode } from './node-greeting.ts';
import { placeFrame } from './place-frame.ts';
import { Publisher, refusalsFor } from './publisher.ts';
import { QUEUED, type Room } from './room.ts';
import type { Moment } from './room-frame.ts';
import type { Rooms } from './rooms.ts';

/** A node carries the streams of many: its buckets are this many sessions'. */
export const NODE_RATE_FACTOR = 200;
/** Refusals in one second beyond which a node is taken not to heed credit at all. */
const REFUSAL_CEILING = 20_000;
const MOST_FRAMES = 64;

/** What node streams share. */
export interface NodeStreamContext {
  readonly policy: Policy;
  readonly admission: SessionAdmission;
  readonly counters: PlaneCounters;
  readonly rooms: Rooms;
  /** Null when the room is this worker's; else the outcome of passing the frame on to the right one. */
  forward(
    link: NodeLink,
    tenant: string,
    room: string,
    frame: Buffer,
    classIndex: number,
    nowMs: number,
  ): number | null;
}

/** One participant the node speaks for in one room. */
interface Carried {
  readonly room: Room;
  readonly publisher: Publisher;
  usedMs: number;
}

const walk = new FrameWalk();
let keyScratch = Buffer.allocUnsafeSlow(1024);

export class NodeStream {
  readonly link: NodeLink;
  readonly #context: NodeStreamContext;
  readonly #row: number;
  readonly #carried = new ByteKeyTable<Carried>();
  #refusedInWindow = 0;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  readonly #accepted = new AcceptedNumbers();
  #acceptedTold = 0;
  #closed = false;

  constructor(link: NodeLink, context: NodeStreamContext) {
    this.link = link;
    this.#context = context;
    this.#row = context.admission.open(NODE_RATE_FACTOR);
    if (!link.isGateway) greetNode(link, context.policy, NODE_RATE_FACTOR);
  }

  /** Takes one batch. */
  receive(frames: readonly Uint8Array[], moment: Moment): void {
    if (frames.length > MOST_FRAMES) {
      this.link.end(LinkEnd.badMessage, `a batch holds at most ${MOST_FRAMES} frames, this one has ${frames.length}`);
      return;
    }
    for (const frame of frames) {
      // Any frame may end the stream.
      if (this.#closed) return;
      this.#admit(bufferOf(frame), moment);
    }
  }

  /** Tells the node what it may send and what has been taken, as far as there is news. */
  tell(creditShare: number): void {
    const { admission, policy } = this.#context;
    const { upTo } = this.#accepted;
    if (upTo !== this.#acceptedTold) {
      this.#acceptedTold = upTo;
      this.link.write({ accepted: { upTo } });
    }
    policy.classes.forEach((trafficClass, index) => {
      if (trafficClass.plane !== 'metadata' || trafficClass.retired || !admission.creditIsLow(this.#row, index)) return;
      const granted = admission.grant(this.#row, index, creditShare);
      // The control plane and other workers pass on what others were given credit for: they are told of none.
      if (granted > 0 && !this.link.isGateway)
        this.link.write({ credit: { class: trafficClass.name, frames: granted } });
    });
  }

  /** As `Notices.policyChanged`, for a node. */
  policyChanged(bereft: readonly string[]): void {
    if (this.link.isGateway) return;
    for (const name of bereft) this.link.write({ credit: { class: name, frames: UNPACED } });
  }

  /** Lets go of those the node has not spoken for since `usedBeforeMs`, and what they kept. */
  forgetIdle(usedBeforeMs: number): void {
    const idle: Uint8Array[] = [];
    this.#carried.forEach(({ room, publisher, usedMs }, key) => {
      if (usedMs >= usedBeforeMs) return;
      idle.push(key);
      room.publishers--;
      room.forgetKeysOf(publisher);
    });
    for (const key of idle) this.#carried.delete(key, 0, key.length);
  }

  /** The stream has ended: what its publishers kept goes with them. */
  close(): void {
    this.#closed = true;
    this.#context.admission.close(this.#row);
    this.forgetIdle(Number.POSITIVE_INFINITY);
  }

  #admit(bytes: Buffer, moment: Moment): void {
    const { counters, policy } = this.#context;
    const peeked = peekFrame(bytes, 0, bytes.length);
    const kind = peeked & ~PEEK_FINAL;
    const classIndex = peeked === PEEK_MALFORMED || !isMetadata(kind) ? -1 : policy.classByKind[kind]!;
    counters.offer(classIndex, bytes.length);
    if (classIndex < 0) return this.#malformed(classIndex, 'expected a metadata frame that begins with its kind');
    if (!this.#charge(classIndex, (peeked & PEEK_FINAL) !== 0, moment)) return;

    let found = walk.frame(bytes, 0, bytes.length, true);
    if (found === WalkResult.ok) found = walk.payload(bytes);
    if (found !== WalkResult.ok || walk.tenantStart < 0 || walk.roomStart < 0) {
      return this.#malformed(classIndex, `a ${KIND_NAMES[kind]} frame is broken or lacks its tenant or room`);
    }
    const carried = this.#carriedFor(bytes, classIndex, moment.nowMs);
    if (typeof carried === 'number') {
      counters.settle(classIndex, carried);
      if (carried === Outcome.delivered) this.#accept(walk.pub);
      return;
    }
    const outcome = placeFrame(policy, carried.room, carried.publisher, bytes, walk, moment);
    if (outcome === QUEUED) counters.enqueue(classIndex);
    else counters.settle(classIndex, outcome);
    if (outcome === Outcome.malformed) {
      return this.link.end(
        LinkEnd.badMessage,
        `a ${KIND_NAMES[kind]} frame lacks its key, is not UTF-8 or changes mode`,
      );
    }
    if (kind === Kind.caption && walk.final && outcome === QUEUED) counters.finalsReceived++;
    if (outcome !== Outcome.evicted_overflow) this.#accept(walk.pub);
  }

  #charge(classIndex: number, final: boolean, moment: Moment): boolean {
    const { admission, counters } = this.#context;
    const decision = admission.admit(this.#row, classIndex, final, moment.nowMs);
    if (decision === Decision.admitted) return true;
    const outcome = decision === Decision.noCredit ? Outcome.rejected_credit : Outcome.rejected_session;
    counters.settle(classIndex, outcome);
    if (moment.nowMs - this.#windowStartMs >= 1000) {
      this.#windowStartMs = moment.nowMs;
      this.#refusedInWindow = 0;
    }
    if (decision === Decision.finalsOverRate || ++this.#refusedInWindow > REFUSAL_CEILING) {
      this.link.end(LinkEnd.overrun, 'sent far beyond its credit');
    }
    return false;
  }

  /** Room and publisher of the walked frame; an outcome when another worker serves the room. */
  #carriedFor(bytes: Buffer, classIndex: number, nowMs: number): Carried | number {
    const length = keyOf(bytes);
    const known = this.#carried.find(keyScratch, 0, length);
    if (known !== undefined) {
      known.usedMs = nowMs;
      return known;
    }
    const tenant = bytes.toString('utf8', walk.tenantStart, walk.tenantEnd);
    const name = bytes.toString('utf8', walk.roomStart, walk.roomEnd);
    const elsewhere = this.#context.forward(this.link, tenant, name, bytes, classIndex, nowMs);
    if (elsewhere !== null) return elsewhere;
    const room = this.#context.rooms.get(tenant, name, nowMs);
    room.publishers++;
    const from = walk.fromStart < 0 ? '' : bytes.toString('utf8', walk.fromStart, walk.fromEnd);
    // Only a worker that passes a node's frame on speaks in another's name.
    const named = this.link.isGateway && walk.nodeStart >= 0;
    const node = named ? bytes.toString('utf8', walk.nodeStart, walk.nodeEnd) : this.link.nodeId;
    const publisher = new Publisher({
      identity: from === '' ? node : from,
      node,
      trusted: true,
      bucketRow: this.#row,
      refusals: refusalsFor('agent', true),
      policy: this.#context.policy,
    });
    const carried = { room, publisher, usedMs: nowMs };
    this.#carried.insert(keyScratch, 0, length, carried);
    return carried;
  }

  #accept(pub: number): void {
    // One that has been taken before is sent again by a node that has not heard so.
    if (pub > 0 && pub <= this.#accepted.upTo) this.#acceptedTold = 0;
    this.#accepted.take(pub);
  }

  #malformed(classIndex: number, message: string): void {
    this.#context.counters.settle(classIndex, Outcome.malformed);
    this.link.end(LinkEnd.badMessage, message);
  }
}

/** Puts tenant, room and origin of the walked frame behind each other in `keyScratch`; returns the length. */
function keyOf(bytes: Buffer): number {
  const most = bytes.length + 4;
  if (keyScratch.length < most) keyScratch = Buffer.allocUnsafeSlow(most * 2);
  let at = bytes.copy(keyScratch, 0, walk.tenantStart, walk.tenantEnd);
  keyScratch[at++] = 0;
  at += bytes.copy(keyScratch, at, walk.roomStart, walk.roomEnd);
  keyScratch[at++] = 0;
  if (walk.fromStart >= 0) at += bytes.copy(keyScratch, at, walk.fromStart, walk.fromEnd);
  keyScratch[at++] = 0;
  if (walk.nodeStart >= 0) at += bytes.copy(keyScratch, at, walk.nodeStart, walk.nodeEnd);
  return at;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
