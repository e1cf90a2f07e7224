/**
 * Memory of a metadata worker over ten minutes in which rooms come and go, agents finish nothing and readers stop reading:
 * after collections, and flat. Beside it the same with visitors who stay, which must be seen to grow.
 */

import { type HeapCourse, runHeap } from '../heap/heap-run.ts';
import { growthOf, MOST_GROWTH } from '../heap/heap-verdict.ts';
import type { HeapSeen } from '../heap/process-heap.ts';
import type { Bench, Comparison } from './bench-result.ts';

const SECONDS = 600;
/** What rooms and streams keep for a minute fills in the first third of a run only if it is this long. */
const LEAST_SECONDS = 240;
const LOOKS = 20;
const CONTROL_SECONDS = 90;
const CONTROL_LOOKS = 9;
const MEGABYTE = 1_048_576;

/** The benchmark. */
export const heapBench: Bench = {
  name: 'heap',
  onlyByName: true,
  about: 'memory of a metadata worker with stalled readers, restless rooms and streams that never end',
  async run(print, { seconds = SECONDS }) {
    if (seconds < LEAST_SECONDS)
      throw new RangeError(`--seconds: heap needs ${LEAST_SECONDS} or more, found ${seconds}`);
    const course = await runHeap({ seconds, everyMs: (1000 * seconds) / LOOKS, leaves: true }, print);
    const { rooms, begun, returns, present } = course;
    print(
      `  ${rooms} rooms came and went, agents began ${begun} rounds, ${present} are there, ${returns} readers were let go`,
    );
    print('  control: visitors stay, so that no room ends');
    const everyMs = (1000 * CONTROL_SECONDS) / CONTROL_LOOKS;
    const control = await runHeap({ seconds: CONTROL_SECONDS, everyMs, leaves: false }, print);
    return [
      compared(course, 'heap and buffers', ({ heap, external }) => heap + external, true),
      compared(course, 'resident memory', ({ resident }) => resident, true),
      compared(control, 'heap and buffers', ({ heap, external }) => heap + external, false),
    ];
  },
};

/** `flat`: whether it should be. */
function compared({ seen }: HeapCourse, what: string, of: (seen: HeapSeen) => number, flat: boolean): Comparison {
  const growth = growthOf(seen.map((one) => of(one) / MEGABYTE));
  return {
    what: flat ? `${what} in the last third of the run` : `control: ${what}, where no room ends`,
    ours: growth.last,
    other: growth.middle,
    beside: 'in the middle third',
    unit: 'MB',
    ratio: `${(growth.last / growth.middle).toFixed(2)} ×`,
    target: flat ? `≤ ${MOST_GROWTH} ×` : `> ${MOST_GROWTH} ×`,
    met: growth.flat === flat,
  };
}
