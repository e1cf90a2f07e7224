/**
 * Judges experiment e2. Pure: the same steps give the same verdict.
 *
 *   goodput        at 12 × capacity ≥ 95 % of the run's peak (not asserted in the short form)
 *   premium        at every multiple ≥ 99.9 % of min(offered, its weighted share of the peak); in the short form, whose
 *                  stretches last a second, 90 %
 *   order          no class gets a larger part of what it offers than one more important; deferred is shed first, and at
 *                  12 × half of it at least: otherwise nothing was too much
 *   conservation   residual 0
 *   control arm    the classless gateway, at multiples of what it holds itself, carries most of it at 1 ×, and falls short of
 *                  goodput or of premium at 12 ×
 */
import { median } from '../report/median.ts';
import { percent } from './e1-verdict.ts';

export const LEAST_OF_PEAK = 0.95;
export const LEAST_PREMIUM = 0.999;
export const LEAST_PREMIUM_SHORT = 0.9;
/** Premium's weight in the default policy, of the sum of all metadata classes'. */
export const PREMIUM_SHARE = 8 / 17;
/** Of premium and standard, what the control arm must carry at the rate it was found to hold. */
const LEAST_OF_CONTROL = 0.9;
/** Shares of what was offered may differ by this without being out of order: batches and boundaries of the window. */
const ORDER_SLACK = 0.02;

/** One class at one multiple: frames per second. */
export interface ClassRate {
  readonly name: string;
  readonly offered: number;
  /** Which reached the listeners in time. */
  readonly inTime: number;
}

/** All classes at one multiple of capacity. */
export interface GoodputStep {
  readonly multiple: number;
  readonly classes: readonly ClassRate[];
}

/** Judges the steps of both arms, which are in the order of their multiples. `captions` are merged, so of them no part is asked. */
export function judgeE2(
  steps: readonly GoodputStep[],
  control: readonly GoodputStep[],
  residual: number,
  { latencies }: { readonly latencies: boolean },
): readonly string[] {
  const leastPremium = latencies ? LEAST_PREMIUM : LEAST_PREMIUM_SHORT;
  const shortfalls = [...premiumFaults(steps, leastPremium), ...steps.flatMap(orderFaults), ...tooLittleOffered(steps)];
  if (latencies) shortfalls.push(...goodputFaults(steps));
  if (residual !== 0) shortfalls.push(`${residual} frames are not accounted for`);
  shortfalls.push(...brokenControl(control));
  if (premiumFaults(control, leastPremium).length + goodputFaults(control).length === 0) {
    shortfalls.push('the classless gateway held goodput and premium as well: the load proves nothing');
  }
  return shortfalls;
}

/** Of rounds of the same multiples, for each multiple and class the medians. */
export function medianSteps(rounds: readonly (readonly GoodputStep[])[]): readonly GoodputStep[] {
  return rounds[0]!.map(({ multiple, classes }, step) => ({
    multiple,
    classes: classes.map(({ name }, index) => {
      const rates = rounds.map((steps) => steps[step]!.classes[index]!);
      const offered = median(rates.map((rate) => rate.offered));
      return { name, offered, inTime: median(rates.map((rate) => rate.inTime)) };
    }),
  }));
}

/** What reached listeners in time in a step, frames per second over all classes. */
export function goodputOf({ classes }: GoodputStep): number {
  return classes.reduce((sum, { inTime }) => sum + inTime, 0);
}

function goodputFaults(steps: readonly GoodputStep[]): string[] {
  const peak = Math.max(0, ...steps.map(goodputOf));
  const last = steps.at(-1);
  if (last === undefined || peak === 0) return ['nothing was delivered in time'];
  const share = goodputOf(last) / peak;
  return share >= LEAST_OF_PEAK ? [] : [`goodput at ${last.multiple} × is ${percent(share)} of its peak, 95 % are due`];
}

function premiumFaults(steps: readonly GoodputStep[], least: number): string[] {
  const share = PREMIUM_SHARE * Math.max(0, ...steps.map(goodputOf));
  return steps.flatMap(({ multiple, classes }) => {
    const premium = classes.find(({ name }) => name === 'premium');
    if (premium === undefined) return [`nobody offered premium at ${multiple} ×`];
    const due = least * Math.min(premium.offered, share);
    if (premium.inTime >= due) return [];
    return [`premium at ${multiple} ×: ${premium.inTime.toFixed(0)}/s in time, ${due.toFixed(0)}/s are due`];
  });
}

function tooLittleOffered(steps: readonly GoodputStep[]): string[] {
  const deferred = steps.at(-1)?.classes.find(({ name }) => name === 'deferred');
  if (deferred !== undefined && deferred.inTime < deferred.offered / 2) return [];
  return ['at the highest multiple not even half of deferred was shed: what was offered was not too much'];
}

/** A baseline that works at no rate would fall short of anything. */
function brokenControl([first]: readonly GoodputStep[]): string[] {
  const events = first?.classes.filter(({ name }) => name === 'premium' || name === 'standard') ?? [];
  const sum = (of: (rate: ClassRate) => number) => events.reduce((total, rate) => total + of(rate), 0);
  const share =
    sum(({ inTime }) => inTime) /
    Math.max(
      1,
      sum(({ offered }) => offered),
    );
  if (share >= LEAST_OF_CONTROL) return [];
  return [
    `the classless gateway carried ${percent(share)} of premium and standard at 1 × of what it holds: it proves nothing`,
  ];
}

function orderFaults({ multiple, classes }: GoodputStep): string[] {
  const events = classes.filter(({ name }) => name !== 'captions');
  return events.slice(1).flatMap((less, index) => {
    const more = events[index]!;
    const [lessPart, morePart] = [less, more].map(({ inTime, offered }) => inTime / Math.max(1, offered)) as [
      number,
      number,
    ];
    if (lessPart <= morePart + ORDER_SLACK) return [];
    return [
      `at ${multiple} × ${less.name} got ${percent(lessPart)} of what it offered, ${more.name} ${percent(morePart)}`,
    ];
  });
}
