/**
 * One node's metadata stream: frames in batches, for any room, on behalf of anybody.
 *
 *     batch ─► each frame: walk ─► class ─► bucket and credit of the node ─► publisher ─► its buckets ─► its room
 *
 * The walk comes first because a frame's class may hang on its tenant, which stands inside.
 * A node has one row of buckets for all it carries, NODE_RATE_FACTOR times a session's. One that sends without credit
 * loses frames, counted; one that goes on, or has a final refused, loses the stream with RESOURCE_EXHAUSTED.
 */
import { AcceptedNumbers } from '../../../backpressure/accepted-numbers.ts';
import { type AdmissionHierarchy, Decision } from '../../../classes/admission-hierarchy.ts';
import { classOfFrame } from '../../../classes/class-of-frame.ts';
import { outcomeOf } from '../../../classes/decision-outcome.ts';
import type { ClassTables, FrameClassifier } from '../../../classes/frame-classifier.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Principal } from '../../../classes/rule-table.ts';
import { MOST_BATCH_FRAMES } from '../../../schemas/batch-walk.ts';
import { KIND_NAMES, Kind } from '../../../schemas/kinds.ts';
import { Outcome } from '../../../schemas/metric-names.ts';
import { LinkEnd, type NodeLink } from '../../nodes/node-metadata-server.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import { UNKNOWN_CLASS } from '../intake/frame-intake.ts';
import { UNPACED } from '../intake/notices.ts';
import { OVERLOAD_RETRY_MS, type OverloadGate, SHED_RETRY_MS } from '../intake/overload-gate.ts';
import { BUDGET_EXHAUSTED, TurnCosts } from '../intake/turn-costs.ts';
import { Arrival } from '../rooms/arrival.ts';
import type { Room } from '../rooms/room.ts';
import type { Moment } from '../rooms/room-frame.ts';
import { QUEUED } from '../rooms/room-parts.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { type Carried, CarriedPublishers } from './carried-publishers.ts';
import { greetNode, tellClasses } from './node-greeting.ts';
import { Refusals } from './refusals.ts';
import { bufferOf, faultOf, NodeFrame, tenantOf, walkNodeFrame } from './walk-node-frame.ts';
import type { WrongWorker } from './wrong-worker.ts';

/** A node carries the streams of many: its buckets are this many sessions'. */
export const NODE_RATE_FACTOR = 200;
/** Refusals in one second beyond which a node is taken not to heed credit at all. */
const REFUSAL_CEILING = 20_000;

/** What node streams share. */
export interface NodeStreamContext {
  readonly policy: Policy;
  readonly classes: ClassTables;
  readonly admission: AdmissionHierarchy;
  readonly overload: OverloadGate;
  readonly counters: PlaneCounters;
  readonly rooms: Rooms;
  readonly wrongWorker: WrongWorker;
}

const arrival = new Arrival();
const { walk } = arrival;

export class NodeStream {
  readonly link: NodeLink;
  readonly #context: NodeStreamContext;
  /** The node's row in admission: one session, with a flow for each room and participant. */
  readonly #session: number;
  readonly #carried: CarriedPublishers;
  readonly #refusals = new Refusals();
  readonly #costs: TurnCosts;
  readonly #accepted = new AcceptedNumbers();
  #acceptedTold = 0;
  #closed = false;

  constructor(link: NodeLink, context: NodeStreamContext) {
    this.link = link;
    this.#context = context;
    this.#costs = new TurnCosts(context.policy, context.admission);
    this.#session = context.admission.openSession(NODE_RATE_FACTOR);
    this.#carried = new CarriedPublishers(link, context, this.#session);
    if (!link.isGateway) greetNode(link, context.policy, context.classes, NODE_RATE_FACTOR);
  }

  /** Takes one batch. `classes`: what another process of this gateway found, by frame. */
  receive(frames: readonly Uint8Array[], moment: Moment, classes: readonly number[] | null = null): void {
    if (frames.length > MOST_BATCH_FRAMES) {
      this.link.end(
        LinkEnd.badMessage,
        `a batch holds at most ${MOST_BATCH_FRAMES} frames, this one has ${frames.length}`,
      );
      return;
    }
    for (let index = 0; index < frames.length; index++) {
      // Any frame may end the stream.
      if (this.#closed) return;
      this.#admit(bufferOf(frames[index]!), moment, classes === null ? UNKNOWN_CLASS : classes[index]!);
    }
  }

  /** Tells the node what it may send, what has been taken and what was refused, as far as there is news. */
  tell(creditShare: number, nowMs: number): void {
    const { admission, policy } = this.#context;
    const { upTo } = this.#accepted;
    if (upTo !== this.#acceptedTold) {
      this.#acceptedTold = upTo;
      this.link.write({ accepted: { upTo } });
    }
    policy.classes.forEach((trafficClass, index) => {
      if (trafficClass.plane !== 'metadata' || trafficClass.retired || !admission.credits.isLow(this.#session, index))
        return;
      const granted = admission.grantCredit(this.#session, index, creditShare, nowMs);
      // The control plane and other workers pass on what others were given credit for: they are told of none.
      if (granted > 0 && !this.link.isGateway)
        this.link.write({ credit: { class: trafficClass.name, frames: granted } });
    });
    this.#refusals.tellDue(nowMs, (index, dropped, retryAfterMs) => {
      const throttled = { class: policy.classes[index]!.name, dropped, retryAfterMs };
      if (!this.link.isGateway) this.link.write({ throttled });
    });
  }

  /** As `Notices.policyChanged`, for a node. */
  policyChanged(bereft: readonly string[]): void {
    if (this.link.isGateway) return;
    tellClasses(this.link, this.#context.policy, this.#context.classes);
    for (const name of bereft) this.link.write({ credit: { class: name, frames: UNPACED } });
  }

  /** Lets go of those the node has not spoken for since `usedBeforeMs`, and what they kept. */
  forgetIdle(usedBeforeMs: number, nowMs: number): void {
    this.#carried.forgetIdle(usedBeforeMs, nowMs);
  }

  /** The stream has ended: what its publishers kept goes with them. */
  close(nowMs: number): void {
    this.#closed = true;
    this.forgetIdle(Number.POSITIVE_INFINITY, nowMs);
    this.#context.admission.closeSession(this.#session);
  }

  #admit(bytes: Buffer, moment: Moment, given: number): void {
    const { admission, classes, counters } = this.#context;
    const kind = walkNodeFrame(walk, bytes);
    if (kind < 0) return this.#malformed(kind, bytes);
    const known = this.#carried.find(walk, bytes);
    const classifier = known?.publisher.classifier ?? classes.sender(Principal.node, tenantOf(walk, bytes));
    const classIndex = given === UNKNOWN_CLASS ? classOfFrame(classifier, walk, bytes) : given;
    counters.offer(classIndex, bytes.length);
    const { final } = walk;
    const { nowMs } = moment;
    // Nothing is kept for, or asked of others about, what the node's own buckets refuse.
    const look = admission.look(this.#session, classIndex, final, nowMs);
    if (look !== Decision.admitted) {
      const waitMs = Math.max(0, admission.sessionWaitMs(this.#session, classIndex, final, nowMs));
      return this.#refuse(look, classIndex, final, waitMs, nowMs);
    }

    if (known !== undefined) known.usedMs = nowMs;
    const carried = known ?? this.#carry(bytes, classifier, classIndex, nowMs);
    if (typeof carried === 'number') {
      admission.admitSession(this.#session, classIndex, final, moment.nowMs);
      counters.settle(classIndex, carried);
      if (carried === Outcome.delivered) this.#accept(walk.pub);
      return;
    }
    const flow = carried.publisher.bucketRow;
    const decision = admission.admit(flow, classIndex, final, nowMs);
    if (decision !== Decision.admitted) {
      return this.#refuse(decision, classIndex, final, admission.retryAfterMs(flow, classIndex, final, nowMs), nowMs);
    }
    if (!final && this.#context.overload.ladder.sheds(kind, classIndex)) {
      counters.settle(classIndex, Outcome.evicted_ladder);
      return this.#shed(classIndex, nowMs);
    }
    if (!this.#context.overload.admits(carried.publisher, kind, classIndex, final, carried.room.groups.size)) {
      counters.settle(classIndex, Outcome.rejected_overload);
      this.#refusals.add(classIndex, OVERLOAD_RETRY_MS, nowMs);
      return;
    }
    const { room } = carried;
    arrival.of(carried.publisher, bytes, classIndex, moment);
    const poor = this.#costs.decide(room, arrival);
    if (poor !== Decision.admitted) return this.#endTurn(room, poor);
    const outcome = room.admit(arrival);
    if (outcome === QUEUED) {
      counters.enqueue(classIndex);
      this.#costs.charge(arrival);
    } else {
      counters.settle(classIndex, outcome);
      counters.spared += room.groups.size;
    }
    if (outcome === Outcome.malformed) {
      return this.link.end(
        LinkEnd.badMessage,
        `a ${KIND_NAMES[kind]} frame lacks its key, is not UTF-8, changes its stream's mode or contradicts its text so far`,
      );
    }
    if (kind === Kind.caption && walk.final && outcome === QUEUED) counters.finalsReceived++;
    if (outcome === Outcome.evicted_ladder) this.#shed(classIndex, nowMs);
    else if (outcome !== Outcome.evicted_overflow) this.#accept(walk.pub);
  }

  /** Notes a frame that the ladder took, to be told. */
  #shed(classIndex: number, nowMs: number): void {
    const waitMs = this.#context.overload.ladder.shedsClass(classIndex) ? SHED_RETRY_MS : 0;
    this.#refusals.add(classIndex, waitMs, nowMs);
  }

  /** Settles a refused frame; the node is told at intervals, or let go. */
  #refuse(decision: Exclude<Decision, 0>, classIndex: number, final: boolean, waitMs: number, nowMs: number): void {
    const { admission, counters } = this.#context;
    counters.settle(classIndex, outcomeOf(decision));
    const refused = this.#refusals.add(classIndex, waitMs, nowMs);
    const own = decision === Decision.session || decision === Decision.noCredit;
    // What a room, a tenant or the gateway refuses is no fault of the node: it is told, and the frame not confirmed.
    if ((own && final && admission.finalsApart(classIndex)) || refused > REFUSAL_CEILING) {
      this.link.end(LinkEnd.overrun, 'sent far beyond its credit');
    }
  }

  /** Settles the fragment that arrived and nobody can pay for; a turn that was under way ends, and the node is told which. */
  #endTurn(room: Room, poor: Exclude<Decision, 0>): void {
    const { classIndex, moment } = arrival;
    const told = this.#costs.cutOff(room, arrival, poor);
    this.#refuse(poor, classIndex, false, told.retryAfterMs, moment.nowMs);
    const message = `${BUDGET_EXHAUSTED}: ${told.message}`;
    const throttled = { class: this.#context.policy.classes[classIndex]!.name, dropped: 0, message };
    if (told.ended && !this.link.isGateway)
      this.link.write({ throttled: { ...throttled, retryAfterMs: told.retryAfterMs } });
  }

  /** Begins to carry for whom the walked frame is; an outcome when another worker serves the room. */
  #carry(bytes: Buffer, classifier: FrameClassifier, classIndex: number, nowMs: number): Carried | number {
    const tenant = tenantOf(walk, bytes);
    const name = bytes.toString('utf8', walk.roomStart, walk.roomEnd);
    const elsewhere = this.#context.wrongWorker.forward(this.link, tenant, name, bytes, classIndex, nowMs);
    return (
      elsewhere ?? this.#carried.begin(this.#context.rooms.get(tenant, name, nowMs), walk, bytes, classifier, nowMs)
    );
  }

  #accept(pub: number): void {
    // One that has been taken before is sent again by a node that has not heard so.
    if (pub > 0 && pub <= this.#accepted.upTo) this.#acceptedTold = 0;
    this.#accepted.take(pub);
  }

  /** `found`: what `walkNodeFrame` says. */
  #malformed(found: number, bytes: Buffer): void {
    const { counters, policy } = this.#context;
    const kind = found === NodeFrame.broken ? bytes[1]! : -1;
    const classIndex = policy.classByKind[kind] ?? -1;
    counters.offer(classIndex, bytes.length);
    counters.settle(classIndex, Outcome.malformed);
    this.link.end(LinkEnd.badMessage, faultOf(kind));
  }
}
