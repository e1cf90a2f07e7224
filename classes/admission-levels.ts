/**
 * The buckets of all levels, as a policy limits them: what the hierarchy checks and charges.
 *
 * Invariant: the rate and burst of a tenant's bucket are the policy's, times the factor of its tier, times this worker's
 * share of the lease; those of the gateway's bucket are the policy's times the share.
 */
import { AmountBudgets } from './amount-budgets.ts';
import type { Balance } from './balance.ts';
import { Buckets } from './buckets.ts';
import { LEVELS, Level } from './class-limits.ts';
import type { BucketLimit } from './gcra.ts';
import type { KeyedRows } from './keyed-rows.ts';
import { LeasedShares, type LeaseShares } from './leased-shares.ts';
import type { Policy } from './policy.ts';

/** What admission reads of a policy. */
export type AdmissionPolicy = Pick<Policy, 'classes' | 'tierByTenant' | 'rateFactors'>;

export class AdmissionLevels {
  /** By level. */
  readonly buckets: readonly Buckets[];
  /** Of sessions. */
  readonly finals: Buckets;
  readonly amounts: AmountBudgets;
  readonly leases: LeasedShares;
  /** All that have rows of levels: frames, model tokens, money; each by level. */
  readonly #groups: readonly (readonly Buckets[])[];
  /** By class: the levels that limit it, from the inside. */
  paths: readonly Uint8Array[] = [];
  /** By class: 1 where finals have a bucket of their own. */
  finalsApart = new Uint8Array(0);
  readonly #plane: 'control' | 'metadata';
  #policy: AdmissionPolicy;

  /** Levels outside the session limit the classes of `plane` alone: others are those of another process. */
  constructor(policy: AdmissionPolicy, plane: 'control' | 'metadata') {
    this.#policy = policy;
    this.#plane = plane;
    this.buckets = LEVELS.map((_, level) => new Buckets(this.#limitsAt(level)));
    this.finals = new Buckets(finalsOf(policy));
    this.amounts = new AmountBudgets(policy);
    this.leases = new LeasedShares(policy.classes.length);
    this.#groups = [this.buckets, this.amounts.modelTokens, this.amounts.money];
    this.open(Level.gateway, 0, 1);
    this.#compile();
  }

  /** What is left for a frame at each level that limits its class, from the inside. `rows`: of its flow, by level. */
  balances(rows: Int32Array, classIndex: number, final: boolean, nowMs: number): Balance[] {
    const apart = final && this.finalsApart[classIndex] === 1;
    return [...this.paths[classIndex]!].flatMap((level) => {
      const row = rows[level]!;
      if (row < 0) return [];
      const buckets = apart && level === Level.session ? this.finals : this.buckets[level]!;
      const waitMs = Math.max(0, buckets.waitMs(row, classIndex, 1, nowMs, 1));
      return [{ level: LEVELS[level]!, waitMs, ...buckets.left(row, classIndex, nowMs) }];
    });
  }

  /** Frames of the class that a session's own bucket would let pass at once; Infinity where it may borrow. */
  sessionLeft(session: number, classIndex: number, nowMs: number): number {
    const buckets = this.buckets[Level.session]!;
    if (!buckets.limits(classIndex) || buckets.borrows(classIndex)) return Number.POSITIVE_INFINITY;
    return buckets.left(session, classIndex, nowMs).left;
  }

  /** Begins a row of a level with full buckets. */
  open(level: number, row: number, factor: number): void {
    for (const group of this.#groups) group[level]!.open(row, factor);
  }

  /** Whether all buckets of a row are full again. */
  rests(level: number, row: number, nowMs: number): boolean {
    return this.#groups.every((group) => group[level]!.rests(row, nowMs));
  }

  /** Goes by another policy: what buckets have left stays the same part of what they hold. */
  adopt(policy: AdmissionPolicy, tenants: KeyedRows, nowMs: number): void {
    this.#policy = policy;
    this.buckets.forEach((buckets, level) => {
      buckets.adopt(this.#limitsAt(level), nowMs);
    });
    this.finals.adopt(finalsOf(policy), nowMs);
    this.amounts.adopt(policy, nowMs);
    this.leases.adopt(policy.classes.length);
    this.#compile();
    this.rescale(tenants);
  }

  /** Goes by tiers and leases as they are now; buckets keep the part they had left. */
  rescale(tenants: KeyedRows): void {
    for (const row of tenants.rows()) this.scaleTenant(row, tenants.keyOf(row));
    for (let index = 0; index < this.#policy.classes.length; index++) {
      for (const group of this.#groups) group[Level.gateway]!.scale(0, index, this.leases.ofGateway(index));
    }
  }

  /** Goes by other shares. */
  takeShares(shares: LeaseShares, tenants: KeyedRows, nowMs: number): void {
    this.leases.take(shares);
    const count = this.#policy.classes.length;
    for (let index = 0; index < count; index++) {
      for (const group of this.#groups) group[Level.gateway]!.share(0, index, this.leases.ofGateway(index), nowMs);
    }
    for (const row of tenants.rows()) {
      const tenant = tenants.keyOf(row);
      const factor = this.#tierFactor(tenant);
      for (let index = 0; index < count; index++) {
        const part = factor * this.leases.ofTenant(tenant, index);
        for (const group of this.#groups) group[Level.tenant]!.share(row, index, part, nowMs);
      }
    }
  }

  /** Gives a tenant's row what its tier and this worker's lease allow. */
  scaleTenant(row: number, tenant: string): void {
    const factor = this.#tierFactor(tenant);
    for (let index = 0; index < this.#policy.classes.length; index++) {
      const part = factor * this.leases.ofTenant(tenant, index);
      for (const group of this.#groups) group[Level.tenant]!.scale(row, index, part);
    }
  }

  #tierFactor(tenant: string): number {
    return this.#policy.rateFactors[this.#policy.tierByTenant.get(tenant) ?? 0] ?? 1;
  }

  #limitsAt(level: number): readonly (BucketLimit | null)[] {
    return this.#policy.classes.map(({ plane, session, limits }) => {
      if (level === Level.session) return session;
      return plane === this.#plane ? limits.frames[level]! : null;
    });
  }

  #compile(): void {
    this.paths = this.#policy.classes.map((_, index) =>
      Uint8Array.from(LEVELS.keys()).filter((level) => this.buckets[level]!.limits(index)),
    );
    this.finalsApart = Uint8Array.from(this.#policy.classes, ({ finals }) => (finals === null ? 0 : 1));
  }
}

function finalsOf({ classes }: AdmissionPolicy): readonly (BucketLimit | null)[] {
  return classes.map(({ finals }) => finals);
}
