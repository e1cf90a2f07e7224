/**
 * A room's subscribers by what they get: those of one group want the same frames in the same subprotocol, so one
 * message serves all of them.
 *
 * Invariant: `members[s.memberIndex] === s` for every member, so joining and leaving are O(1).
 */
import type { Subscriber } from './subscriber.ts';
import { type Filter, filterUnder, type Interims } from './subscription.ts';

/** Subscribers that get the same messages. */
export interface SubscriberGroup {
  readonly filter: Filter;
  readonly json: boolean;
  readonly differences: boolean;
  readonly members: Subscriber[];
}

export class SubscriberGroups {
  readonly #groups = new Map<string, SubscriberGroup>();
  /** Whose interims they get. */
  interims: Interims = 'all';
  #size = 0;
  /** How many of them take captions as differences. */
  takingDifferences = 0;

  /** How many subscribers there are in all groups. */
  get size(): number {
    return this.#size;
  }

  all(): IterableIterator<SubscriberGroup> {
    return this.#groups.values();
  }

  /** From now on their wishes are met as far as the level of overload lets; whether that is a change. */
  limit(interims: Interims): boolean {
    if (interims === this.interims) return false;
    const everybody = [...this.#groups.values()].flatMap(({ members }) => members);
    for (const subscriber of everybody) this.remove(subscriber);
    this.interims = interims;
    for (const subscriber of everybody) this.add(subscriber);
    return true;
  }

  /** Takes a subscriber in, by its wish. */
  add(subscriber: Subscriber): void {
    subscriber.filter = filterUnder(subscriber.wish, this.interims);
    const { filter, sink, differences } = subscriber;
    const key = groupKey(subscriber);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { filter, json: sink!.json, differences, members: [] };
      this.#groups.set(key, group);
    }
    subscriber.memberIndex = group.members.length;
    group.members.push(subscriber);
    this.#size++;
    if (differences) this.takingDifferences++;
  }

  /** Takes a member out of the group its filter and sink name; they must be as they were when it was added. */
  remove(subscriber: Subscriber): void {
    const key = groupKey(subscriber);
    const group = this.#groups.get(key);
    if (group === undefined || group.members[subscriber.memberIndex] !== subscriber) return;
    const last = group.members.pop()!;
    if (last !== subscriber) {
      group.members[subscriber.memberIndex] = last;
      last.memberIndex = subscriber.memberIndex;
    }
    subscriber.memberIndex = -1;
    if (group.members.length === 0) this.#groups.delete(key);
    this.#size--;
    if (subscriber.differences) this.takingDifferences--;
  }
}

function groupKey({ filter, sink, differences }: Subscriber): string {
  return `${sink!.json ? 'j' : 'b'}${differences ? 'd' : 'w'}${filter.key}`;
}
