/**
 * Experiment ladder: by real load, unpinned, the gateway climbs until it has time again, and comes down when the load is gone;
 * an agent that heeds what it is advised goes on being heard, where one that does not is refused.
 */
import { monotonicMs, pause } from '../clock.ts';
import { GATEWAY_DIFFERENCES } from '../processes/gateway-process.ts';
import { pinLadder } from '../processes/pin-ladder.ts';
import { busyLine, machineLine } from '../report/machine.ts';
import { writeResults } from '../report/results-file.ts';
import { formatTable, shortCount } from '../report/table.ts';
import type { TalkingReport, TurnTally } from '../traffic/talking-agents.ts';
import type { TurnCrowdReport } from '../traffic/turn-crowd.ts';
import { percent } from './e1-verdict.ts';
import { BREACH_MS, CROWD_AGENTS, type LadderRig, ladderDifference, startLadderRig } from './ladder-rig.ts';
import { judgeLadder, type LadderCourse, LEAST_CALM, type LevelSeen, shareHeard } from './ladder-verdict.ts';

export interface LadderOptions {
  readonly short: boolean;
  /** Turn frames per second of the crowd. */
  readonly framesPerSecond: number;
  /** How long agents are listened to under the flood. */
  readonly talkMs: number;
}

/** The first level of the default policy that caps turns. */
const CAP_LEVEL = 4;
const LOOK_MS = 50;
const CALM_TALK_MS = 2000;
const CALM_TRIES = 3;
/** After everybody has come: a plane that has just met six hundred clients is late for a moment. */
const REST_MS = 1500;
/** From the beginning of the flood until the ladder should stand where turns are capped; the control arm waits as long. */
const CLIMB_MS = 6000;
/** Then the agents are listened to once the breach has been over for `CALM_MS`, or at the latest after so long. */
const SETTLE_MS = 6000;
const CALM_MS = 1000;
/** The level below is reached so long after it may be, or the ladder does not come down. */
const PATIENCE_MS = 15_000;

interface Arm extends LadderCourse {
  readonly crowd: TurnCrowdReport;
  /** Frames by how they ended. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly causes: readonly string[];
}

/** Runs it, printing as it goes; resolves to whether it passed. */
export async function runLadder(options: LadderOptions, print: (line: string) => void): Promise<boolean> {
  const machine = machineLine();
  const stepDownAfterMs = options.short ? 4000 : 10_000;
  print(`ladder  overload given way to, and taken back   ${machine}`);
  const busy = busyLine();
  if (busy !== null) print(`    ! ${busy}`);
  print(`    gateway as delivered, but ${GATEWAY_DIFFERENCES}, and ${ladderDifference(stepDownAfterMs)}`);
  print(`    ${CROWD_AGENTS} agents flood it with ${shortCount(options.framesPerSecond)} frames/s of turns`);
  const arms: Arm[] = [];
  for (const pinned of [false, true]) {
    print(pinned ? '\ncontrol arm: the same gateway, its ladder held at level 0' : '\nby load');
    const rig = await startLadderRig(stepDownAfterMs);
    try {
      if (pinned) await pinLadder(rig.operatorUrl, 0);
      arms.push(await armOf(rig, options, pinned ? 0 : PATIENCE_MS + stepDownAfterMs, print));
    } finally {
      await rig.stop();
    }
  }
  const [course, control] = arms as [Arm, Arm];
  const shortfalls = judgeLadder(course, control, { capLevel: CAP_LEVEL, times: !options.short });
  print(`\n${tableOf(course, control)}\n`);
  print(`written to ${await writeResults('ladder', { machine, busy, options, course, control, shortfalls })}`);
  print(shortfalls.length === 0 ? 'PASS' : `FALLS SHORT: ${shortfalls.join('; ')}`);
  return shortfalls.length === 0;
}

/** `descentMs`: how long each level may last after the flood; 0: the ladder does not move. */
async function armOf(
  rig: LadderRig,
  { framesPerSecond, talkMs }: LadderOptions,
  descentMs: number,
  print: (line: string) => void,
): Promise<Arm> {
  const calm = await calmTalk(rig, print);
  const watch = watchLadder(rig, print);
  const durationMs = 2 * (CLIMB_MS + SETTLE_MS + talkMs);
  const flooding = rig.crowd.call('flood', { framesPerSecond, durationMs });
  await until(() => watch.levels.at(-1)!.level >= CAP_LEVEL, CLIMB_MS);
  await until(() => monotonicMs() - watch.breachedMs() > CALM_MS, SETTLE_MS);
  const flooded = await rig.talking.call('talk', talkMs);
  print(`  flooded: heeding agents ${heardOf(flooded.heeding)}, ignoring ones ${heardOf(flooded.ignoring)}`);
  await rig.crowd.call('halt', null);
  const crowd = await flooding;
  while (watch.levels.at(-1)!.level > 0 && monotonicMs() - watch.changedMs() < descentMs) await pause(LOOK_MS);
  watch.stop();
  // Figures come once a second.
  await pause(2500);
  const { outcomes, residual } = await rig.figures();
  const ends = Object.entries(outcomes).flatMap(([name, count]) => (count > 0 ? [`${name} ${shortCount(count)}`] : []));
  print(`  crowd: ${crowd.cuts} times cut, ${crowd.refused} times turned away; all frames: ${ends.join(', ')}`);
  return { levels: watch.levels, causes: watch.causes, calm, flooded, crowd, outcomes, residual };
}

/** What is heard without a flood; again where other work of the machine kept it from being heard. */
async function calmTalk(rig: LadderRig, print: (line: string) => void): Promise<TalkingReport> {
  for (let tried = 1; ; tried++) {
    await pause(REST_MS);
    const calm = await rig.talking.call('talk', CALM_TALK_MS);
    print(`  calm: heeding agents ${heardOf(calm.heeding)}, ignoring ones ${heardOf(calm.ignoring)}`);
    if (tried === CALM_TRIES || shareHeard(calm.heeding) >= LEAST_CALM) return calm;
  }
}

/** Looks at the level again and again until it is stopped. The first of `levels` is when the breach began. */
function watchLadder(rig: LadderRig, print: (line: string) => void) {
  const startMs = monotonicMs();
  const levels: LevelSeen[] = [{ atMs: 0, level: 0 }];
  const causes: string[] = [];
  let breachedMs = startMs;
  let stopped = false;
  const look = async () => {
    while (!stopped) {
      const { level, cause, load } = await rig.ladder();
      const atMs = monotonicMs() - startMs;
      const breached = Object.values(load).some(({ schedulerDelayMs = 0 }) => schedulerDelayMs > BREACH_MS);
      if (breached) breachedMs = monotonicMs();
      // The first step is counted from when the breach began.
      if (levels.length === 1 && level === 0 && !breached) levels[0] = { atMs, level };
      if (level !== levels.at(-1)!.level) {
        print(`  ${(atMs / 1000).toFixed(2).padStart(6)} s  level ${level}${cause === null ? '' : `, for ${cause}`}`);
        levels.push({ atMs, level });
        causes.push(cause ?? '');
      }
      await pause(LOOK_MS);
    }
  };
  // What cannot be asked is a fault of the run: it ends the arm's next call too.
  look().catch(() => {
    stopped = true;
  });
  return {
    levels,
    causes,
    /** When a breach was last seen. */
    breachedMs: () => breachedMs,
    changedMs: () => startMs + levels.at(-1)!.atMs,
    stop: () => {
      stopped = true;
    },
  };
}

/** Resolves when `holds` does, or after `mostMs`. */
async function until(holds: () => boolean, mostMs: number): Promise<void> {
  for (const endMs = monotonicMs() + mostMs; monotonicMs() < endMs && !holds(); ) await pause(LOOK_MS);
}

function heardOf(tally: TurnTally): string {
  return `${tally.heard} of ${tally.due} turns (${percent(shareHeard(tally))})`;
}

function tableOf(course: Arm, control: Arm): string {
  const head = ['turns heard in time', 'calm', 'flooded', 'advised', 'throttled', 'sockets lost'];
  const rows = Object.entries({ 'by load': course, 'held at 0': control }).flatMap(([name, { calm, flooded }]) =>
    (['heeding', 'ignoring'] as const).map((temper) => {
      const { advisedLevel, throttled, lost } = flooded[temper];
      const shares = [percent(shareHeard(calm[temper])), percent(shareHeard(flooded[temper]))];
      return [`${name}, ${temper}`, ...shares, `level ${advisedLevel}`, `${throttled}`, `${lost}`];
    }),
  );
  return formatTable(head, rows);
}
