/**
 * Who receives what: subscribers join and leave rooms, break off and resume, change their wishes, and acknowledge.
 *
 * Invariants: a session has at most one subscriber; a subscriber that broke off is kept for the resume window, or
 * until its backlog outgrows the room's log; one that resumes gets every log entry it has not acknowledged, once.
 */
import { CloseCode } from '../../../schemas/close-codes.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { Subscription } from '../../../schemas/proto.ts';
import { catchUp, type DeliveryContext } from '../delivery/delivery.ts';
import { Subscriber } from '../delivery/subscriber.ts';
import { EVERYTHING, type Filter, filterOf, filterUnder, filterWithout } from '../delivery/subscription.ts';
import type { Room, RoomClock } from '../rooms/room.ts';
import type { MetadataSession } from './metadata-session.ts';

/** A subscriber whose socket broke, until it resumes or its time is up. */
interface Detached {
  readonly subscriber: Subscriber;
  readonly untilMs: number;
}

export class Audience {
  readonly #dispatcher: Pick<RoomClock, 'tick'>;
  readonly #context: DeliveryContext;
  readonly #resumeMs: number;
  readonly #sessions = new Map<Subscriber, MetadataSession>();
  /** By signalling session. */
  readonly #detached = new Map<string, Detached>();

  constructor(dispatcher: Pick<RoomClock, 'tick'>, context: DeliveryContext, resumeMs: number) {
    this.#dispatcher = dispatcher;
    this.#context = context;
    this.#resumeMs = resumeMs;
  }

  /** Begins delivering the room to a session, with what is live in it now. Who it was before is forgotten. */
  join(session: MetadataSession, nowMs: number): void {
    if (session.mustResume) return session.outlet.disconnect(CloseCode.overCapacity);
    this.#forgetDetached(session.sessionId);
    if (session.subscriber !== null) session.subscriber.resumable = session.sessionId !== '';
    if (!session.mayReceive || session.subscriber !== null || session.closed) return;
    const subscriber = new Subscriber(session.room, session.identity, session.outlet, EVERYTHING, session.captionDelta);
    this.#seat(session, subscriber, nowMs);
  }

  /**
   * Begins or goes on delivering to a session that has told which signalling session it is. With `lastNumber` the
   * one that broke off goes on after that batch; where that is not known any more, it begins anew.
   */
  resume(session: MetadataSession, lastNumber: number, nowMs: number): void {
    const subscriber = this.#detached.get(session.sessionId)?.subscriber;
    const position = subscriber && lastNumber > 0 ? subscriber.window.positionAt(lastNumber) : -1;
    const anew = !session.mayReceive || session.closed || session.subscriber !== null;
    if (!subscriber || position < session.room.log.base || anew) return this.join(session, nowMs);
    this.#forgetDetached(session.sessionId);
    subscriber.sink = session.outlet;
    subscriber.differences = session.captionDelta;
    subscriber.cursor = position;
    subscriber.seenFlush = -1;
    subscriber.window.resumeAfter(lastNumber);
    this.#seat(session, subscriber, nowMs);
  }

  /** The session has ended; with `mayResume` its place is kept for a while. */
  leave(session: MetadataSession, mayResume: boolean, nowMs: number): void {
    const { subscriber } = session;
    if (subscriber === null) return;
    this.#unseat(session);
    if (!mayResume || session.sessionId === '') return this.#dispatcher.tick(session.room);
    this.#forgetDetached(session.sessionId);
    subscriber.sink = null;
    session.room.detached.add(subscriber);
    this.#detached.set(session.sessionId, { subscriber, untilMs: nowMs + this.#resumeMs });
  }

  /**
   * Takes an acknowledgement of every batch up to `number`. Who is behind catches up as fast as it acknowledges: a window for
   * each tick may be less than what comes meanwhile.
   */
  acked(session: MetadataSession, number: number, nowMs: number): void {
    const { subscriber, room } = session;
    if (!subscriber?.window.acked(number) || !subscriber.behind) return;
    if (subscriber.cursor < room.emittedHead) catchUp(subscriber, room, this.#context, nowMs, false);
    this.#dispatcher.tick(room);
  }

  /** The way out has room again. */
  drained(session: MetadataSession): void {
    if (session.subscriber?.behind) this.#dispatcher.tick(session.room);
  }

  /** Sets what the session wants; null or empty lists: everything. */
  subscribe(session: MetadataSession, wish: Subscription | null, nowMs: number): void {
    this.#refilter(session, filterOf(wish), nowMs);
  }

  /** Takes kinds, speakers and languages out of what the session wants; without any, everything. */
  unsubscribe(session: MetadataSession, wish: Subscription, nowMs: number): void {
    this.#refilter(session, filterWithout(session.subscriber?.wish ?? EVERYTHING, wish), nowMs);
  }

  /** Lets a subscriber go, by order of a flush: a session, one that broke off, or a watching node. */
  letGo(subscriber: Subscriber, code: CloseCode): void {
    const session = this.#sessions.get(subscriber);
    if (session !== undefined) {
      this.#unseat(session);
      session.outlet.disconnect(code);
    } else if (subscriber.sink !== null) {
      subscriber.room.groups.remove(subscriber);
      subscriber.sink.disconnect(code);
    } else {
      for (const [id, detached] of this.#detached) if (detached.subscriber === subscriber) this.#forgetDetached(id);
    }
  }

  /** Ends the waiting of those who did not come back, and lets go of readers stalled since before `stalledBeforeMs`. */
  sweep(nowMs: number, stalledBeforeMs: number): void {
    for (const [id, { untilMs }] of this.#detached) if (untilMs <= nowMs) this.#forgetDetached(id);
    for (const subscriber of this.#sessions.keys()) {
      const { blockedSinceMs } = subscriber;
      if (blockedSinceMs >= 0 && blockedSinceMs < stalledBeforeMs) this.letGo(subscriber, CloseCode.slowConsumer);
    }
  }

  #refilter(session: MetadataSession, filter: Filter, nowMs: number): void {
    const { subscriber } = session;
    if (subscriber === null) return;
    subscriber.wish = filter;
    if (subscriber.filter.key === filterUnder(filter, session.room.groups.interims).key) return;
    session.room.groups.remove(subscriber);
    if (subscriber.filter.kinds[Kind.modelState] === 0) subscriber.lacksModels = true;
    subscriber.seenFlush = -1;
    session.room.groups.add(subscriber);
    this.#catchUp(session.room, subscriber, nowMs);
  }

  #seat(session: MetadataSession, subscriber: Subscriber, nowMs: number): void {
    session.subscriber = subscriber;
    subscriber.resumable = session.sessionId !== '';
    this.#sessions.set(subscriber, session);
    session.room.groups.add(subscriber);
    this.#catchUp(session.room, subscriber, nowMs);
  }

  #unseat(session: MetadataSession): void {
    const subscriber = session.subscriber!;
    session.room.groups.remove(subscriber);
    this.#sessions.delete(subscriber);
    session.subscriber = null;
  }

  /** Nobody comes back as this session any more; what was held for them leaves the log at the next tick. */
  #forgetDetached(sessionId: string): void {
    const detached = this.#detached.get(sessionId);
    if (detached === undefined) return;
    const { room } = detached.subscriber;
    this.#detached.delete(sessionId);
    room.detached.delete(detached.subscriber);
    this.#dispatcher.tick(room);
  }

  /** Gives a newcomer what has left so far; what waits reaches it with everybody else. */
  #catchUp(room: Room, subscriber: Subscriber, nowMs: number): void {
    catchUp(subscriber, room, this.#context, nowMs);
    if (subscriber.behind || room.wantsTick) this.#dispatcher.tick(room);
  }
}
