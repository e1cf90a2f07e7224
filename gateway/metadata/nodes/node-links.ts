/**
 * The metadata plane's side of NodeMetadata: nodes' streams, and the control plane's, which speaks for mixed sockets
 * and tells of signalling sessions.
 */
import { Principal as Sender } from '../../../classes/rule-table.ts';
import type { NodeUp, SessionUpdate } from '../../../schemas/proto.ts';
import { hopClasses } from '../../nodes/hop-classes.ts';
import type { NodeLink, NodeLinkListener } from '../../nodes/node-metadata-server.ts';
import { Subscriber } from '../delivery/subscriber.ts';
import { EVERYTHING, filterOf } from '../delivery/subscription.ts';
import { Publisher, refusalsFor } from '../rooms/publisher.ts';
import type { ClientSocketParts } from '../sessions/client-sockets.ts';
import { MetadataSession } from '../sessions/metadata-session.ts';
import { MixedOutlet, WatchSink } from '../sessions/outlets.ts';
import type { KnownSession } from '../sessions/session-directory.ts';
import { NodeStream, type NodeStreamContext } from './node-stream.ts';

/** Participants a node has not spoken for in this long are let go of. */
const CARRIED_IDLE_MS = 300_000;

export class NodeLinks implements NodeLinkListener {
  readonly #parts: ClientSocketParts;
  readonly #streamContext: NodeStreamContext;
  readonly #streams = new Map<NodeLink, NodeStream>();
  /** Watching nodes' subscribers, by link and room. */
  readonly #watches = new Map<NodeLink, Map<string, Subscriber>>();

  constructor(parts: ClientSocketParts, streamContext: NodeStreamContext) {
    this.#parts = parts;
    this.#streamContext = streamContext;
  }

  get size(): number {
    return this.#streams.size;
  }

  opened(link: NodeLink): void {
    this.#streams.set(link, new NodeStream(link, this.#streamContext));
    const { ladder } = this.#parts;
    if (ladder.level > 0 && !link.isGateway) link.write({ advice: ladder.advice });
  }

  received(link: NodeLink, up: NodeUp): void {
    const moment = this.#parts.moment();
    if (up.batch) {
      const session = up.batch.session ?? '';
      // Nobody outside says which class his frames have.
      const classes = link.isGateway ? hopClasses(this.#parts.policy, up.batch) : null;
      if (session === '') this.#streams.get(link)?.receive(up.batch.frames ?? [], moment, classes);
      else if (link.isGateway) this.#receiveMixed(link, session, up.batch.frames ?? [], classes);
    } else if (up.watch) this.#watch(link, up.watch);
    else if (link.isGateway && up.sessionUpdate) this.#updateSession(link, up.sessionUpdate);
    else if (link.isGateway && up.ack) {
      const mixed = this.#parts.directory.get(up.ack.session ?? '')?.mixed;
      if (mixed) this.#parts.audience.acked(mixed, up.ack.upTo ?? 0, moment.nowMs);
    }
  }

  drained(link: NodeLink): void {
    const { audience, directory, rooms } = this.#parts;
    for (const { room, behind } of this.#watches.get(link)?.values() ?? []) if (behind) rooms.wake(room);
    if (!link.isGateway) return;
    for (const { mixed, toldBy } of directory.all()) if (mixed && toldBy === link) audience.drained(mixed);
  }

  closed(link: NodeLink): void {
    this.#streams.get(link)?.close(this.#parts.moment().nowMs);
    this.#streams.delete(link);
    for (const subscriber of this.#watches.get(link)?.values() ?? []) subscriber.room.groups.remove(subscriber);
    this.#watches.delete(link);
    if (!link.isGateway) return;
    // The control plane tells of every session again when it is back; mixed sockets begin anew.
    const { nowMs } = this.#parts.moment();
    for (const known of this.#parts.directory.tellerGone(link, nowMs)) this.#endMixed(known, nowMs);
  }

  /** Credit and acceptance for every node. */
  tell(creditShare: number, nowMs: number): void {
    for (const stream of this.#streams.values()) stream.tell(creditShare, nowMs);
  }

  /** Tells every node what holds under overload. */
  advise(): void {
    const { advice } = this.#parts.ladder;
    for (const link of this.#streams.keys()) if (!link.isGateway) link.write({ advice });
  }

  /** Another policy is in force: `bereft` classes carry no more some kind that they carried. */
  policyChanged(bereft: readonly string[], creditShare: number, nowMs: number): void {
    for (const stream of this.#streams.values()) stream.policyChanged(bereft);
    this.tell(creditShare, nowMs);
  }

  sweep(nowMs: number): void {
    for (const stream of this.#streams.values()) stream.forgetIdle(nowMs - CARRIED_IDLE_MS, nowMs);
  }

  /** Ends every stream: the nodes come back elsewhere. */
  drain(code: number): void {
    for (const link of [...this.#streams.keys()]) link.end(code, 'the gateway is draining');
  }

  #receiveMixed(
    link: NodeLink,
    sessionId: string,
    frames: readonly Uint8Array[],
    classes: readonly number[] | null,
  ): void {
    const known = this.#parts.directory.get(sessionId);
    // Only the stream that told of the session speaks for it.
    if (known === undefined || known.toldBy !== link) return;
    const mixed = known.mixed ?? this.#openMixed(link, known, this.#parts.moment().nowMs);
    frames.forEach((frame, index) => {
      const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
      this.#parts.ingest.receive(mixed, bytes, false, this.#parts.moment(), classes?.[index]);
    });
  }

  #updateSession(link: NodeLink, update: SessionUpdate): void {
    const { directory, audience } = this.#parts;
    const { nowMs } = this.#parts.moment();
    const id = update.session ?? '';
    if (update.ended) {
      const known = directory.get(id);
      if (known) this.#endMixed(known, nowMs);
      directory.forget(id);
      return;
    }
    const before = directory.get(id);
    // Told on another stream than before: what went out on that one is lost.
    if (before && before.toldBy !== link) this.#endMixed(before, nowMs);
    const known = directory.update(update, link);
    const { attached } = known;
    if (attached) {
      const mayPublish = update.rights?.canPublishData ?? false;
      attached.publisher.refusals = refusalsFor(update.agent ? 'agent' : 'standard', mayPublish);
      attached.publisher.classifier.rebind(boundOf(update));
      if (update.subscription) audience.subscribe(attached, update.subscription, nowMs);
    }
    if (known.mixed !== null) {
      known.mixed.publisher.refusals = mixedRefusals(update);
      known.mixed.publisher.classifier.rebind(boundOf(update));
    } else if (update.mixed) this.#openMixed(link, known, nowMs);
    if (known.mixed !== null && known.attached === null) {
      if (update.mixed) audience.join(known.mixed, nowMs);
      else audience.leave(known.mixed, false, nowMs);
      if (update.subscription) audience.subscribe(known.mixed, update.subscription, nowMs);
    }
    // Somebody may have come to attach to it before.
    directory.retryEarly(nowMs);
  }

  /** Every signalling session may publish on its own socket, though few do; whether it also receives there, `mixed` says. */
  #openMixed(link: NodeLink, known: KnownSession, nowMs: number): MetadataSession {
    const { admission, policy, classes, rooms } = this.#parts;
    const { update } = known;
    const room = rooms.get(update.tenant ?? '', update.room ?? '', nowMs);
    room.enter();
    const publisher = new Publisher({
      identity: update.identity ?? '',
      node: '',
      trusted: false,
      bucketRow: admission.open({ tenant: room.tenant, identity: update.identity ?? '', room: room.name }),
      refusals: mixedRefusals(update),
      classifier: classes.sender(update.agent ? Sender.agent : Sender.standard, room.tenant, boundOf(update)),
      policy,
    });
    const outlet = new MixedOutlet(link, update.session ?? '', update.json ?? false);
    known.mixed = new MetadataSession(room, publisher, outlet, update.rights?.canSubscribe ?? false);
    known.mixed.captionDelta = update.captionDelta === true;
    return known.mixed;
  }

  #endMixed(known: KnownSession, nowMs: number): void {
    const { mixed } = known;
    if (mixed === null) return;
    known.mixed = null;
    mixed.closed = true;
    this.#parts.audience.leave(mixed, false, nowMs);
    this.#parts.admission.close(mixed.publisher.bucketRow, nowMs);
    mixed.room.leave(mixed.publisher);
  }

  #watch(link: NodeLink, watch: NonNullable<NodeUp['watch']>): void {
    const { rooms } = this.#parts;
    const room = rooms.get(watch.tenant ?? '', watch.room ?? '', this.#parts.moment().nowMs);
    const key = `${watch.tenant}\0${watch.room}`;
    const watches = this.#watches.get(link) ?? new Map<string, Subscriber>();
    this.#watches.set(link, watches);
    const present = watches.get(key);
    if (present) room.groups.remove(present);
    watches.delete(key);
    if (watch.stop) return;
    const filter = watch.kinds?.length ? filterOf({ kinds: watch.kinds }) : EVERYTHING;
    const subscriber = new Subscriber(room, link.nodeId, new WatchSink(link, room.tenant, room.name), filter);
    watches.set(key, subscriber);
    room.groups.add(subscriber);
    subscriber.seenFlush = -1;
    subscriber.behind = true;
    this.#parts.rooms.wake(room);
  }
}

/** The classes the session's access token allows; null: all. */
function boundOf({ bound, classes }: SessionUpdate): readonly string[] | null {
  return bound ? (classes ?? []) : null;
}

/** What may be published on a signalling socket: agents are to use a metadata socket. */
function mixedRefusals({ agent, rights }: SessionUpdate): Uint8Array {
  return refusalsFor('standard', !agent && (rights?.canPublishData ?? false));
}
