/**
 * Fan-out: deliveries per second of one metadata worker to rooms of 200 and 2000 subscribers, at 5 and 10 frames per
 * write, beside a `ws.send` per event and a socket.io room.
 *
 * A delivery counts when the receiver has decoded it. Events are `custom` frames, of which none replaces another. One
 * receiver process cannot read what a worker can write, so each side is loaded with what it can read without falling
 * behind, and deliveries are divided by the CPU time the sending process used for them (all threads, kernel included).
 * Receivers stand for other machines: they are one process, which goes behind the sending ones, so that it is not woken in
 * the middle of a write and put in its place; the peers have the priority of the metadata worker.
 */
import { monotonicMs, pause } from '../clock.ts';
import type { FanOutCalls, FanOutCase } from '../processes/fan-out-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { cpuMsOf } from '../processes/process-figures.ts';
import { shortCount } from '../report/table.ts';
import type { Bench, Comparison, Print } from './bench-result.ts';
import { type FanOutSide, sendLoopSide, sluiceSide, socketIoSide } from './fan-out-sides.ts';

interface FanOutFigure {
  /** Deliveries per second of CPU time. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly framesPerWrite: number;
}

const DURATION_MS = 5000;
/** Until what is run has been compiled. */
const WARM_MS = 5000;
const TARGET_TIMES = 5;

/** The benchmark. */
export const fanOutBench: Bench = {
  name: 'fan-out',
  about: 'deliveries per worker to rooms of 200 and 2000 subscribers',
  async run(print) {
    const comparisons: Comparison[] = [];
    for (const [subscribers, rooms] of [
      [200, 20],
      [2000, 2],
    ] as const) {
      // At a tick of 100 ms, 50 events a second are 5 frames per write, and 100 are 10.
      const five = await measure(print, sluiceSide, { subscribers, rooms, events: 50 });
      const ten = await measure(print, sluiceSide, { subscribers, rooms, events: 100 });
      const peerCase = { subscribers, rooms: rooms / 2, events: 20 };
      const loop = await measure(print, sendLoopSide, peerCase);
      const io = await measure(print, socketIoSide, peerCase);
      comparisons.push(absolute(subscribers, 5, five, 0.6e6), absolute(subscribers, 10, ten, 1e6));
      // A write of five that costs as much as one of a single event is five times as good and no better.
      for (const ours of [five, ten]) {
        comparisons.push(
          beside(subscribers, ours, loop, 'ws.send per event'),
          beside(subscribers, ours, io, 'socket.io room'),
        );
      }
    }
    return comparisons;
  },
};

async function measure(print: Print, start: () => Promise<FanOutSide>, plan: FanOutCase): Promise<FanOutFigure> {
  const side = await start();
  const load = new LoadProcess<FanOutCalls>(
    new URL('../processes/fan-out-process.ts', import.meta.url),
    'fan-out',
    'behind',
  );
  try {
    await load.call('connect', { at: side.at, plan });
    await load.call('publish', WARM_MS);
    const [cpuBefore, before, sinceMs] = [cpuMsOf(side.pid), await load.call('received', null), monotonicMs()];
    await load.call('publish', DURATION_MS);
    await pause(200);
    const cpuMs = cpuMsOf(side.pid) - cpuBefore;
    const received = await load.call('received', null);
    const deliveries = received.deliveries - before.deliveries;
    const expected = plan.rooms * plan.subscribers * plan.events * (DURATION_MS / 1000);
    const figure = {
      perCpuSecond: (1000 * deliveries) / cpuMs,
      perSecond: (1000 * deliveries) / (monotonicMs() - sinceMs),
      framesPerWrite: deliveries / Math.max(1, received.messages - before.messages),
    };
    const { subscribers, rooms, events } = plan;
    const what = `${rooms} × ${subscribers} subscribers, ${events} events/s each`;
    const share = `${((100 * deliveries) / expected).toFixed(1)} % delivered`;
    const rates = `${shortCount(figure.perSecond)}/s at ${figure.framesPerWrite.toFixed(1)} per write`;
    print(`  ${side.name}, ${what}: ${share}, ${rates}, ${shortCount(figure.perCpuSecond)} per CPU second`);
    return figure;
  } finally {
    await load.stop();
    await side.stop();
  }
}

function absolute(subscribers: number, frames: number, figure: FanOutFigure, target: number): Comparison {
  return {
    what: `fan-out to ${subscribers}, ${figure.framesPerWrite.toFixed(1)} frames per write (${frames} meant)`,
    ours: figure.perCpuSecond,
    other: target,
    beside: 'target',
    unit: 'deliveries per CPU second of the worker',
    ratio: `${(figure.perCpuSecond / target).toFixed(2)} × the target`,
    target: `≥ ${target / 1e6} M`,
    met: figure.perCpuSecond >= target,
  };
}

function beside(subscribers: number, ours: FanOutFigure, other: FanOutFigure, name: string): Comparison {
  const times = ours.perCpuSecond / other.perCpuSecond;
  return {
    what: `fan-out to ${subscribers} at ${ours.framesPerWrite.toFixed(1)} frames per write`,
    ours: ours.perCpuSecond,
    other: other.perCpuSecond,
    beside: name,
    unit: 'deliveries per CPU second',
    ratio: `${times.toFixed(1)} ×`,
    target: `≥ ${TARGET_TIMES} ×`,
    met: times >= TARGET_TIMES,
  };
}
