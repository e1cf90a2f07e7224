/**
 * The part of tenants' and the gateway's limits that one of several workers may use, and what it would like to use.
 *
 * A worker counts what asks for room at these levels, tells now and then, and is given shares. Without any lease it has
 * the whole. Invariants: a share that was given holds until another one comes; whoever is not named has `others`.
 */
import { Level } from './class-limits.ts';
import type { KeyedRows } from './keyed-rows.ts';

/** Frames a second that ask for room, by class index. */
export interface LeaseDemand {
  readonly gateway: readonly number[];
  /** The tenants with the greatest demand. */
  readonly tenants: readonly (readonly [tenant: string, perSecond: readonly number[]])[];
  /** The version of the shares this worker goes by; 0 before the first. */
  readonly version: number;
}

/** Shares of limits from 0 to 1, by class index. Classes beyond the arrays have `others`. */
export interface LeaseShares {
  readonly version: number;
  readonly gateway: readonly number[];
  readonly tenants: readonly (readonly [tenant: string, shares: readonly number[]])[];
  readonly others: number;
}

/** More tenants than this would make the news longer than it is worth: the rest have even shares. */
const MOST_TENANTS = 512;

export class LeasedShares {
  #classes: number;
  #leased = false;
  #wantedByTenant = new Float64Array(0);
  #wantedOfGateway: Float64Array;
  #tenants = new Map<string, readonly number[]>();
  #shares: LeaseShares = { version: 0, gateway: [], tenants: [], others: 1 };

  constructor(classes: number) {
    this.#classes = classes;
    this.#wantedOfGateway = new Float64Array(classes);
  }

  /** From now on this worker has a share of everything, `share` until it is told more. */
  begin(share: number): void {
    this.#leased = true;
    this.#shares = { ...this.#shares, others: share };
  }

  /** Goes by other shares. */
  take(shares: LeaseShares): void {
    this.#leased = true;
    this.#shares = shares;
    this.#tenants = new Map(shares.tenants);
  }

  /** The share of a tenant's limit. */
  ofTenant(tenant: string, classIndex: number): number {
    return this.#tenants.get(tenant)?.[classIndex] ?? this.#shares.others;
  }

  /** The share of the gateway's limit. */
  ofGateway(classIndex: number): number {
    return this.#shares.gateway[classIndex] ?? this.#shares.others;
  }

  /** Counts one frame that asks for room at the tenant's or the gateway's level. */
  wanted(level: number, row: number, classIndex: number): void {
    if (!this.#leased) return;
    if (level === Level.gateway) this.#wantedOfGateway[classIndex]! += 1;
    else {
      const at = row * this.#classes + classIndex;
      if (at >= this.#wantedByTenant.length) this.#grow(at + 1);
      this.#wantedByTenant[at]! += 1;
    }
  }

  /** What was wanted in the last `elapsedMs`; counting begins anew. */
  takeDemand(tenants: KeyedRows, elapsedMs: number): LeaseDemand {
    const perSecond = (counts: Float64Array) => Array.from(counts, (count) => (count * 1000) / Math.max(1, elapsedMs));
    const totals: [row: number, total: number][] = [];
    for (const row of tenants.rows()) {
      const total = this.#countsOf(row).reduce((sum, count) => sum + count, 0);
      if (total > 0) totals.push([row, total]);
    }
    totals.sort(([, a], [, b]) => b - a);
    const demand: LeaseDemand = {
      gateway: perSecond(this.#wantedOfGateway),
      tenants: totals
        .slice(0, MOST_TENANTS)
        .map(([row]) => [tenants.keyOf(row), perSecond(this.#countsOf(row))] as const),
      version: this.#shares.version,
    };
    this.#wantedOfGateway.fill(0);
    this.#wantedByTenant.fill(0);
    return demand;
  }

  /** There are more classes now. What was counted is told by the old ones, once: it is let go. */
  adopt(classes: number): void {
    if (classes === this.#classes) return;
    this.#classes = classes;
    this.#wantedOfGateway = new Float64Array(classes);
    this.#wantedByTenant = new Float64Array(0);
  }

  #countsOf(row: number): Float64Array {
    return this.#wantedByTenant.subarray(row * this.#classes, (row + 1) * this.#classes);
  }

  #grow(atLeast: number): void {
    const grown = new Float64Array(Math.max(atLeast, this.#wantedByTenant.length * 2, 16 * this.#classes));
    grown.set(this.#wantedByTenant);
    this.#wantedByTenant = grown;
  }
}
