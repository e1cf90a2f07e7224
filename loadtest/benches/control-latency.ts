/**
 * Control latency at 200 requests a second: ping to pong through the control plane, beside the same bytes sent back
 * by a bare uWebSockets.js echo. Rounds alternate, sends are on schedule; what is compared is the round trip from the
 * actual send, because both sides share the load client's timer grain, which would hide the difference.
 */
import { TokenSigner } from '../access-token.ts';
import type { BareCalls } from '../baselines/bare-server.ts';
import { monotonicMs, pause } from '../clock.ts';
import { formatSummary, LatencyRecord } from '../latency-record.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { startGateway } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { schedule } from '../schedule.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';
import type { Bench } from './bench-result.ts';

const SOCKETS = 40;
const REQUESTS_PER_SECOND = 200;
const DURATION_MS = 4000;
const ROUNDS = 4;
/** Half of those sent: with fewer back, a side has dropped its sockets and there is nothing to compare. */
const LEAST_TRIPS = (ROUNDS * REQUESTS_PER_SECOND * DURATION_MS) / 1000 / 2;
const JOIN_MS = 1000;

/** The benchmark. */
export const controlLatencyBench: Bench = {
  name: 'control-latency',
  about: 'ping through the control plane against a bare echo',
  async run(print) {
    const gateway = await startGateway();
    const echo = new LoadProcess<BareCalls>(new URL('../baselines/bare-server.ts', import.meta.url), 'echo');
    try {
      const port = await echo.call('listen', 'echo');
      const ours = new PingSide(gateway.target, gateway.target.signalPort);
      const bare = new PingSide(gateway.target, port);
      await ours.open();
      await bare.open();
      await ours.join();
      for (let round = 0; round <= ROUNDS; round++) {
        for (const side of [bare, ours]) await side.round(round + 1, round > 0);
      }
      const [own, other] = [ours.trips.summary(), bare.trips.summary()];
      for (const { count } of [own, other]) {
        if (count < LEAST_TRIPS) throw new Error(`only ${count} pings came back, of ${LEAST_TRIPS} at the least`);
      }
      print(`  control plane  ${formatSummary(own)}`);
      print(`  bare echo      ${formatSummary(other)}`);
      ours.close();
      bare.close();
      const ratio = own.p50 / other.p50;
      return [
        {
          what: `ping round trip at ${REQUESTS_PER_SECOND}/s, p50`,
          ours: own.p50,
          other: other.p50,
          beside: 'bare echo',
          unit: 'ms',
          ratio: `${ratio.toFixed(2)} ×`,
          target: '≤ 1.3 ×',
          met: ratio <= 1.3,
        },
      ];
    } finally {
      await echo.stop();
      await gateway.stop();
    }
  },
};

/** Sockets to one server, on which one ping at a time is under way. */
class PingSide {
  readonly trips = new LatencyRecord();
  readonly #target: LoadTarget;
  readonly #port: number;
  readonly #sockets: WireSocket[] = [];
  readonly #sentMs = new Float64Array(SOCKETS).fill(-1);
  #counts = false;

  constructor(target: LoadTarget, port: number) {
    this.#target = target;
    this.#port = port;
  }

  async open(): Promise<void> {
    const signer = new TokenSigner(this.#target.key);
    for (let index = 0; index < SOCKETS; index++) {
      const accessToken = await signer.sign({ identity: `pinger-${index}`, tenant: 'calls' });
      const localAddress = loopbackAddress(AddressGroup.callers, index, SOCKETS);
      const { host } = this.#target;
      const target = { host, port: this.#port, path: '/v1/signal', accessToken, localAddress };
      this.#sockets.push(await openWire(target, { message: () => this.#returned(index), closed: () => {} }));
    }
  }

  /** Joins a room on every socket: a gateway has little patience with those who have not. */
  async join(): Promise<void> {
    for (const [index, socket] of this.#sockets.entries()) {
      socket.write(clientFrame(encodeSignal(false, 'join', { id: 1, room: `pings-${index}` })));
    }
    await pause(JOIN_MS);
  }

  /** One round on schedule; `counts` says whether its round trips are recorded. */
  async round(seed: number, counts: boolean): Promise<void> {
    this.#counts = counts;
    const times = schedule('poisson', REQUESTS_PER_SECOND, DURATION_MS, seed);
    await openLoop(times, monotonicMs() + 10, timerClock(monotonicMs), (id) => {
      const nowMs = monotonicMs();
      const index = id % SOCKETS;
      if (this.#sentMs[index]! >= 0) return;
      this.#sentMs[index] = nowMs;
      this.#sockets[index]!.write(clientFrame(encodeSignal(false, 'ping', { id, sentMs: nowMs })));
    }).done;
    await pause(100);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #returned(index: number): void {
    const sentMs = this.#sentMs[index]!;
    if (sentMs < 0) return;
    this.#sentMs[index] = -1;
    if (this.#counts) this.trips.record(monotonicMs() - sentMs);
  }
}
