/**
 * Judges experiment e3. Pure: the same curves give the same verdict.
 *
 *   delay          after a step to 1.4 × below 10 ms again within 100 ms, to 10 × within 1 s (not asserted in the short form)
 *   order          at 10 × premium comes through to at least twice the part that deferred does
 *   conservation   residual 0
 *   control arms   each must fall short of delay or order
 *
 * What is judged is seen from outside: by how much what listeners receive is older than it was at 0.7 ×. The gateway's own
 * figure is printed beside it.
 */

/** A delay that counts as gone. */
export const SHORT_MS = 10;
export const CURVE_BIN_MS = 50;
/** Load after the step, as a multiple of capacity, and how long the delay may last, ms. */
export const E3_STEPS = [
  { load: 1.4, withinMs: 100 },
  { load: 10, withinMs: 1000 },
] as const;
const LEAST_ORDER = 2;

/** One step of one arm: medians of its rounds. */
export interface StepCurves {
  readonly load: number;
  /** From outside, ms, by bins of `CURVE_BIN_MS` since the step; Infinity of a bin in which nothing came. */
  readonly outsideMs: readonly number[];
  /** The gateway's own figure in the same bins; null where it keeps none. */
  readonly ownMs: readonly number[] | null;
  /** Parts of what was offered after the step that came in time. */
  readonly parts: { readonly premium: number; readonly standard: number; readonly deferred: number };
}

export interface E3Arm {
  readonly name: string;
  readonly steps: readonly StepCurves[];
}

/** Judges the gateway beside the control arms. */
export function judgeE3(
  gateway: E3Arm,
  controls: readonly E3Arm[],
  residual: number,
  { latencies }: { readonly latencies: boolean },
): readonly string[] {
  const shortfalls = [...(latencies ? delayFaults(gateway) : []), ...orderFaults(gateway)];
  if (residual !== 0) shortfalls.push(`${residual} frames are not accounted for`);
  for (const control of controls) {
    if (delayFaults(control).length + orderFaults(control).length > 0) continue;
    shortfalls.push(`${control.name} held as well: the load proves nothing`);
  }
  return shortfalls;
}

/**
 * When the delay was short again, ms after the step: the beginning of the first bin below `SHORT_MS` after the delay had
 * been above, if half of all bins from there on are. 0 where it never was above; Infinity where it stayed.
 */
export function recoveryMs(delaysMs: readonly number[]): number {
  const above = delaysMs.findIndex((delayMs) => delayMs >= SHORT_MS);
  if (above < 0) return 0;
  for (let bin = above + 1; bin < delaysMs.length; bin++) {
    if (delaysMs[bin]! < SHORT_MS && medianOf(delaysMs.slice(bin)) < SHORT_MS) return bin * CURVE_BIN_MS;
  }
  return Number.POSITIVE_INFINITY;
}

/** By bins, the median of several rounds' curves of the same length. */
export function medianCurve(rounds: readonly (readonly number[])[]): number[] {
  return (rounds[0] ?? []).map((_, bin) => medianOf(rounds.map((curve) => curve[bin]!)));
}

/** The middle of the values, the lower one of two. NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

function delayFaults({ name, steps }: E3Arm): string[] {
  return E3_STEPS.flatMap(({ load, withinMs }) => {
    const step = steps.find((each) => each.load === load);
    if (step === undefined) return [`${name} was not stepped to ${load} ×`];
    const afterMs = recoveryMs(step.outsideMs);
    if (afterMs <= withinMs) return [];
    const after =
      afterMs === Number.POSITIVE_INFINITY ? 'did not get short again' : `was short again after ${afterMs} ms`;
    return [`${name}: after the step to ${load} × the delay ${after}, ${withinMs} ms are allowed`];
  });
}

function orderFaults({ name, steps }: E3Arm): string[] {
  const parts = steps.find(({ load }) => load === 10)?.parts;
  if (parts === undefined) return [`${name} was not stepped to 10 ×`];
  if (parts.premium > 0 && parts.premium >= LEAST_ORDER * parts.deferred) return [];
  const told = [parts.premium, parts.deferred].map((part) => part.toFixed(3));
  return [`${name}: at 10 × ${told[0]} of premium came in time and ${told[1]} of deferred`];
}
