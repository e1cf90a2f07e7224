/** The process with the subscribers and publishers of the fan-out benchmark. */
import { type FanOutClients, type FanOutTarget, fanOutClients, type Received } from '../benches/fan-out-clients.ts';
import { monotonicMs, pause } from '../clock.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { schedule } from '../schedule.ts';
import type { WireSocket } from '../wire/wire-socket.ts';
import { answerCalls } from './load-process.ts';

/** How many rooms of how many subscribers, and how many events a second in each. */
export interface FanOutCase {
  readonly subscribers: number;
  readonly rooms: number;
  readonly events: number;
}

/** What it offers. */
export type FanOutCalls = {
  connect(start: { readonly at: FanOutTarget; readonly plan: FanOutCase }): Promise<void>;
  /** Publishes on schedule for so many ms. */
  publish(durationMs: number): Promise<void>;
  received(nothing: null): Received;
};

/** Below what a session may publish of its class (20/s). */
const PUBLISHER_RATE = 10;
const OPEN_AT_ONCE = 20;

class FanOutLoad {
  readonly received: Received = { deliveries: 0, messages: 0 };
  readonly #plan: FanOutCase;
  readonly #clients: FanOutClients;
  readonly #publishers: WireSocket[] = [];

  constructor(at: FanOutTarget, plan: FanOutCase) {
    this.#plan = plan;
    this.#clients = fanOutClients(at);
  }

  async connect(): Promise<void> {
    const { rooms, subscribers, events } = this.#plan;
    const all = rooms * subscribers;
    for (let first = 0; first < all; first += OPEN_AT_ONCE) {
      const opened = Array.from({ length: Math.min(OPEN_AT_ONCE, all - first) }, (_, index) =>
        retried(() => this.#clients.subscribe((first + index) % rooms, first + index, this.received)),
      );
      await Promise.all(opened);
    }
    for (let number = 0; number < rooms * Math.ceil(events / PUBLISHER_RATE); number++) {
      this.#publishers.push(await retried(() => this.#clients.publisher(number % rooms, number)));
    }
  }

  /** Publishers of one room speak in turn, and rooms one after the other, so events are spread over the tick. */
  publish(durationMs: number): Promise<void> {
    const perSecond = this.#plan.rooms * this.#plan.events;
    const dueMs = schedule('constant', perSecond, durationMs);
    return openLoop(dueMs, monotonicMs() + 5, timerClock(monotonicMs), (index) => {
      this.#publishers[index % this.#publishers.length]!.write(this.#clients.event);
    }).done;
  }
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

if (process.argv[1] === import.meta.filename && process.send) {
  let load: FanOutLoad | null = null;
  const present = () => {
    if (!load) throw new Error('nobody is connected yet');
    return load;
  };
  const calls: FanOutCalls = {
    connect({ at, plan }) {
      load = new FanOutLoad(at, plan);
      return load.connect();
    },
    publish: (durationMs) => present().publish(durationMs),
    received: () => present().received,
  };
  answerCalls(calls);
}
