/** What flows may spend of model tokens and money: `AmountBudgets` asked in terms of flows. */
import { Decision } from './admission-decision.ts';
import type { AmountBudgets } from './amount-budgets.ts';
import type { FlowRows } from './flow-rows.ts';

export class FlowCosts {
  /** Money that turns have cost since the beginning, whether or not it was limited. */
  spent = 0;
  readonly #amounts: AmountBudgets;
  readonly #flows: FlowRows;

  constructor(amounts: AmountBudgets, flows: FlowRows) {
    this.#amounts = amounts;
    this.#flows = flows;
  }

  /** Whether something in the class costs model tokens or money. */
  has(classIndex: number): boolean {
    return this.#amounts.limits(classIndex);
  }

  /** Who is in debt, or `admitted`: then something that costs may pass, and is charged after. */
  admit(flow: number, classIndex: number, nowMs: number): Decision {
    const debtor = this.#amounts.debtor(this.#flows.rows, flow, classIndex, nowMs);
    return debtor < 0 ? Decision.admitted : ((debtor + 1) as Decision);
  }

  /** Charges what something that was admitted cost. */
  charge(flow: number, classIndex: number, modelTokens: number, money: number, nowMs: number): void {
    this.#amounts.charge(this.#flows.rows, flow, classIndex, modelTokens, money, nowMs);
  }

  /** Ms until something that costs would be admitted, if nothing else came. */
  retryAfterMs(flow: number, classIndex: number, nowMs: number): number {
    return this.#amounts.retryAfterMs(this.#flows.rows, flow, classIndex, nowMs);
  }
}
