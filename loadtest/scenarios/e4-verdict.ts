/**
 * Judges experiment e4. Pure: the same rounds give the same verdict.
 *
 *   goodput        at twice the capacity f_sat of control, ≥ 0.9 · f_sat / f = 45 % of dialogs finish, median of the rounds
 *                  (not asserted in the short form)
 *   whole dialogs  nothing but joins is refused; of those let in, 99 % finish (likewise)
 *   control arms   shedding at random finishes less than 2 · (1/2)⁴ and a third of ours, shedding nothing less than ours
 *                  and than is due
 *   load           no connection is lost, and no dialog finds all clients taken, beside the gateway's own shedding
 *   conservation   residual 0
 */
import { median } from '../report/median.ts';
import { percent } from './e1-verdict.ts';

/** Offered, as a multiple of the capacity. */
export const E4_LOAD = 2;
/** Of what a perfect gateway would finish. */
export const LEAST_OF_PERFECT = 0.9;
const LEAST_OF_ADMITTED = 0.99;
const TIMES_CONTROL = 3;
const MOST_AT_RANDOM = 2 * 0.5 ** 4;

/** What became of the dialogs of a stretch. */
export interface DialogCounts {
  readonly begun: number;
  readonly finished: number;
  readonly refusedJoins: number;
  /** Refused at any later message. */
  readonly refusedLater: number;
  /** Given up, because a message was not answered in time. */
  readonly unanswered: number;
  readonly lost: number;
  readonly noneFree: number;
}

/** The arms in one round, all offered twice the capacity measured in it. */
export interface E4Round {
  readonly sluice: DialogCounts;
  readonly random: DialogCounts;
  readonly none: DialogCounts;
}

/** Which part of the dialogs that a client was free for was finished. */
export function finishedPart({ begun, finished, noneFree }: DialogCounts): number {
  return finished / Math.max(1, begun - noneFree);
}

/** Judges the rounds: what falls short, in words. `goodput`: whether parts are asserted that depend on the machine. */
export function judgeE4(
  rounds: readonly E4Round[],
  residual: number,
  { goodput }: { readonly goodput: boolean },
): readonly string[] {
  const shortfalls: string[] = [];
  const part = median(rounds.map(({ sluice }) => finishedPart(sluice)));
  const due = LEAST_OF_PERFECT / E4_LOAD;
  if (goodput && part < due) shortfalls.push(`${percent(part)} of dialogs finished, ${percent(due)} are due`);
  for (const { sluice, random, none } of rounds) {
    const { refusedLater, unanswered, begun, refusedJoins, lost, noneFree } = sluice;
    if (refusedLater > 0) shortfalls.push(`${refusedLater} messages after a join were refused`);
    if (lost > 0) shortfalls.push(`${lost} connections were lost`);
    if (noneFree > 0) shortfalls.push(`${noneFree} dialogs found no client free: the load client is too small`);
    if (goodput && unanswered > (1 - LEAST_OF_ADMITTED) * (begun - refusedJoins)) {
      shortfalls.push(`${unanswered} of ${begun - refusedJoins} dialogs that were let in were not finished in time`);
    }
    const control = Math.max(TIMES_CONTROL * finishedPart(random), finishedPart(none));
    if (finishedPart(sluice) <= control) {
      const arms = `${percent(finishedPart(random))} at random, ${percent(finishedPart(none))} shedding nothing`;
      shortfalls.push(`${percent(finishedPart(sluice))} finished, little beside the control arms: ${arms}`);
    }
    if (finishedPart(random) >= MOST_AT_RANDOM) {
      shortfalls.push(`shedding at random finished ${percent(finishedPart(random))}: it was not at random`);
    }
    if (finishedPart(none) >= due) {
      shortfalls.push(`shedding nothing finished ${percent(finishedPart(none))}: what was offered was not too much`);
    }
  }
  if (residual !== 0) shortfalls.push(`${residual} frames are not accounted for`);
  return shortfalls;
}
