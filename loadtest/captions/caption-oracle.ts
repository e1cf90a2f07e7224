/**
 * How few frames and writes one subscriber of a room needs, for somebody who knows beforehand what will be said.
 *
 * The rule is the gateway's own: a segment's first interim and every final leave at once, what changes in between
 * leaves at the tick, and of it the newest only. The oracle keeps to that rule without losing time: nothing is under way,
 * no timer is late, and it has chosen the phase of its tick after it has read everything.
 */

/** Something that came in, with the time it came. */
export interface CaptionInput {
  /** The segment, as one number within the room. */
  readonly key: number;
  readonly revision: number;
  readonly final: boolean;
  readonly atMs: number;
}

/** What was sent to one subscriber. */
export interface CaptionCost {
  readonly frames: number;
  readonly writes: number;
}

/** Phases that the oracle tries. */
const PHASES = 20;

/** The least cost of `input`, which is in the order of its times, over all phases of a tick of `tickMs`. */
export function oracleCost(input: readonly CaptionInput[], tickMs: number): CaptionCost {
  let best = costAtPhase(input, tickMs, 0);
  for (let phase = 1; phase < PHASES; phase++) {
    const cost = costAtPhase(input, tickMs, (phase * tickMs) / PHASES);
    if (cost.frames + cost.writes < best.frames + best.writes) best = cost;
  }
  return best;
}

/** The cost with ticks at `phaseMs + n · tickMs`. */
export function costAtPhase(input: readonly CaptionInput[], tickMs: number, phaseMs: number): CaptionCost {
  const newest = new Map<number, number>();
  const changed = new Set<number>();
  let [frames, writes, tick] = [0, 0, Number.NEGATIVE_INFINITY];
  const leave = () => {
    frames += changed.size;
    writes += changed.size > 0 ? 1 : 0;
    changed.clear();
  };
  for (const { key, revision, final, atMs } of input) {
    const now = Math.floor((atMs - phaseMs) / tickMs);
    if (now > tick) leave();
    tick = now;
    const before = newest.get(key);
    // Said before, or overtaken: no news.
    if (before !== undefined && (before === Number.POSITIVE_INFINITY || (!final && revision <= before))) continue;
    newest.set(key, final ? Number.POSITIVE_INFINITY : revision);
    if (final || before === undefined) {
      changed.delete(key);
      frames++;
      writes++;
    } else changed.add(key);
  }
  leave();
  return { frames, writes };
}
