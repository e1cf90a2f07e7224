/** How a frame ends that admission refused. */

import { Outcome } from '../schemas/metric-names.ts';
import { Decision } from './admission-decision.ts';

const OUTCOMES: Readonly<Record<Exclude<Decision, 0>, number>> = {
  [Decision.session]: Outcome.rejected_session,
  [Decision.user]: Outcome.rejected_user,
  [Decision.room]: Outcome.rejected_room,
  [Decision.tenant]: Outcome.rejected_tenant,
  [Decision.gateway]: Outcome.rejected_gateway,
  [Decision.noCredit]: Outcome.rejected_credit,
};

/** The outcome of a refusal: an index of `OUTCOMES`. */
export function outcomeOf(refusal: Exclude<Decision, 0>): number {
  return OUTCOMES[refusal];
}
