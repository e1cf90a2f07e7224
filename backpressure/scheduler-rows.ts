/**
 * Who belongs to whom in the scheduler: a flow is a room in a class, its *share* is its tenant in that class.
 *
 *     class ◄── share (class × tenant) ◄── flow (class × tenant × room)
 *
 * Rows are small integers, handed out here and used again. A share lives while it has flows; a tenant until it is closed
 * and has no shares. Invariants: a row is given back once, and only when nothing belongs to it; there are never more rows
 * than the most the owner has had open at once.
 */
import { ROW_INTS, RowTable } from './row-table.ts';
import { FlowField, ShareField } from './scheduler-layout.ts';

const NOBODY = -1;

/** Places in rows, as constants of this module: read at every frame. */
const INTS = ROW_INTS;
const SHARE = FlowField.share;
const IS_OPEN_FLOW = FlowField.isOpen;
const CLASS_INDEX = ShareField.classIndex;

/** Integers of a tenant. */
const TIER = 0;
const SHARES = 1;
const IS_OPEN = 2;

/** Integers of a share that no frame needs: its tenant, and how many flows it has. */
const TENANT = 0;
const FLOWS = 1;

/** Row numbers that are handed out, given back and handed out again, the latest first. */
class RowNumbers {
  #most = 0;
  readonly #free: number[] = [];

  take(): number {
    return this.#free.pop() ?? this.#most++;
  }

  giveBack(row: number): void {
    this.#free.push(row);
  }
}

export class SchedulerRows {
  readonly shares = new RowTable();
  readonly flows = new RowTable();
  readonly #tenants = new RowTable();
  /** More about shares. */
  readonly #owners = new RowTable();
  readonly #mostClasses: number;
  /** By tenant and class: the share, or -1. */
  #shareAt = new Int32Array(0);
  readonly #tenantNumbers = new RowNumbers();
  readonly #shareNumbers = new RowNumbers();
  readonly #flowNumbers = new RowNumbers();

  constructor(mostClasses: number) {
    this.#mostClasses = mostClasses;
  }

  openTenant(tier: number): number {
    const tenant = this.#tenantNumbers.take();
    if (this.#tenants.reserve(tenant + 1)) {
      const had = this.#shareAt.length;
      const shareAt = new Int32Array(this.#tenants.rows * this.#mostClasses).fill(NOBODY, had);
      shareAt.set(this.#shareAt);
      this.#shareAt = shareAt;
    }
    this.#tenants.ints[tenant * INTS + TIER] = tier;
    this.#tenants.ints[tenant * INTS + IS_OPEN] = 1;
    return tenant;
  }

  /** The row is given back at once, or with the tenant's last flow. */
  closeTenant(tenant: number): void {
    this.#expectOpenTenant(tenant);
    this.#tenants.ints[tenant * INTS + IS_OPEN] = 0;
    if (this.#tenants.ints[tenant * INTS + SHARES] === 0) this.#tenantNumbers.giveBack(tenant);
  }

  moveTenant(tenant: number, tier: number): void {
    this.#expectOpenTenant(tenant);
    this.#tenants.ints[tenant * INTS + TIER] = tier;
    for (let classIndex = 0; classIndex < this.#mostClasses; classIndex++) {
      const share = this.#shareAt[tenant * this.#mostClasses + classIndex]!;
      if (share !== NOBODY) this.shares.ints[share * INTS + ShareField.tier] = tier;
    }
  }

  openFlow(classIndex: number, tenant: number): number {
    this.#expectOpenTenant(tenant);
    const at = tenant * this.#mostClasses + classIndex;
    let share = this.#shareAt[at]!;
    if (share === NOBODY) {
      share = this.#openShare(classIndex, tenant);
      this.#shareAt[at] = share;
    }
    const flow = this.#flowNumbers.take();
    this.flows.reserve(flow + 1);
    this.flows.clear(flow);
    this.flows.ints[flow * INTS + SHARE] = share;
    this.flows.ints[flow * INTS + IS_OPEN_FLOW] = 1;
    this.#owners.ints[share * INTS + FLOWS]!++;
    return flow;
  }

  /** The flow takes nothing more; `release` follows once it is empty. */
  closeFlow(flow: number): void {
    this.expectOpenFlow(flow);
    this.flows.ints[flow * INTS + IS_OPEN_FLOW] = 0;
  }

  /** Throws where the flow's row is not open. */
  expectOpenFlow(flow: number): void {
    if (!this.isOpen(flow)) throw new RangeError(`there is no open flow in row ${flow}`);
  }

  isOpen(flow: number): boolean {
    return this.flows.ints[flow * INTS + IS_OPEN_FLOW] === 1;
  }

  /**
   * Gives the row of a closed, emptied flow back, and the rows of those to whom nothing belongs any more. Returns whether
   * the flow's share was one of them.
   */
  release(flow: number): boolean {
    const { ints } = this.#owners;
    const share = this.shareOf(flow);
    this.#flowNumbers.giveBack(flow);
    if (--ints[share * INTS + FLOWS]! > 0) return false;
    const tenant = ints[share * INTS + TENANT]!;
    this.#shareAt[tenant * this.#mostClasses + this.classOf(share)] = NOBODY;
    this.#shareNumbers.giveBack(share);
    const left = --this.#tenants.ints[tenant * INTS + SHARES]!;
    if (left === 0 && this.#tenants.ints[tenant * INTS + IS_OPEN] === 0) this.#tenantNumbers.giveBack(tenant);
    return true;
  }

  shareOf(flow: number): number {
    return this.flows.ints[flow * INTS + SHARE]!;
  }

  classOf(share: number): number {
    return this.shares.ints[share * INTS + CLASS_INDEX]!;
  }

  tierOf(share: number): number {
    return this.shares.ints[share * INTS + ShareField.tier]!;
  }

  #openShare(classIndex: number, tenant: number): number {
    const share = this.#shareNumbers.take();
    this.shares.reserve(share + 1);
    this.shares.clear(share);
    this.#owners.reserve(share + 1);
    this.#owners.clear(share);
    const at = share * INTS;
    this.shares.ints[at + CLASS_INDEX] = classIndex;
    this.#owners.ints[at + TENANT] = tenant;
    this.shares.ints[at + ShareField.tier] = this.#tenants.ints[tenant * INTS + TIER]!;
    this.#tenants.ints[tenant * INTS + SHARES]!++;
    return share;
  }

  #expectOpenTenant(tenant: number): void {
    if (this.#tenants.ints[tenant * INTS + IS_OPEN] !== 1) {
      throw new RangeError(`there is no open tenant in row ${tenant}`);
    }
  }
}
