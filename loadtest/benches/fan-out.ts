/**
 * Fan-out: deliveries per second of one metadata worker to rooms of 200 and 2000 subscribers, at 5 and 10 frames per
 * write, beside a `ws.send` per event and a socket.io room.
 *
 * A delivery counts when the receiver has decoded it. Events are `custom` frames, of which none replaces another. One
 * receiver process cannot read what a worker can write, so each side is loaded with what it can read without falling
 * behind, and deliveries are divided by the CPU time the sending process used for them (all threads, kernel included).
 */
import { monotonicMs, pause } from '../clock.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { cpuMsOf } from '../processes/process-figures.ts';
import { shortCount } from '../report/table.ts';
import { schedule } from '../schedule.ts';
import type { WireSocket } from '../wire/wire-socket.ts';
import type { Bench, Comparison, Print } from './bench-result.ts';
import { type FanOutSide, type Received, sendLoopSide, sluiceSide, socketIoSide } from './fan-out-sides.ts';

interface FanOutCase {
  readonly subscribers: number;
  readonly rooms: number;
  /** Events per second in each room. */
  readonly events: number;
}

interface FanOutFigure {
  /** Deliveries per second of CPU time. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly framesPerWrite: number;
}

const DURATION_MS = 5000;
const WARM_MS = 1500;
/** Below what a session may publish of its class (20/s). */
const PUBLISHER_RATE = 10;
const OPEN_AT_ONCE = 20;
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
      comparisons.push(
        beside(subscribers, five, loop, 'ws.send per event'),
        beside(subscribers, five, io, 'socket.io room'),
      );
    }
    return comparisons;
  },
};

async function measure(print: Print, start: () => Promise<FanOutSide>, plan: FanOutCase): Promise<FanOutFigure> {
  const side = await start();
  const received: Received = { deliveries: 0, messages: 0 };
  const sockets: WireSocket[] = [];
  try {
    const publishers = await connect(side, plan, received, sockets);
    const perSecond = plan.rooms * plan.events;
    // Publishers of one room speak in turn, and rooms one after the other, so events are spread over the tick.
    const publish = (durationMs: number) =>
      openLoop(schedule('constant', perSecond, durationMs), monotonicMs() + 5, timerClock(monotonicMs), (index) => {
        publishers[index % publishers.length]!.write(side.event);
      }).done;
    await publish(WARM_MS);
    const [cpuBefore, before, sinceMs] = [cpuMsOf(side.pid), { ...received }, monotonicMs()];
    await publish(DURATION_MS);
    await pause(200);
    const cpuMs = cpuMsOf(side.pid) - cpuBefore;
    const deliveries = received.deliveries - before.deliveries;
    const expected = plan.rooms * plan.subscribers * plan.events * (DURATION_MS / 1000);
    const figure = {
      perCpuSecond: (1000 * deliveries) / cpuMs,
      perSecond: (1000 * deliveries) / (monotonicMs() - sinceMs),
      framesPerWrite: deliveries / Math.max(1, received.messages - before.messages),
    };
    const { subscribers, rooms, events } = plan;
    const load = `${rooms} × ${subscribers} subscribers, ${events} events/s each`;
    const share = `${((100 * deliveries) / expected).toFixed(1)} % delivered`;
    const rates = `${shortCount(figure.perSecond)}/s at ${figure.framesPerWrite.toFixed(1)} per write`;
    print(`  ${side.name}, ${load}: ${share}, ${rates}, ${shortCount(figure.perCpuSecond)} per CPU second`);
    return figure;
  } finally {
    for (const socket of sockets) socket.destroy();
    await side.stop();
  }
}

async function connect(
  side: FanOutSide,
  { rooms, subscribers, events }: FanOutCase,
  received: Received,
  sockets: WireSocket[],
): Promise<WireSocket[]> {
  const all = rooms * subscribers;
  for (let first = 0; first < all; first += OPEN_AT_ONCE) {
    const opened = Array.from({ length: Math.min(OPEN_AT_ONCE, all - first) }, (_, index) =>
      retried(() => side.subscribe((first + index) % rooms, first + index, received)),
    );
    sockets.push(...(await Promise.all(opened)));
  }
  const publishers: WireSocket[] = [];
  for (let number = 0; number < rooms * Math.ceil(events / PUBLISHER_RATE); number++) {
    publishers.push(await retried(() => side.publisher(number % rooms, number)));
  }
  sockets.push(...publishers);
  return publishers;
}

/** Thousands of handshakes of one tenant are more than it may make in a second: what is refused is tried again. */
async function retried(open: () => Promise<WireSocket>): Promise<WireSocket> {
  for (let tried = 0; ; tried++) {
    try {
      return await open();
    } catch (error) {
      if (tried >= 50) throw error;
      await pause(200);
    }
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
