/**
 * What one plane process has counted over all its lives.
 *
 * Invariant: no counter of `total()` ever falls, whatever dies, because the dead are remembered.
 */
import type { PlaneSnapshot } from './plane-counters.ts';
import { addSnapshots, lastWill } from './snapshot-sum.ts';

/** The ledger of one plane worker; `report` and `ended` are called by whoever watches its process. */
export class PlaneLedger {
  #past: PlaneSnapshot | null = null;
  #latest: PlaneSnapshot | null = null;

  /** The living process said this. */
  report(snapshot: PlaneSnapshot): void {
    this.#latest = snapshot;
  }

  /** The process ended: what it said last is its will. */
  ended(): void {
    const total = this.total();
    if (total !== null) this.#past = lastWill(total);
    this.#latest = null;
  }

  /** The sum of all lives; null before the first report. */
  total(): PlaneSnapshot | null {
    if (this.#past === null || this.#latest === null) return this.#latest ?? this.#past;
    return addSnapshots(this.#past, this.#latest);
  }
}
