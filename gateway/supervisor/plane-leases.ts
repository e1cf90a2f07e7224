/**
 * The supervisor's side of the leases: who of the metadata workers may use how much of the limits that they share.
 *
 *     worker ─snapshot with its demand─► report ─► book ─► round ─shares─► every worker that lives
 *
 * Invariant: with one worker nothing is leased. What the shares add up to is the book's to keep (classes/lease-book.ts).
 */
import { LeaseBook } from '../../classes/lease-book.ts';
import type { LeaseDemand, LeaseShares } from '../../classes/leased-shares.ts';

export class PlaneLeases {
  readonly #book: LeaseBook | null;

  /** `workers`: how many metadata workers there are meant to be. */
  constructor(workers: number) {
    this.#book = workers > 1 ? new LeaseBook(workers) : null;
  }

  /** What goes into the start of a worker's first life, or a later one. */
  startOf(firstLife: boolean): { readonly leaseShare?: number } {
    return this.#book === null ? {} : { leaseShare: this.#book.initialShare(firstLife) };
  }

  /** A worker has reported. */
  report(worker: number, demand: LeaseDemand | undefined): void {
    if (demand !== undefined) this.#book?.report(worker, demand);
  }

  /** A worker's life has ended. */
  ended(worker: number): void {
    this.#book?.ended(worker);
  }

  /** The shares of the gateway's limits a worker may use, by class index; empty where it has them to itself. */
  sharesOf(worker: number): readonly number[] {
    return this.#book?.gatewayShares(worker) ?? [];
  }

  /** Divides anew and calls `tell` for each worker that is to go by other shares. */
  round(tell: (worker: number, shares: LeaseShares) => void): void {
    this.#book?.round().forEach((shares, worker) => {
      if (shares !== null) tell(worker, shares);
    });
  }
}
