/**
 * Judges experiment ladder. Pure: the same courses give the same verdict.
 *
 *   climb     under the flood, a step at a time, to the level at which turns are capped at least; in the full form each step at
 *             most 1 s after the one before, the first after the breach began
 *   descent   after the flood, a step at a time, to 0
 *   heeding   agents that heed the advice were advised, and of their turns at least 95 % of the part was heard in time that
 *             was before the flood, which must be nine tenths: a machine with much other work shows nothing
 *   ignoring  of agents that do not, at most half; and the crowd was cut
 *   residual  0
 *   control   with the ladder held at 0 it must fall short of heeding or of ignoring: there nobody is told apart
 */
import type { TalkingReport, TurnTally } from '../traffic/talking-agents.ts';
import type { TurnCrowdReport } from '../traffic/turn-crowd.ts';
import { percent } from './e1-verdict.ts';

export const LEAST_HEEDING = 0.95;
/** Below this a machine has too much other work for a flood to show anything. */
export const LEAST_CALM = 0.9;
export const MOST_IGNORING = 0.5;
/** From a step to the next while the breach lasts: half a second, as seen every quarter of one. */
export const MOST_STEP_MS = 1000;

/** A level, and since when, ms from the beginning of the flood. */
export interface LevelSeen {
  readonly atMs: number;
  readonly level: number;
}

/** One arm. */
export interface LadderCourse {
  /** Level 0 with the beginning of the breach, and every change from then on, until the end of the arm. */
  readonly levels: readonly LevelSeen[];
  /** What agents said before the flood. */
  readonly calm: TalkingReport;
  /** What agents said under the flood, once the ladder stood where it was to stand. */
  readonly flooded: TalkingReport;
  readonly crowd: Pick<TurnCrowdReport, 'cuts'>;
  readonly residual: number;
}

/** Judges the arm with the ladder beside the one without. `capLevel`: the first level that caps turns. */
export function judgeLadder(
  course: LadderCourse,
  control: LadderCourse,
  { capLevel, times }: { readonly capLevel: number; readonly times: boolean },
): readonly string[] {
  const { advisedLevel } = course.flooded.heeding;
  const shortfalls = [
    ...climbFaults(course.levels, capLevel),
    ...(times ? stepFaults(course.levels) : []),
    ...talkFaults(course),
  ];
  if (advisedLevel < capLevel) shortfalls.push(`agents were advised of level ${advisedLevel} at most`);
  if (course.crowd.cuts === 0) shortfalls.push('nobody of the crowd was cut');
  for (const [name, { calm, residual }] of Object.entries({ course, control })) {
    if (residual !== 0) shortfalls.push(`${name}: ${residual} frames are not accounted for`);
    if (shareHeard(calm.heeding) >= LEAST_CALM) continue;
    const heard = percent(shareHeard(calm.heeding));
    shortfalls.push(`${name}: before the flood ${heard} were heard: this machine has too much other work`);
  }
  if (talkFaults(control).length === 0) {
    shortfalls.push('without the ladder agents were told apart as well: the load proves nothing');
  }
  return shortfalls;
}

/** Of who was not heard under the flood and should have been, and the other way round. */
function talkFaults({ calm, flooded: { heeding, ignoring } }: LadderCourse): string[] {
  const faults: string[] = [];
  const due = LEAST_HEEDING * shareHeard(calm.heeding);
  if (shareHeard(heeding) < due) {
    const heard = percent(shareHeard(heeding));
    faults.push(`of the turns of agents that heed, ${heard} were heard, ${percent(due)} are due`);
  }
  if (shareHeard(ignoring) > MOST_IGNORING) {
    faults.push(`of the turns of agents that ignore advice, ${percent(shareHeard(ignoring))} were heard all the same`);
  }
  return faults;
}

/** The part of what was due that was heard in time; 0 when nothing was due. */
export function shareHeard({ due, heard }: Pick<TurnTally, 'due' | 'heard'>): number {
  return due === 0 ? 0 : heard / due;
}

function climbFaults(levels: readonly LevelSeen[], capLevel: number): string[] {
  const faults: string[] = [];
  const highest = Math.max(...levels.map(({ level }) => level));
  if (highest < capLevel) faults.push(`the ladder climbed to level ${highest}, turns are capped from ${capLevel}`);
  const leap = levels.slice(1).find(({ level }, index) => Math.abs(level - levels[index]!.level) !== 1);
  if (leap !== undefined) faults.push(`the ladder came to level ${leap.level} by more than one step`);
  const last = levels.at(-1)?.level;
  if (last !== 0) faults.push(`after the flood the ladder stayed at level ${last}`);
  return faults;
}

/** Steps up to the highest level that came too late. */
function stepFaults(levels: readonly LevelSeen[]): string[] {
  const highest = Math.max(...levels.map(({ level }) => level));
  const top = levels.findIndex(({ level }) => level === highest);
  return levels.slice(1, top + 1).flatMap(({ atMs, level }, index) => {
    const tookMs = atMs - levels[index]!.atMs;
    return level < levels[index]!.level || tookMs <= MOST_STEP_MS
      ? []
      : [`level ${level} came ${tookMs.toFixed(0)} ms after the one before, ${MOST_STEP_MS} are allowed`];
  });
}
