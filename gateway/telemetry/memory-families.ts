/** Memory as metrics: of each process, and of what in it the configuration bounds one by one. */
import { Metric } from '../../schemas/metric-names.ts';
import { addHeld, type HeldBytes } from './held-bytes.ts';
import type { PlaneReading } from './metric-families.ts';
import { gauge, type NumberFamily, point } from './metric-family.ts';

/** Of planes that report. */
export function memoryFamilies(readings: readonly PlaneReading[]): NumberFamily[] {
  const up = readings.filter((reading) => reading.up);
  const memory = up.flatMap(({ plane, worker, total }) =>
    Object.entries(total?.memory ?? {}).map(([kind, value]) =>
      point({ plane, worker: String(worker), kind }, Number(value)),
    ),
  );
  const held = up.reduce<readonly HeldBytes[]>((sum, { total }) => addHeld(sum, total?.held ?? []), []);
  const perThing = (pick: (held: HeldBytes) => number) => held.map((one) => point({ of: one.of }, pick(one)));
  return [
    gauge(Metric.memoryBytes, 'Memory of the process', memory),
    gauge(
      Metric.held,
      'Rooms, and subscribers',
      perThing(({ count }) => count),
    ),
    gauge(
      Metric.heldBytes,
      'What they hold together',
      perThing(({ bytes }) => bytes),
    ),
    gauge(
      Metric.heldLargestBytes,
      'What the largest of them holds',
      perThing(({ largestBytes }) => largestBytes),
    ),
    gauge(
      Metric.heldLimitBytes,
      'What each of them may hold, by configuration',
      perThing(({ limitBytes }) => limitBytes),
    ),
  ];
}
