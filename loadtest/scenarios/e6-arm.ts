/**
 * One arm of e6: the scripted rooms against a gateway, with slow readers and connections that break on the way.
 */

import { type CaptionTally, sumTallies } from '../captions/caption-book.ts';
import { type CaptionCost, oracleCost } from '../captions/caption-oracle.ts';
import { type CaptionRoom, CaptionRooms, TICK_MS } from '../captions/caption-rooms.ts';
import type { CaptionSubscriber, Temper } from '../captions/caption-subscriber.ts';
import { recordedStreams, roomScript, type ScriptedFragment } from '../captions/room-script.ts';
import { monotonicMs, pause } from '../clock.ts';
import { LatencyRecord, type LatencySummary } from '../latency-record.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import type { LoadTarget } from '../wire/load-target.ts';

/** How much to say. */
export interface CaptionPlan {
  readonly rooms: number;
  readonly durationMs: number;
}

/** What came of it. Costs are sums over rooms of what one subscriber of the room is sent. */
export interface CaptionArm {
  readonly published: number;
  readonly segments: number;
  readonly tallies: Readonly<Record<Temper, CaptionTally>>;
  readonly subscribers: number;
  readonly resumes: number;
  readonly numberJumps: number;
  /** Connections that were lost and should not have been. */
  readonly lost: number;
  /** Rooms whose subscribers do not all have the finals in one order. */
  readonly orders: number;
  readonly offered: CaptionCost;
  /** Mean over the quick subscribers of a room. */
  readonly sent: CaptionCost;
  readonly oracle: CaptionCost;
  readonly staleness: LatencySummary & { readonly p95: number };
  readonly finalLateness: LatencySummary;
  /** How late this process sent, p99. */
  readonly sendLatenessP99Ms: number;
}

/** A slow reader acknowledges this seldom, which is longer than its window lasts. */
const SLOW_ACK_MS = 5000;
const BREAK_EVERY_MS = 6000;
const AWAY_MS = 700;
const STAGGER_MS = 2000;
const START_IN_MS = 300;
/** When nothing more has come for this long, nothing will: slow readers have acknowledged meanwhile. */
const SILENCE_MS = 6000;

/** Runs the arm. Connections are opened first and closed afterwards. */
export async function captionArm(target: LoadTarget, plan: CaptionPlan): Promise<CaptionArm> {
  const rooms = new CaptionRooms(target);
  try {
    await rooms.open(plan.rooms);
    const late = await speak(rooms, plan);
    return report(rooms, late);
  } finally {
    rooms.stop();
  }
}

/** Says everything on time, while readers are slow and connections break; ends when everything has come, or never will. */
async function speak(rooms: CaptionRooms, plan: CaptionPlan): Promise<LatencyRecord> {
  const streams = recordedStreams();
  const sends: { room: number; fragment: ScriptedFragment; dueMs: number }[] = [];
  for (let room = 0; room < plan.rooms; room++) {
    const startMs = (STAGGER_MS * room) / plan.rooms;
    for (const fragment of roomScript(streams, room, plan.durationMs)) {
      sends.push({ room, fragment, dueMs: startMs + fragment.dueMs });
    }
  }
  sends.sort((one, other) => one.dueMs - other.dueMs);
  const late = new LatencyRecord();
  const everybody = rooms.rooms.flatMap(({ subscribers }) => subscribers);
  const slow = everybody.filter(({ temper }) => temper === 'slow');
  const acknowledging = setInterval(() => {
    for (const one of slow) one.acknowledge();
  }, SLOW_ACK_MS);
  const breaking = breakAgainAndAgain(everybody.filter(({ temper }) => temper === 'breaking'));
  try {
    const dueMs = Float64Array.from(sends, (send) => send.dueMs);
    const loop = openLoop(dueMs, monotonicMs() + START_IN_MS, timerClock(monotonicMs), (index, intendedMs) => {
      late.record(monotonicMs() - intendedMs);
      rooms.publish(sends[index]!.room, sends[index]!.fragment, intendedMs);
    });
    await loop.done;
    await breaking.stop();
    await drain(rooms);
  } finally {
    clearInterval(acknowledging);
    await breaking.stop();
  }
  return late;
}

/** Waits until every final has come everywhere, or nothing comes any more. */
async function drain({ rooms }: CaptionRooms): Promise<void> {
  const written = () => sum(rooms.flatMap(({ subscribers }) => subscribers.map(({ book }) => book.writes)));
  let [before, sinceMs] = [written(), monotonicMs()];
  while (monotonicMs() - sinceMs < SILENCE_MS && !rooms.every(hasAll)) {
    await pause(200);
    const now = written();
    if (now > before) sinceMs = monotonicMs();
    before = now;
  }
  // What would come twice comes soon after.
  await pause(500);
}

/** Breaks every connection in turn, evenly spread, and lets it come back a little later. */
function breakAgainAndAgain(subscribers: readonly CaptionSubscriber[]): { stop(): Promise<void> } {
  const coming = new Set<Promise<void>>();
  let next = 0;
  const timer = setInterval(
    () => {
      const subscriber = subscribers[next++ % subscribers.length]!;
      subscriber.breakOff();
      const back = pause(AWAY_MS).then(() => subscriber.connect());
      coming.add(back);
      // One that is not let in again misses everything from here on, which is what is counted.
      const over = () => void coming.delete(back);
      back.then(over, over);
    },
    Math.max(1, BREAK_EVERY_MS / subscribers.length),
  );
  return {
    async stop() {
      clearInterval(timer);
      await Promise.allSettled(coming);
    },
  };
}

function hasAll({ record, subscribers }: CaptionRoom): boolean {
  const expected = record.finals.flat().length;
  return subscribers.every(({ book }) => book.finals.length >= expected);
}

function report(rooms: CaptionRooms, late: LatencyRecord): CaptionArm {
  const everybody = rooms.rooms.flatMap(({ subscribers }) => subscribers);
  const tallyOf = (temper: Temper) =>
    sumTallies(everybody.filter((one) => one.temper === temper).map(({ book }) => book.tally()));
  const tallies = { quick: tallyOf('quick'), slow: tallyOf('slow'), breaking: tallyOf('breaking') };
  const quickEach = everybody.filter(({ temper }) => temper === 'quick').length / rooms.rooms.length;
  const published = sum(rooms.rooms.map(({ record }) => record.input.length));
  const oracle = rooms.rooms.map(({ record }) => oracleCost(record.input, TICK_MS));
  const { staleness, finalLateness } = rooms;
  return {
    published,
    segments: sum(rooms.rooms.map(({ record }) => record.segments.size)),
    tallies,
    subscribers: everybody.length,
    resumes: sum(everybody.map(({ resumes }) => resumes)),
    numberJumps: sum(everybody.map(({ numberJumps }) => numberJumps)),
    lost: sum(everybody.map(({ lost }) => lost)) + rooms.speakersLost,
    orders: rooms.rooms.filter(hasSeveralOrders).length,
    offered: { frames: published, writes: published },
    sent: { frames: tallies.quick.frames / quickEach, writes: tallies.quick.writes / quickEach },
    oracle: { frames: sum(oracle.map(({ frames }) => frames)), writes: sum(oracle.map(({ writes }) => writes)) },
    staleness: { ...staleness.summary(), p95: staleness.percentileMs(95) },
    finalLateness: finalLateness.summary(),
    sendLatenessP99Ms: late.percentileMs(99),
  };
}

function hasSeveralOrders({ subscribers }: CaptionRoom): boolean {
  return new Set(subscribers.map(({ book }) => book.finals.join())).size > 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
