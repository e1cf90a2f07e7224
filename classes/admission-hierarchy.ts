/**
 * What may pass, by class, at every level at once: session, user, room, tenant and gateway, and the session's credit.
 *
 *     check each level from the inside ──one refuses──► nothing is charged anywhere
 *                    └──all have room──► all are charged
 *
 * A frame above a bucket's rate, but below its ceil, is borrowed from the next level outside that has a limit: that one
 * must hold it in the first half of its burst. So who keeps to his own rate finds room even where others borrow.
 * Finals have a bucket of their own at the session; further out they are counted, and may put a level into debt of at
 * most a burst, so that the interims of others never cost a final.
 *
 * Sources: GCRA as in gcra.ts; rate and ceil after HTB (M. Devera, 2002), but no level is ever exceeded for a guarantee
 * below it. Invariants: at each level at most rate·W + burst passes in any window W (2·burst where finals are among it),
 * with what is borrowed at most ceil·W + burst; everything is numbers in typed arrays, and a decision allocates nothing.
 */
import { Decision } from './admission-decision.ts';
import { AdmissionLevels, type AdmissionPolicy } from './admission-levels.ts';
import { MOST_AHEAD } from './buckets.ts';
import { LEVELS, Level } from './class-limits.ts';
import { Credits, creditsOf } from './credits.ts';
import { FlowCosts } from './flow-costs.ts';
import { type FlowOwner, FlowRows } from './flow-rows.ts';
import type { LeaseDemand, LeaseShares } from './leased-shares.ts';

export { Decision };

const WIDTH = LEVELS.length;
/** Part of a level's burst that may be lent. */
const LENT = 0.5;

export class AdmissionHierarchy {
  readonly flows: FlowRows;
  readonly credits: Credits;
  /** Model tokens and money. */
  readonly costs: FlowCosts;
  readonly #levels: AdmissionLevels;
  readonly #plane: 'control' | 'metadata';
  /** Bit n: the frame that was checked last borrowed at level n. */
  #borrowed = 0;

  /** Levels outside the session are charged for the classes of `plane` alone: others are those of another process. */
  constructor(policy: AdmissionPolicy, plane: 'control' | 'metadata' = 'metadata') {
    this.#levels = new AdmissionLevels(policy, plane);
    this.#plane = plane;
    this.credits = new Credits(creditsOf(policy, plane));
    this.flows = new FlowRows(
      (level, row, key) => {
        this.#levels.open(level, row, 1);
        if (level === Level.tenant) this.#levels.scaleTenant(row, key);
      },
      (level) => (row, nowMs) => this.#levels.rests(level, row, nowMs),
    );
    this.costs = new FlowCosts(this.#levels.amounts, this.flows);
  }

  /** A session with full buckets and credit, for flows to be opened on. `rateFactor` multiplies its rates and bursts. */
  openSession(rateFactor = 1): number {
    const session = this.flows.openSession();
    this.#levels.open(Level.session, session, rateFactor);
    this.#levels.finals.open(session, rateFactor);
    this.credits.open(session, rateFactor);
    return session;
  }

  /** Another flow of an open session. */
  openFlow(session: number, owner: FlowOwner): number {
    return this.flows.openFlow(session, owner);
  }

  /** Whoever opened a session is done with it; its flows are closed by themselves. */
  closeSession(session: number): void {
    this.flows.releaseSession(session);
  }

  /** A session with the one flow that is returned. */
  open(owner: FlowOwner, rateFactor = 1): number {
    const session = this.openSession(rateFactor);
    const flow = this.flows.openFlow(session, owner);
    this.flows.releaseSession(session);
    return flow;
  }

  /** Gives a flow back; what it used up of its user, room and tenant stays used up. */
  close(flow: number, nowMs: number): void {
    this.flows.closeFlow(flow, nowMs);
  }

  /** The session of a flow: its row in `credits`. */
  sessionOf(flow: number): number {
    return this.flows.rows[flow * WIDTH]!;
  }

  /** Decides one frame and charges it when it is admitted. `cost` is in frames. */
  admit(flow: number, classIndex: number, final: boolean, nowMs: number, cost = 1): Decision {
    const apart = final && this.finalsApart(classIndex);
    const refused = this.#check(flow, classIndex, apart, nowMs, cost);
    if (refused !== Decision.admitted) return refused;
    const session = this.flows.rows[flow * WIDTH]!;
    if (!apart) {
      if (!this.credits.has(session, classIndex)) return Decision.noCredit;
      this.credits.take(session, classIndex);
    }
    const path = this.#levels.paths[classIndex]!;
    for (let step = 0; step < path.length; step++) {
      const level = path[step]!;
      const row = this.flows.rows[flow * WIDTH + level]!;
      if (row < 0) continue;
      const buckets = apart && level === Level.session ? this.#levels.finals : this.#levels.buckets[level]!;
      buckets.charge(row, classIndex, cost, nowMs, (this.#borrowed & (1 << level)) !== 0);
    }
    return Decision.admitted;
  }

  /** Grants a session credit up to `share` of a burst, but none for what its own rate would refuse; returns how much. */
  grantCredit(session: number, classIndex: number, share: number, nowMs: number): number {
    return this.credits.grant(session, classIndex, share, this.#levels.sessionLeft(session, classIndex, nowMs));
  }

  /** What the session (not a flow) alone would decide: a first look, where user or room are not known. Changes nothing. */
  look(session: number, classIndex: number, final: boolean, nowMs: number): Decision {
    if (this.sessionWaitMs(session, classIndex, final, nowMs) > 0) return Decision.session;
    const apart = final && this.finalsApart(classIndex);
    return apart || this.credits.has(session, classIndex) ? Decision.admitted : Decision.noCredit;
  }

  /** Ms until a session alone would have room for a frame, at most 0: now. */
  sessionWaitMs(session: number, classIndex: number, final: boolean, nowMs: number): number {
    const apart = final && this.finalsApart(classIndex);
    const buckets = apart ? this.#levels.finals : this.#levels.buckets[Level.session]!;
    if (buckets.borrows(classIndex)) return buckets.ceilWaitMs(session, classIndex, 1, nowMs);
    return buckets.waitMs(session, classIndex, 1, nowMs, 1);
  }

  /** Decides one frame by its session alone and charges it there when it is admitted. */
  admitSession(session: number, classIndex: number, final: boolean, nowMs: number): Decision {
    const decision = this.look(session, classIndex, final, nowMs);
    if (decision !== Decision.admitted) return decision;
    const apart = final && this.finalsApart(classIndex);
    const buckets = apart ? this.#levels.finals : this.#levels.buckets[Level.session]!;
    if (!apart) this.credits.take(session, classIndex);
    const borrowed = buckets.borrows(classIndex) && buckets.waitMs(session, classIndex, 1, nowMs, 1) > 0;
    buckets.charge(session, classIndex, 1, nowMs, borrowed);
    return Decision.admitted;
  }

  /** Charges a frame that must not be refused to the levels around the flow's session: they may run into a burst of debt. */
  chargeAround(flow: number, classIndex: number, nowMs: number): void {
    const path = this.#levels.paths[classIndex]!;
    for (let step = 0; step < path.length; step++) {
      const level = path[step]!;
      const row = this.flows.rows[flow * WIDTH + level]!;
      if (level === Level.session || row < 0) continue;
      this.#levels.buckets[level]!.chargeAnyway(row, classIndex, 1, nowMs);
    }
  }

  /** Whether finals of the class have a bucket of their own. */
  finalsApart(classIndex: number): boolean {
    return this.#levels.finalsApart[classIndex] === 1;
  }

  /** Ms after which a frame would be admitted if nothing else came, 0: now; Infinity: never, as it costs more than a burst. */
  retryAfterMs(flow: number, classIndex: number, final: boolean, nowMs: number, cost = 1): number {
    const apart = final && this.finalsApart(classIndex);
    const path = this.#levels.paths[classIndex]!;
    let longestMs = 0;
    let outerLendsMs = 0;
    for (let step = path.length - 1; step >= 0; step--) {
      const level = path[step]!;
      const row = this.flows.rows[flow * WIDTH + level]!;
      if (row < 0) continue;
      const own = apart && level === Level.session;
      const buckets = own ? this.#levels.finals : this.#levels.buckets[level]!;
      if (buckets.never(row, classIndex, cost)) return Number.POSITIVE_INFINITY;
      let waitMs = buckets.waitMs(row, classIndex, cost, nowMs, apart && !own ? MOST_AHEAD : 1);
      if (!apart && buckets.borrows(classIndex)) {
        const borrowMs = buckets.ceilWaitMs(row, classIndex, cost, nowMs);
        waitMs = Math.max(Math.min(waitMs, outerLendsMs), borrowMs);
      }
      longestMs = Math.max(longestMs, waitMs);
      outerLendsMs = buckets.waitMs(row, classIndex, cost, nowMs, LENT);
    }
    return longestMs;
  }

  /** What is left for a frame at each level that limits its class, from the inside. */
  balances(flow: number, classIndex: number, final: boolean, nowMs: number) {
    return this.#levels.balances(this.flows.rows.subarray(flow * WIDTH), classIndex, final, nowMs);
  }

  /** Forgets who is gone and has all he may have. Call it about once a second. */
  sweep(nowMs: number): void {
    this.flows.sweep(nowMs);
  }

  /** Goes by another policy from now on: what everybody has left stays the same part of what he may have. */
  adopt(policy: AdmissionPolicy, nowMs: number): void {
    this.#levels.adopt(policy, this.flows.tenants, nowMs);
    this.credits.adopt(creditsOf(policy, this.#plane));
  }

  /** From now on tenants' and the gateway's limits are shared with other workers: `share` until `takeShares`. */
  beginLease(share: number): void {
    this.#levels.leases.begin(share);
    this.#levels.rescale(this.flows.tenants);
  }

  /** Goes by other shares of tenants' and the gateway's limits. */
  takeShares(shares: LeaseShares, nowMs: number): void {
    this.#levels.takeShares(shares, this.flows.tenants, nowMs);
  }

  /** What asked for room in the last `elapsedMs`; counting begins anew. */
  takeDemand(elapsedMs: number): LeaseDemand {
    return this.#levels.leases.takeDemand(this.flows.tenants, elapsedMs);
  }

  /** `Decision.admitted`, or who refuses; notes who borrows. */
  #check(flow: number, classIndex: number, apart: boolean, nowMs: number, cost: number): Decision {
    const { buckets: levels, leases } = this.#levels;
    const path = this.#levels.paths[classIndex]!;
    let borrower = -1;
    this.#borrowed = 0;
    for (let step = 0; step < path.length; step++) {
      const level = path[step]!;
      const row = this.flows.rows[flow * WIDTH + level]!;
      if (row < 0) continue;
      if (level >= Level.tenant) leases.wanted(level, row, classIndex);
      const buckets = levels[level]!;
      if (apart) {
        const own = level === Level.session;
        const held = own ? this.#levels.finals : buckets;
        if (held.waitMs(row, classIndex, cost, nowMs, own ? 1 : MOST_AHEAD) > 0) return (level + 1) as Decision;
        continue;
      }
      const borrows = buckets.borrows(classIndex);
      if (borrows && buckets.ceilWaitMs(row, classIndex, cost, nowMs) > 0) return (level + 1) as Decision;
      if (buckets.waitMs(row, classIndex, cost, nowMs, borrower < 0 ? 1 : LENT) <= 0) borrower = -1;
      else if (borrower >= 0) return (borrower + 1) as Decision;
      else if (!borrows) return (level + 1) as Decision;
      else {
        borrower = level;
        this.#borrowed |= 1 << level;
      }
    }
    return Decision.admitted;
  }
}
