/**
 * Knows the messages of a room that come again: of kinds delivered at least once, whose publishers send again, over another
 * connection too, what they have not been told had come. Subscribers then get it once.
 *
 * Invariant: costs no memory before the first such message.
 */
import { RecentMessages } from '../../../backpressure/recent-messages.ts';
import { Delivery } from '../../../classes/delivery.ts';
import type { Policy } from '../../../classes/policy.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { Arrival } from './arrival.ts';

/** Kinds that bear an ID of their publisher's, and its field in frame.proto. */
const IDENTIFIED_KINDS: readonly number[] = [Kind.moderation, Kind.toolCall, Kind.feedback];
const MESSAGE_ID = 1;

export class RepeatedMessages {
  readonly #policy: Pick<Policy, 'deliveryByKind'>;
  readonly #most: number;
  readonly #resumeMs: number;
  #messages: RecentMessages | null = null;

  /** `most`: messages remembered; `resumeMs`: how long a publisher may take to come back. */
  constructor(policy: Pick<Policy, 'deliveryByKind'>, most: number, resumeMs: number) {
    this.#policy = policy;
    this.#most = most;
    this.#resumeMs = resumeMs;
  }

  /** Whether the same publisher has said this before; what is new is remembered. */
  cameBefore({ publisher, source, walk, moment }: Arrival): boolean {
    const { kind } = walk;
    if (!IDENTIFIED_KINDS.includes(kind) || !walk.has(MESSAGE_ID)) return false;
    if (this.#policy.deliveryByKind[kind] !== Delivery['at-least-once']) return false;
    this.#messages ??= new RecentMessages(this.#most, this.#resumeMs);
    const [start, end] = [walk.start[MESSAGE_ID]!, walk.end[MESSAGE_ID]!];
    return this.#messages.repeats(publisher.sender, kind, source, start, end, moment.nowMs);
  }
}
