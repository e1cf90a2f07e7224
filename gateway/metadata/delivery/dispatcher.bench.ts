/**
 * What a room's write costs when sending is free, so that what is left is finding out whose turn it is and making the message:
 * `node gateway/metadata/delivery/dispatcher.bench.ts`. The plane's queue of writes beside one in order of arrival, with as many rooms
 * due at once. Nanoseconds per room, best and median of several rounds in turn; compare the two columns with each other.
 */
import { DEFAULT_POLICY } from '../../config/default-policy.ts';
import { ArrivalOrder, type DispatchedRoom, DispatchedRooms } from '../fixtures/dispatched-rooms.ts';
import { custom } from '../fixtures/frames.ts';

const ROUNDS = 60;
const EVENT = custom('a');
const TENANTS = 50;

interface Arm {
  readonly world: DispatchedRooms;
  readonly rooms: readonly DispatchedRoom[];
  readonly timesNs: number[];
}

function armOf(count: number, queue?: ArrivalOrder): Arm {
  const world = new DispatchedRooms(0, DEFAULT_POLICY, queue);
  const rooms = Array.from({ length: count }, (_, index) => world.room(`${index % TENANTS}`, `${index}`, 1, index));
  return { world, rooms, timesNs: [] };
}

/** Publishes in every room, then measures until all have written. */
function round({ world, rooms, timesNs }: Arm): void {
  for (const room of rooms) world.publish(room, EVENT);
  const startMs = performance.now();
  world.runUntil(world.nowMs + 2 * DEFAULT_POLICY.tickMs);
  timesNs.push(((performance.now() - startMs) * 1e6) / rooms.length);
  for (const { first } of rooms) {
    if (first.length !== 1) throw new Error(`${first.length} messages instead of 1`);
    first.length = 0;
  }
  world.written.length = 0;
}

function figures({ timesNs }: Arm): string {
  const sorted = timesNs.slice(ROUNDS / 4).sort((a, b) => a - b);
  return `${sorted[0]!.toFixed(0).padStart(6)} ${sorted[sorted.length >> 1]!.toFixed(0).padStart(6)}`;
}

console.log('rooms due    by turns: best median    by arrival: best median    (ns per room)');
for (const count of [10, 100, 1000]) {
  const [turns, arrival] = [armOf(count), armOf(count, new ArrivalOrder())];
  for (let number = 0; number < ROUNDS; number++) {
    round(turns);
    round(arrival);
  }
  console.log(`${String(count).padStart(9)}       ${figures(turns)}             ${figures(arrival)}`);
}
