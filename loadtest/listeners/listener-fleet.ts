/**
 * Subscribers, a fixed number in each room, in one process.
 *
 * Invariant: a room's figure is that of its worst subscriber: a caption that one of ten misses has not reached all.
 */
import { Reconnect, reconnectAdvice } from '../../schemas/close-codes.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { HandshakeRefused, openWire } from '../wire/wire-socket.ts';
import { RoomListener } from './room-listener.ts';

export interface ListenersStart {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
  readonly perRoom: number;
  readonly ttlMs: number;
  /** Time between two captions of one agent. */
  readonly gapMs: number;
}

/** What the listeners of the first rooms saw since the last `restart`. */
export interface ListenersReport {
  readonly deliveries: number;
  readonly messages: number;
  readonly finals: number;
  /** Sum over rooms of what the room's worst subscriber had in time. */
  readonly reachedInTime: number;
  /** Sum over all subscribers of what came, but late. */
  readonly coveredLate: number;
  /** Encoded record of the ages of delivered captions. */
  readonly ages: string;
  readonly lost: number;
}

const ADDRESSES = 200;
const OPEN_AT_ONCE = 32;
const RETRY_MS = 300;

/** The fleet. Listener n is in room ⌊n / perRoom⌋. */
export class ListenerFleet {
  readonly #start: ListenersStart;
  readonly #signer: TokenSigner;
  readonly #listeners: RoomListener[] = [];
  readonly #ages = new LatencyRecord();
  #lost = 0;
  #stopped = false;

  constructor(start: ListenersStart) {
    this.#start = start;
    this.#signer = new TokenSigner(start.target.key);
  }

  /** Connects until `rooms` rooms are listened to. */
  async grow(rooms: number): Promise<void> {
    const wanted = rooms * this.#start.perRoom;
    while (this.#listeners.length < wanted) {
      const first = this.#listeners.length;
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, wanted - first) }, (_, index) =>
        this.#add(first + index),
      );
      await Promise.all(fresh);
    }
  }

  /** Counts anew. */
  restart(): void {
    this.#ages.reset();
    this.#lost = 0;
    for (const listener of this.#listeners) listener.restart();
  }

  report(): ListenersReport {
    const { perRoom } = this.#start;
    let [deliveries, messages, finals, reachedInTime, coveredLate, worst] = [0, 0, 0, 0, 0, 0];
    for (const [index, listener] of this.#listeners.entries()) {
      const tally = listener.tally();
      deliveries += tally.deliveries;
      messages += tally.messages;
      finals += tally.finals;
      coveredLate += tally.coveredLate;
      worst = index % perRoom === 0 ? tally.coveredInTime : Math.min(worst, tally.coveredInTime);
      if (index % perRoom === perRoom - 1) reachedInTime += worst;
    }
    const ages = this.#ages.encode();
    return { deliveries, messages, finals, reachedInTime, coveredLate, ages, lost: this.#lost };
  }

  /** Disconnects everybody. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const listener of this.#listeners) listener.socket?.destroy();
    this.#listeners.length = 0;
    await pause(50);
  }

  async #add(number: number): Promise<void> {
    const listener = new RoomListener(this.#ages, this.#start.ttlMs, this.#start.gapMs, monotonicMs, (code) => {
      this.#lost++;
      if (!this.#stopped && reconnectAdvice(code) !== Reconnect.never) void this.#connect(listener, number);
    });
    this.#listeners[number] = listener;
    await this.#connect(listener, number);
  }

  async #connect(listener: RoomListener, number: number): Promise<void> {
    const { target, tenants, perRoom } = this.#start;
    const room = Math.floor(number / perRoom);
    const tenant = tenants[room % tenants.length]!;
    const { host, metadataPort: port } = target;
    while (!this.#stopped) {
      const accessToken = await this.#signer.sign({ identity: `listener-${number}`, tenant, room: `room-${room}` });
      const localAddress = loopbackAddress(AddressGroup.listeners, number, ADDRESSES);
      try {
        listener.socket = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, listener);
        return;
      } catch (error) {
        if (!(error instanceof HandshakeRefused)) throw error;
        await pause(RETRY_MS);
      }
    }
  }
}
