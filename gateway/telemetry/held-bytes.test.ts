import t from 'tap';
import { addHeld, HeldTally } from './held-bytes.ts';
import { memoryFamilies } from './memory-families.ts';
import type { PlaneReading } from './metric-families.ts';
import { PlaneCounters, type PlaneSnapshot } from './plane-counters.ts';
import { addSnapshots, lastWill } from './snapshot-sum.ts';

function logs(...bytes: number[]) {
  const tally = new HeldTally('room_log', 100);
  for (const each of bytes) tally.add(each);
  return tally.held;
}

function snapshotOf(changes: Partial<PlaneSnapshot>): PlaneSnapshot {
  return {
    ...{ plane: 'metadata' as const, worker: 0, policyVersion: 1, ...new PlaneCounters([]).snapshot() },
    ...{ bufferedBytes: 0, sessions: {}, disconnects: {}, handshakes: {}, breakers: [], nodes: [] },
    loopDelayMs: { p50: 0, p99: 0, max: 0 },
    ...changes,
  };
}

t.test('OPS-26 what is held adds up over workers, and the largest of any is the largest', (t) => {
  t.strictSame(addHeld([logs(1, 50)], [logs(7, 2, 3)]), [
    { of: 'room_log', count: 5, bytes: 63, largestBytes: 50, limitBytes: 100 },
  ]);
  const memory = { resident: 3, heap: 2, external: 1 };
  const [a, b] = [logs(4), logs(9)].map((held) => snapshotOf({ held: [held], memory }));
  t.strictSame(addSnapshots(lastWill(a!), b!).held, b!.held, 'a plane that died holds nothing');
  const reading = (total: PlaneSnapshot, worker: number, up: boolean): PlaneReading => ({
    ...{ plane: 'metadata', worker, restarts: 0, up, total },
  });
  const families = memoryFamilies([reading(a!, 0, true), reading(b!, 1, true), reading(b!, 2, false)]);
  const valuesOf = (name: string) => families.find((family) => family.name === name)?.points.map(({ value }) => value);
  t.strictSame(valuesOf('sluice_memory_bytes'), [3, 2, 1, 3, 2, 1]);
  t.strictSame(valuesOf('sluice_held'), [2]);
  t.strictSame(valuesOf('sluice_held_bytes'), [13]);
  t.strictSame(valuesOf('sluice_held_largest_bytes'), [9]);
  t.strictSame(valuesOf('sluice_held_limit_bytes'), [100]);
  t.end();
});
