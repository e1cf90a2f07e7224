/**
 * Judges experiment e6. Pure: the same figures give the same verdict.
 *
 *   finals         each exactly once at every subscriber, with its text, in order, in one order in a room
 *   gaps           no jump in the numbers of batches, no connection lost that was not broken on purpose
 *   interims       none after its final or older than what is there; ≤ 1 + ⌈open time / tick⌉ of a segment
 *   savings        frames and writes saved ≥ 95 % of what the oracle saves
 *   staleness      p95 ≤ 300 ms (not asserted in the short form)
 *   conservation   residual 0
 *   control arm    neither exactly once, nor anything saved worth the name
 */
import type { CaptionCost } from '../captions/caption-oracle.ts';
import type { CaptionArm } from './e6-arm.ts';

export const LEAST_SAVED_OF_ORACLE = 0.95;
export const MOST_STALENESS_P95_MS = 300;

/** What is saved, as shares. */
export interface CaptionSavings {
  readonly frames: number;
  readonly writes: number;
}

export interface E6Verdict {
  /** Of what the oracle saves. */
  readonly ofOracle: CaptionSavings;
  readonly controlOfOracle: CaptionSavings;
  readonly shortfalls: readonly string[];
}

/** Judges both arms. `latencies`: whether staleness is asserted. */
export function judgeE6(
  arm: CaptionArm,
  control: CaptionArm,
  residual: number,
  { latencies }: { readonly latencies: boolean },
): E6Verdict {
  const ofOracle = savedOfOracle(arm);
  const controlOfOracle = savedOfOracle(control);
  const shortfalls = [...faultsOf(arm), ...tooLittleSaved(ofOracle)];
  const { p95 } = arm.staleness;
  if (latencies && p95 > MOST_STALENESS_P95_MS) {
    shortfalls.push(`interim staleness p95 ${p95.toFixed(0)} ms > ${MOST_STALENESS_P95_MS} ms`);
  }
  if (arm.resumes === 0) shortfalls.push('no connection was lost and resumed');
  // One of each room is slow, and `sent` is what one quick one of each room was sent.
  if (arm.tallies.slow.frames >= arm.sent.frames) {
    shortfalls.push('slow readers were sent as much as quick ones: they were not slow');
  }
  if (residual !== 0) shortfalls.push(`${residual} frames are not accounted for`);
  if (finalFaults(control) === 0)
    shortfalls.push('the control arm delivered every final once: the load proves nothing');
  if (tooLittleSaved(controlOfOracle).length === 0) shortfalls.push('the control arm saved as much as the oracle');
  return { ofOracle, controlOfOracle, shortfalls };
}

/** The savings of an arm as shares of the oracle's on the same input. */
export function savedOfOracle({
  offered,
  sent,
  oracle,
}: Pick<CaptionArm, 'offered' | 'sent' | 'oracle'>): CaptionSavings {
  const share = (of: (cost: CaptionCost) => number) => (of(offered) - of(sent)) / Math.max(1, of(offered) - of(oracle));
  return { frames: share(({ frames }) => frames), writes: share(({ writes }) => writes) };
}

/** Finals that did not come exactly once, in order and as they were. */
export function finalFaults({ tallies }: Pick<CaptionArm, 'tallies'>): number {
  return Object.values(tallies).reduce(
    (total, { missing, repeated, outOfOrder, wrongText }) => total + missing + repeated + outOfOrder + wrongText,
    0,
  );
}

function faultsOf(arm: CaptionArm): string[] {
  const faults: string[] = [];
  for (const [temper, tally] of Object.entries(arm.tallies)) {
    const { missing, repeated, outOfOrder, wrongText, backwards, tooMany, finals } = tally;
    const expected = finals + missing;
    if (missing > 0) faults.push(`${missing} of ${expected} finals missing at ${temper} subscribers`);
    if (repeated > 0) faults.push(`${repeated} of ${expected} finals repeated at ${temper} subscribers`);
    if (outOfOrder > 0) faults.push(`${outOfOrder} finals out of order at ${temper} subscribers`);
    if (wrongText > 0) faults.push(`${wrongText} texts at ${temper} subscribers that nobody said`);
    if (backwards > 0) faults.push(`${backwards} interims at ${temper} subscribers were older than what was there`);
    if (tooMany > 0) faults.push(`${tooMany} interims too many at ${temper} subscribers`);
  }
  if (arm.orders > 0) faults.push(`finals came in several orders in ${arm.orders} rooms`);
  if (arm.numberJumps > 0) faults.push(`the numbers of batches jumped ${arm.numberJumps} times`);
  if (arm.lost > 0) faults.push(`${arm.lost} connections were lost that nobody broke`);
  return faults;
}

function tooLittleSaved(savings: CaptionSavings): string[] {
  return Object.entries(savings)
    .filter(([, share]) => share < LEAST_SAVED_OF_ORACLE)
    .map(
      ([what, share]) =>
        `${what} saved are ${(100 * share).toFixed(1)} % of what the oracle saves, at least 95 % are due`,
    );
}
