/**
 * Judges experiment e5. Pure: the same rounds give the same verdict.
 *
 *   mice           p99 of their ages beside the elephant ≤ 2 × that without it (not asserted in the short form); Jain's index of
 *                  the parts of what they publish that come in time ≥ 0.99, and their mean ≥ 0.9 of that without it
 *   single         the other tenant's only room gets no smaller part than the mice on average
 *   elephant       is served as well, unless the gateway had to cut it off: it gets what is left
 *   conservation   residual 0
 *   control arm    must fail one of what is asked for the mice
 */
import type { MiceReport } from '../traffic/mice.ts';
import { percent } from './e1-verdict.ts';
import { medianOf } from './e3-verdict.ts';

export const MOST_P99_FACTOR = 2;
export const LEAST_JAIN = 0.99;
const LEAST_OF_ALONE = 0.9;
/** What a single frame at the edge of a stretch makes. */
const PART_SLACK = 0.02;

/** One round: without the elephant, and beside it. */
export interface E5Round {
  readonly alone: MiceReport;
  readonly beside: MiceReport;
}

/** Medians of an arm's rounds. */
export interface E5Figures {
  readonly alone: { readonly p50Ms: number; readonly p99Ms: number; readonly part: number };
  readonly beside: { readonly p50Ms: number; readonly p99Ms: number; readonly part: number };
  readonly jain: number;
  readonly singlePart: number;
  readonly singleP99Ms: number;
  readonly elephantPerSecond: number;
  /** Rounds in which it was cut off. */
  readonly elephantCuts: number;
}

/** Judges the gateway beside the control arm. */
export function judgeE5(
  gateway: E5Figures,
  control: E5Figures,
  residual: number,
  { latencies }: { readonly latencies: boolean },
): readonly string[] {
  const shortfalls = [...(latencies ? latencyFaults(gateway) : []), ...shareFaults(gateway)];
  if (gateway.singlePart < gateway.beside.part - PART_SLACK) {
    const [single, mice] = [gateway.singlePart, gateway.beside.part].map(percent);
    shortfalls.push(`the single room of a tenant got ${single} in time, the rooms of the other one ${mice}`);
  }
  if (gateway.elephantPerSecond === 0 && gateway.elephantCuts === 0) shortfalls.push('the elephant got nothing');
  if (residual !== 0) shortfalls.push(`${residual} frames are not accounted for`);
  if (latencyFaults(control).length + shareFaults(control).length === 0) {
    shortfalls.push('the classless gateway held as well: the load proves nothing');
  }
  return shortfalls;
}

/** Medians of rounds, figure by figure. */
export function figuresOf(rounds: readonly E5Round[]): E5Figures {
  const median = (of: (round: E5Round) => number) => medianOf(rounds.map(of));
  const ages = (of: (round: E5Round) => MiceReport) => ({
    p50Ms: median((round) => of(round).p50Ms),
    p99Ms: median((round) => of(round).p99Ms),
    part: median((round) => meanOf(of(round).parts)),
  });
  return {
    alone: ages(({ alone }) => alone),
    beside: ages(({ beside }) => beside),
    jain: median(({ beside }) => jainOf(beside.parts)),
    singlePart: median(({ beside }) => beside.singlePart),
    singleP99Ms: median(({ beside }) => beside.singleP99Ms),
    elephantPerSecond: median(({ beside }) => beside.elephantPerSecond),
    elephantCuts: rounds.filter(({ beside }) => beside.elephantCut).length,
  };
}

/** Jain's fairness index, (Σx)² / (n · Σx²): 1 where all are equal, 1/n where one has everything. 0 where nobody has any. */
export function jainOf(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 0 : (sum * sum) / (values.length * squares);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / Math.max(1, values.length);
}

function latencyFaults({ alone, beside }: E5Figures): string[] {
  if (beside.p99Ms <= MOST_P99_FACTOR * alone.p99Ms) return [];
  return [
    `p99 of the mice is ${beside.p99Ms.toFixed(1)} ms beside the elephant, ${alone.p99Ms.toFixed(1)} ms without it`,
  ];
}

function shareFaults({ alone, beside, jain }: E5Figures): string[] {
  const faults: string[] = [];
  if (jain < LEAST_JAIN) faults.push(`Jain’s index of the mice is ${jain.toFixed(4)}`);
  if (beside.part < LEAST_OF_ALONE * alone.part) {
    faults.push(
      `${percent(beside.part)} of the mice’s frames came in time beside the elephant, ${percent(alone.part)} without`,
    );
  }
  return faults;
}
