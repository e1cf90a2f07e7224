/**
 * Many publishing agents on one schedule: cooperative ones at the rate they may have, over-rate ones at a multiple.
 *
 * The fleet as a whole has a constant rate; captions fall to the agents in turn, a few at a time (an agent's
 * recogniser speaks in bursts too), so each agent's own rate is constant and fixed in advance.
 *
 * Invariants: what is due is counted, whether or not it could be written; lost agents come back as their close code
 * advises.
 */
import { Reconnect, reconnectAdvice } from '../../schemas/close-codes.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { type OpenLoop, openLoop, timerClock } from '../open-loop.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { HandshakeRefused, openWire } from '../wire/wire-socket.ts';
import { FloodCount, type FloodReport } from './flood-report.ts';
import { Publisher } from './publisher.ts';

/** Who the agents are. Agent n is in room ⌊n / agentsPerRoom⌋ and speaks as stream `s<n>`. */
export interface FleetStart {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
  readonly agentsPerRoom: number;
}

/** One stretch of publishing by the first `agents` of the fleet. */
export interface FleetRun {
  readonly agents: number;
  readonly framesPerSecond: number;
  readonly durationMs: number;
  /** Whether the agents heed credits and throttling. */
  readonly cooperative: boolean;
  /** Captions an agent writes at once; by default as many as keep the number of system calls bearable. */
  readonly burst?: number;
  /** Whether segments end with a final; they do by default. */
  readonly finals?: boolean;
}

/** What a fleet did over one stretch of its schedule. */
export interface FleetReport extends FloodReport {
  /** How late the sends were, as an encoded record: the load test's own share. */
  readonly lateness: string;
}

const ADDRESSES = 200;
const OPEN_AT_ONCE = 32;
const RETRY_MS = 500;
const MOST_TRIES = 20;
const MOST_WRITES_PER_SECOND = 20_000;

/** The fleet. */
export class PublisherFleet {
  readonly #start: FleetStart;
  readonly #signer: TokenSigner;
  readonly #publishers: Publisher[] = [];
  readonly #count = new FloodCount(monotonicMs());
  #loop: OpenLoop | null = null;
  #stopped = false;

  constructor(start: FleetStart) {
    this.#start = start;
    this.#signer = new TokenSigner(start.target.key);
  }

  /** Connects agents until there are `agents` of them. Throws when one stays refused for ten seconds. */
  async grow(agents: number): Promise<void> {
    while (this.#publishers.length < agents) {
      const first = this.#publishers.length;
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, agents - first) }, (_, index) =>
        this.#add(first + index),
      );
      await Promise.all(fresh);
    }
  }

  /** Publishes on schedule and says what was done. */
  async publish(run: FleetRun): Promise<FleetReport> {
    const { agents, framesPerSecond, durationMs, cooperative } = run;
    for (const publisher of this.#publishers) {
      publisher.cooperative = cooperative;
      publisher.finals = run.finals ?? true;
    }
    const lateness = new LatencyRecord();
    const burst = run.burst ?? Math.max(1, Math.ceil(framesPerSecond / MOST_WRITES_PER_SECOND));
    const gapMs = 1000 / framesPerSecond;
    const bursts = Math.floor((framesPerSecond * durationMs) / 1000 / burst);
    const dueMs = Float64Array.from({ length: bursts }, (_, index) => ((index + 1) * burst - 1) * gapMs);
    this.#count.restart(monotonicMs());
    this.#loop = openLoop(dueMs, monotonicMs() + 10, timerClock(monotonicMs), (index, lastDueMs) => {
      // A burst leaves when its last caption is due: the earlier ones are that much late, and stamped so.
      const nowMs = monotonicMs();
      lateness.record(nowMs - lastDueMs);
      this.#publishers[index % agents]!.publish(burst, lastDueMs - (burst - 1) * gapMs, gapMs, nowMs);
    });
    await this.#loop.done;
    return { ...this.#count.report(monotonicMs()), lateness: lateness.encode() };
  }

  /** Ends the stretch that is under way: `publish` resolves with what was done so far. */
  halt(): void {
    this.#loop?.stop();
  }

  /** Disconnects everybody. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.halt();
    for (const publisher of this.#publishers) publisher.socket?.destroy();
    this.#publishers.length = 0;
    await pause(50);
  }

  async #add(number: number): Promise<void> {
    const publisher = new Publisher(`s${number}`, this.#count, (code) => {
      this.#count.close(code);
      if (!this.#stopped && reconnectAdvice(code) !== Reconnect.never) void this.#reconnect(publisher, number);
    });
    this.#publishers[number] = publisher;
    for (let tried = 0; ; tried++) {
      const refusal = await this.#connect(publisher, number);
      if (refusal === null) return;
      if (tried >= MOST_TRIES) throw refusal;
      await pause(RETRY_MS);
    }
  }

  async #reconnect(publisher: Publisher, number: number): Promise<void> {
    do await pause(RETRY_MS * (0.5 + Math.random()));
    while (!this.#stopped && (await this.#connect(publisher, number)) !== null);
  }

  async #connect(publisher: Publisher, number: number): Promise<HandshakeRefused | null> {
    const { target, tenants, agentsPerRoom } = this.#start;
    const room = Math.floor(number / agentsPerRoom);
    const tenant = tenants[room % tenants.length]!;
    const accessToken = await this.#signer.sign({
      identity: `agent-${number}`,
      tenant,
      room: `room-${room}`,
      kind: 'agent',
      canSubscribe: false,
    });
    const { host, metadataPort: port } = target;
    const localAddress = loopbackAddress(AddressGroup.agents, number, ADDRESSES);
    try {
      const socket = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, publisher);
      if (this.#stopped) socket.destroy();
      publisher.connected(socket);
      this.#count.connections++;
      return null;
    } catch (error) {
      if (!(error instanceof HandshakeRefused)) throw error;
      this.#count.refuse(error.status);
      return error;
    }
  }
}
