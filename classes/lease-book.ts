/**
 * Who of several workers has which share of the limits of tenants and of the gateway: what the supervisor keeps.
 *
 *     worker ─demand, version it goes by─► book ─shares, next version─► worker
 *
 * Invariants: of no limit do the shares that workers may be using sum to more than 1, however late orders arrive; a worker
 * that ends keeps a floor for its return, and the rest is free at once; tenants of whom the book knows nothing are shared
 * evenly.
 */
import { floorShare, grantsTowards, targetShares } from './lease-law.ts';
import type { LeaseDemand, LeaseShares } from './leased-shares.ts';

/** Between two rounds demand counts half: one quiet second does not take everything away. */
const SMOOTHING = 0.5;
/** Smoothed demand below this is none. */
const NOTHING = 0.01;
const GATEWAY = '';

/** One limit: of a tenant, or the gateway's, in one class. Arrays by worker. */
interface Lease {
  readonly demands: number[];
  /** The greatest share the worker may be using. */
  readonly held: number[];
  readonly granted: number[];
}

export class LeaseBook {
  readonly #workers: number;
  readonly #away: boolean[];
  /** Last version of shares each worker was sent. */
  readonly #sent: number[];
  /** By tenant, '' for the gateway; then by class index. */
  readonly #leases = new Map<string, Lease[]>();
  #version = 0;

  constructor(workers: number) {
    this.#workers = workers;
    this.#away = new Array<boolean>(workers).fill(false);
    this.#sent = new Array<number>(workers).fill(0);
  }

  /** The share of everything a worker has before it is told: an even one in its first life, the floor when it comes back. */
  initialShare(firstLife: boolean): number {
    return firstLife ? 1 / this.#workers : floorShare(this.#workers);
  }

  /** A worker reports. */
  report(worker: number, demand: LeaseDemand): void {
    this.#away[worker] = false;
    const told = new Map(demand.tenants);
    for (const tenant of told.keys()) this.#leasesOf(tenant, demand.gateway.length);
    this.#leasesOf(GATEWAY, demand.gateway.length);
    for (const [tenant, leases] of this.#leases) {
      const perSecond = tenant === GATEWAY ? demand.gateway : told.get(tenant);
      leases.forEach((lease, classIndex) => {
        const wanted = perSecond?.[classIndex] ?? 0;
        const smooth = lease.demands[worker]! * SMOOTHING + wanted * (1 - SMOOTHING);
        lease.demands[worker] = wanted > 0 || smooth > NOTHING ? smooth : 0;
        // It goes by what it was sent last: whatever it had before, it has let go of.
        if (demand.version === this.#sent[worker]) lease.held[worker] = lease.granted[worker]!;
      });
    }
  }

  /** A worker has ended: what it had is free, but for the floor with which it will come back. */
  ended(worker: number): void {
    this.#away[worker] = true;
    this.#sent[worker] = 0;
    for (const leases of this.#leases.values()) {
      for (const lease of leases) {
        lease.demands[worker] = 0;
        lease.granted[worker] = floorShare(this.#workers);
        lease.held[worker] = lease.granted[worker]!;
      }
    }
  }

  /** The shares of every worker from now on, by worker; null for those who are away. Call it about once a second. */
  round(): (LeaseShares | null)[] {
    this.#version += 1;
    for (const [tenant, leases] of this.#leases) {
      for (const lease of leases) this.#divide(lease);
      // Once it is even again for everybody, it is as if nobody had asked.
      if (tenant !== GATEWAY && leases.every((lease) => this.#rests(lease))) this.#leases.delete(tenant);
    }
    return this.#away.map((away, worker) => {
      if (away) return null;
      this.#sent[worker] = this.#version;
      return this.#sharesOf(worker);
    });
  }

  /** The shares of the gateway's limits that a worker was last granted, by class index. */
  gatewayShares(worker: number): number[] {
    return (this.#leases.get(GATEWAY) ?? []).map(({ granted }) => granted[worker]!);
  }

  #divide(lease: Lease): void {
    const targets = targetShares(lease.demands.map((demand, worker) => (this.#away[worker] ? null : demand)));
    const grants = grantsTowards(targets, lease.held);
    grants.forEach((grant, worker) => {
      if (this.#away[worker]) return;
      lease.granted[worker] = grant;
      lease.held[worker] = Math.max(lease.held[worker]!, grant);
    });
  }

  #rests({ demands, held }: Lease): boolean {
    const even = 1 / this.#workers;
    return demands.every((demand) => demand === 0) && held.every((share) => Math.abs(share - even) < 1e-9);
  }

  #sharesOf(worker: number): LeaseShares {
    const of = (leases: readonly Lease[]) => leases.map(({ granted }) => granted[worker]!);
    const tenants = [...this.#leases].filter(([tenant]) => tenant !== GATEWAY);
    return {
      version: this.#version,
      gateway: of(this.#leases.get(GATEWAY) ?? []),
      tenants: tenants.map(([tenant, leases]) => [tenant, of(leases)] as const),
      others: 1 / this.#workers,
    };
  }

  /** The leases of a tenant, for at least that many classes. A new one is even: that is what everybody has been using. */
  #leasesOf(tenant: string, classes: number): Lease[] {
    const leases = this.#leases.get(tenant) ?? [];
    this.#leases.set(tenant, leases);
    while (leases.length < classes) {
      const shares = this.#away.map((away) => (away ? floorShare(this.#workers) : 1 / this.#workers));
      leases.push({ demands: shares.map(() => 0), held: [...shares], granted: [...shares] });
    }
    return leases;
  }
}
