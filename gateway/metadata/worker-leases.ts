/** A metadata worker's side of the leases: what it would use of the limits it shares with other workers, and what it may. */
import { performance } from 'node:perf_hooks';
import type { AdmissionHierarchy } from '../../classes/admission-hierarchy.ts';
import type { LeaseDemand, LeaseShares } from '../../classes/leased-shares.ts';
import type { LeaseHolder } from '../supervisor/plane-link.ts';

class WorkerLeases implements LeaseHolder {
  readonly #admission: AdmissionHierarchy;
  #askedMs = performance.now();

  constructor(admission: AdmissionHierarchy) {
    this.#admission = admission;
  }

  demand(): LeaseDemand {
    const elapsedMs = performance.now() - this.#askedMs;
    this.#askedMs += elapsedMs;
    return this.#admission.takeDemand(elapsedMs);
  }

  take(shares: LeaseShares): void {
    this.#admission.takeShares(shares, performance.now());
  }
}

/** Begins to share limits; undefined where the worker has them to itself (no `share`). */
export function beginLeases(admission: AdmissionHierarchy, share: number | undefined): LeaseHolder | undefined {
  if (share === undefined) return undefined;
  admission.beginLease(share);
  return new WorkerLeases(admission);
}
