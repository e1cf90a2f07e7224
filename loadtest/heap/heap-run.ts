/**
 * One run of the heap's benchmark: a fresh gateway under all the load there is, its memory looked at again and again. Its
 * ladder is held at 0: what it refuses on a busy machine, it would not have to keep.
 */
import { monotonicMs, pause } from '../clock.ts';
import { CROWD_TENANTS, startGateway } from '../processes/gateway-process.ts';
import { pinLadder } from '../processes/pin-ladder.ts';
import { EndlessAgents } from './endless-agents.ts';
import { HeapClients } from './heap-clients.ts';
import { type HeapSeen, INSPECTABLE, ProcessHeap } from './process-heap.ts';
import { RestlessRooms } from './restless-rooms.ts';
import { StalledReaders } from './stalled-readers.ts';

export interface HeapRun {
  readonly seconds: number;
  /** Between two looks. */
  readonly everyMs: number;
  /** Whether those who visit rooms leave them again. */
  readonly leaves: boolean;
}

/** What was seen, and what for. */
export interface HeapCourse {
  readonly seen: readonly HeapSeen[];
  readonly rooms: number;
  readonly begun: number;
  readonly returns: number;
  /** Of the agents that should be there to the end. */
  readonly present: number;
}

const MEGABYTE = 1_048_576;

/** Runs it, printing a line for each look. */
export async function runHeap(
  { seconds, everyMs, leaves }: HeapRun,
  print: (line: string) => void,
): Promise<HeapCourse> {
  const gateway = await startGateway({}, null, undefined, INSPECTABLE);
  const clients = new HeapClients(gateway.target);
  const rooms = new RestlessRooms(clients, CROWD_TENANTS, leaves);
  const endless = new EndlessAgents(clients);
  const stalled = new StalledReaders(clients, CROWD_TENANTS);
  try {
    await pinLadder(gateway.operatorUrl, 0);
    const heap = await ProcessHeap.open(gateway.planes.metadata, () => gateway.report);
    await endless.start(CROWD_TENANTS);
    await stalled.start();
    rooms.start();
    const seen: HeapSeen[] = [];
    const startMs = monotonicMs();
    for (let look = 1; look * everyMs <= 1000 * seconds; look++) {
      await pause(startMs + look * everyMs - monotonicMs());
      const now = await heap.collected();
      seen.push(now);
      const held = await heldOf(gateway.operatorUrl);
      const load = `${rooms.opened} rooms came, ${stalled.returns} stalled readers came back`;
      print(`  ${lookLine((look * everyMs) / 1000, now)}; ${held}; ${load}`);
    }
    heap.close();
    return { seen, rooms: rooms.opened, begun: endless.begun, returns: stalled.returns, present: endless.present };
  } finally {
    for (const load of [rooms, endless, stalled]) load.stop();
    await gateway.stop();
  }
}

function lookLine(atSeconds: number, { heap, external, resident }: HeapSeen): string {
  const [a, b, c] = [heap, external, resident].map((bytes) => (bytes / MEGABYTE).toFixed(1));
  return `${atSeconds.toFixed(0).padStart(4)} s  heap ${a} MB, external ${b}, resident ${c}`;
}

/** What the gateway itself says it holds. */
async function heldOf(operatorUrl: string): Promise<string> {
  const text = await (await fetch(`${operatorUrl}/metrics`)).text();
  const value = (name: string, of: string) =>
    Number(new RegExp(`^${name}\\{of="${of}"\\} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  const kilobytes = (name: string, of: string) => Math.round(value(name, of) / 1024);
  const largest = 'sluice_held_largest_bytes';
  return `${value('sluice_held', 'room_log')} rooms, largest log ${kilobytes(largest, 'room_log')} KB, live ${kilobytes(largest, 'room_live')} KB`;
}
