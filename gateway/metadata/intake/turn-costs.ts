/**
 * What agents' turns cost: asked before a fragment is taken, charged after.
 *
 *     fragment ─► in debt? ──no──► placed ─► charge: its model tokens, and money at its model's price
 *                     └──yes──► refused, unless it ends a turn that is under way
 *
 * Invariant: where nothing costs anything, a fragment pays two reads.
 */
import { ByteKeyTable } from '../../../backpressure/byte-key-table.ts';
import { type AdmissionHierarchy, Decision } from '../../../classes/admission-hierarchy.ts';
import { toldWaitMs } from '../../../classes/gcra.ts';
import { type Policy, UNCLASSIFIED } from '../../../classes/policy.ts';
import type { FrameWalk } from '../../../schemas/frame-walk.ts';
import { Kind } from '../../../schemas/kinds.ts';
import type { Arrival } from '../rooms/arrival.ts';
import type { Room } from '../rooms/room.ts';
import { TurnPhase } from '../texts/appended-content.ts';

/** Fields of a turn, by their numbers in frame.proto. */
const TURN = { turn: 1, phase: 3, modelTokens: 6, model: 7 } as const;
const MOST_NAME_BYTES = 64;

/** What a publisher is told whose turn goes no further. */
export interface Exhausted {
  /** Whether the turn was under way. */
  readonly ended: boolean;
  readonly message: string;
  readonly retryAfterMs: number;
}

/** The word programs know this by. */
export const BUDGET_EXHAUSTED = 'budget_exhausted';

export class TurnCosts {
  readonly #policy: Policy;
  readonly #admission: AdmissionHierarchy;
  /** Of the policy whose prices they are: another one has others. */
  #prices: Policy['prices'] | null = null;
  #priceByModel = new ByteKeyTable<number>();
  #dearest = 0;

  constructor(policy: Policy, admission: AdmissionHierarchy) {
    this.#policy = policy;
    this.#admission = admission;
  }

  /** Whether the arrival may pass: `admitted`, or who has nothing left. The end of a turn under way always may. */
  decide(room: Room, arrival: Arrival): Decision {
    const { publisher, walk, classIndex, moment } = arrival;
    if (walk.kind !== Kind.agentTurn || !this.#admission.costs.has(classIndex)) return Decision.admitted;
    const decision = this.#admission.costs.admit(publisher.bucketRow, classIndex, moment.nowMs);
    if (decision === Decision.admitted || walk.uint32(TURN.phase) < TurnPhase.done) return decision;
    return room.turnIsOpen(arrival) ? Decision.admitted : decision;
  }

  /** Charges a frame that was taken. */
  charge({ publisher, source, walk, classIndex, moment }: Arrival): void {
    if (walk.kind !== Kind.agentTurn) return;
    const { costs } = this.#admission;
    const limited = costs.has(classIndex);
    if (!limited && this.#policy.prices.size === 0) return;
    const modelTokens = walk.uint32(TURN.modelTokens);
    if (modelTokens === 0) return;
    const money = modelTokens * this.#priceOf(source, walk);
    costs.spent += money;
    if (limited) costs.charge(publisher.bucketRow, classIndex, modelTokens, money, moment.nowMs);
  }

  /** Ends the turn of a fragment that may not pass, so that its subscribers know; what its publisher is to be told. */
  cutOff(room: Room, arrival: Arrival, decision: Decision): Exhausted {
    const { publisher, source, walk, classIndex, moment } = arrival;
    const ended = room.cutTurnOff(arrival);
    const start = walk.has(TURN.turn) ? walk.start[TURN.turn]! : 0;
    const end = walk.has(TURN.turn) ? Math.min(walk.end[TURN.turn]!, start + MOST_NAME_BYTES) : 0;
    const what = `turn ${source.toString('utf8', start, end)} ${ended ? 'was ended' : 'is not taken'}`;
    const className = this.#policy.classes[classIndex]?.name ?? UNCLASSIFIED;
    const message = `${what}: ${WHO[decision] ?? 'its publisher'} has used up what turns of class ${className} may cost`;
    const waitMs = this.#admission.costs.retryAfterMs(publisher.bucketRow, classIndex, moment.nowMs);
    return { ended, message, retryAfterMs: toldWaitMs(waitMs) };
  }

  /** What one model token of the walked turn costs. */
  #priceOf(bytes: Uint8Array, walk: FrameWalk): number {
    if (this.#prices !== this.#policy.prices) this.#readPrices();
    if (!walk.has(TURN.model)) return this.#dearest;
    return this.#priceByModel.find(bytes, walk.start[TURN.model]!, walk.end[TURN.model]!) ?? this.#dearest;
  }

  #readPrices(): void {
    this.#prices = this.#policy.prices;
    this.#priceByModel = new ByteKeyTable();
    this.#dearest = 0;
    for (const [model, price] of this.#prices) {
      const name = Buffer.from(model, 'utf8');
      this.#priceByModel.insert(name, 0, name.length, price);
      this.#dearest = Math.max(this.#dearest, price);
    }
  }
}

const WHO: Readonly<Partial<Record<Decision, string>>> = {
  [Decision.session]: 'this session',
  [Decision.user]: 'this user',
  [Decision.room]: 'this room',
  [Decision.tenant]: 'this tenant',
  [Decision.gateway]: 'the gateway',
};
