/**
 * A thousand rooms of few subscribers beside one of a hundred times as many, and a little less time than all their writes
 * need: in simulated time, the plane's queue of writes beside one in order of arrival.
 */
import t from 'tap';
import { randomFrom } from '../../../backpressure/fixtures/simulated-plane.ts';
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { ArrivalOrder, type DispatchedRoom, DispatchedRooms } from '../fixtures/dispatched-rooms.ts';
import { final } from '../fixtures/frames.ts';
import type { WriteQueue } from './write-queue.ts';

const MICE = 1000;
const MOUSE_SIZE = 4;
const ELEPHANT_SIZE = 100 * MOUSE_SIZE;
const FINALS_PER_SECOND = 2;
/** Time for a delivery, such that the mice take this part of all time, and the elephant a tenth of that. */
const MICE_LOAD = 0.91;
const SEND_MS = (MICE_LOAD * 1000) / (MICE * MOUSE_SIZE * FINALS_PER_SECOND);
const FOR_MS = 15_000;

interface Speaker {
  readonly room: DispatchedRoom;
  /** When what waits was published, ms. */
  readonly waiting: number[];
  nextMs: number;
  heard: number;
  offered: number;
  served: number;
}

interface MiceResult {
  readonly p99Ms: number;
  /** Jain's index of the parts of what they said that left within a tenth of a second. */
  readonly jain: number;
  readonly elephantMessages: number;
}

function run(tenantOf: (index: number) => string, elephant: boolean, queue?: WriteQueue): MiceResult {
  const world = new DispatchedRooms(SEND_MS, DEFAULT_POLICY, queue);
  const random = randomFrom(11);
  const gapMs = () => (-Math.log(1 - random()) * 1000) / FINALS_PER_SECOND;
  const speakers = Array.from({ length: elephant ? MICE + 1 : MICE }, (_, index): Speaker => {
    const room = world.room(tenantOf(index), `${index}`, index === MICE ? ELEPHANT_SIZE : MOUSE_SIZE);
    return { room, waiting: [], nextMs: world.nowMs + gapMs(), heard: 0, offered: 0, served: 0 };
  });
  const mice = speakers.slice(0, MICE);
  const waits: number[] = [];
  let segment = 0;
  for (const untilMs = world.nowMs + FOR_MS; world.nowMs < untilMs; ) {
    let nextMs = untilMs;
    for (const speaker of speakers) {
      const { room, waiting } = speaker;
      if (room.first.length > speaker.heard) {
        speaker.heard = room.first.length;
        for (const sinceMs of waiting.splice(0)) {
          if (room.lastMs - sinceMs <= 100) speaker.served++;
          if (speaker !== speakers[MICE]) waits.push(room.lastMs - sinceMs);
        }
      }
      while (speaker.nextMs <= world.nowMs) {
        world.publish(room, final('s', ++segment, 'so'));
        waiting.push(speaker.nextMs);
        speaker.offered++;
        speaker.nextMs += gapMs();
      }
      nextMs = Math.min(nextMs, speaker.nextMs);
    }
    if (!world.turn(nextMs)) world.nowMs = Math.max(world.nowMs, nextMs);
  }
  waits.sort((a, b) => a - b);
  const got = mice.map(({ served, offered }) => served / offered);
  const sum = got.reduce((total, share) => total + share, 0);
  const squares = got.reduce((total, share) => total + share * share, 0);
  return {
    p99Ms: waits[Math.floor(waits.length * 0.99)]!,
    jain: (sum * sum) / (MICE * squares),
    elephantMessages: speakers[MICE]?.room.messages ?? 0,
  };
}

for (const [where, tenantOf] of [
  ['tenants of their own', (index: number) => `tenant ${index}`],
  ['one tenant', () => 'acme'],
] as const) {
  t.test(
    `SCHED-36 a thousand rooms in ${where} do not feel the one with a hundred times their subscribers`,
    async (t) => {
      const alone = run(tenantOf, false);
      const beside = run(tenantOf, true);
      const arrival = run(tenantOf, true, new ArrivalOrder());
      const of = ({ p99Ms, jain }: MiceResult) => `p99 ${p99Ms.toFixed(1)} ms, Jain’s index ${jain.toFixed(4)}`;
      t.ok(beside.p99Ms <= 2 * alone.p99Ms, `${of(beside)}; alone ${of(alone)}`);
      t.ok(beside.jain >= 0.99);
      t.ok(beside.elephantMessages > 0.5 * ELEPHANT_SIZE * FINALS_PER_SECOND * (FOR_MS / 1000), 'it gets what is left');
      t.ok(arrival.p99Ms > 2 * alone.p99Ms, `in order of arrival ${of(arrival)}`);
    },
  );
}
