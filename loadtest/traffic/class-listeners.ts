/**
 * Subscribers that count, by class, what reaches them and how old it is.
 *
 * Invariant: a frame counts in time when it was due no longer than `TIMELY_MS` ago; what comes later is no goodput.
 */
import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs } from '../clock.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireListener, type WireSocket } from '../wire/wire-socket.ts';
import { StampScan, TRAFFIC_CLASSES } from './stamped-frame.ts';

/** How old a delivered frame may be. */
export const TIMELY_MS = 500;
/** Width of the bins in which ages are averaged. */
export const AGE_BIN_MS = 50;
const ADDRESSES = 200;
const OPEN_AT_ONCE = 32;
const BACK_MS = 200;

/** Counts by class, in the order of `TRAFFIC_CLASSES`. */
export interface ClassCounts {
  readonly delivered: readonly number[];
  readonly inTime: readonly number[];
}

/** Who listens where. The first `decoding` of each room read what they are sent, the others only acknowledge it. */
export interface ClassListenersStart {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
  readonly rooms: number;
  readonly perRoom: number;
  readonly decoding: number;
}

const scan = new DeliveryScan();
const stamps = new StampScan();

export class ClassListeners {
  readonly #sockets: (WireSocket | null)[] = [];
  #delivered = new Float64Array(TRAFFIC_CLASSES.length);
  #inTime = new Float64Array(TRAFFIC_CLASSES.length);
  #ageSums: number[] = [];
  #ageCounts: number[] = [];
  #fromMs = 0;
  #nowMs = 0;
  #lost = 0;
  #stopped = false;

  /** Connections that were lost; who lost one comes back without what it missed. */
  get lost(): number {
    return this.#lost;
  }

  /** Connects them all. Rejects when one is refused. */
  async open(start: ClassListenersStart): Promise<void> {
    const signer = new TokenSigner(start.target.key);
    const count = start.rooms * start.perRoom;
    while (this.#sockets.length < count) {
      const first = this.#sockets.length;
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, count - first) }, (_, index) =>
        this.#connect(start, signer, first + index),
      );
      await Promise.all(fresh);
    }
  }

  /** Counts anew, and only what was due at `fromMs` of the machine's clock or later. */
  restart(fromMs: number): void {
    this.#fromMs = fromMs;
    this.#delivered.fill(0);
    this.#inTime.fill(0);
    this.#ageSums = [];
    this.#ageCounts = [];
  }

  counts(): ClassCounts {
    return { delivered: [...this.#delivered], inTime: [...this.#inTime] };
  }

  /** Mean age, ms, of what was received in each bin since `restart`, captions aside; NaN of a bin in which nothing was. */
  meanAges(): number[] {
    return Array.from(this.#ageSums, (sum, bin) => (sum ?? Number.NaN) / (this.#ageCounts[bin] ?? 0));
  }

  stop(): void {
    this.#stopped = true;
    for (const socket of this.#sockets) socket?.destroy();
  }

  async #connect(start: ClassListenersStart, signer: TokenSigner, number: number): Promise<void> {
    this.#sockets[number] = null;
    const { target, tenants, perRoom, decoding } = start;
    const room = Math.floor(number / perRoom);
    const tenant = tenants[room % tenants.length]!;
    const accessToken = await signer.sign({ identity: `listener-${number}`, tenant, room: `classes-${room}` });
    const { host, metadataPort: port } = target;
    const localAddress = loopbackAddress(AddressGroup.listeners, number, ADDRESSES);
    const reads = number % perRoom < decoding;
    const acks = new AckPacer();
    const listener: WireListener = {
      message: (bytes, from, end) => {
        const batch = this.#take(bytes, from, end, reads);
        if (batch === 0 || !acks.received(1)) return;
        this.#sockets[number]?.write(clientFrame(encodeSignal(false, 'ack', { upTo: batch })));
      },
      closed: () => {
        if (this.#stopped) return;
        this.#lost++;
        setTimeout(() => this.#again(start, signer, number), BACK_MS);
      },
    };
    this.#sockets[number] = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, listener);
  }

  #again(start: ClassListenersStart, signer: TokenSigner, number: number): void {
    if (this.#stopped) return;
    this.#connect(start, signer, number).catch(() => setTimeout(() => this.#again(start, signer, number), BACK_MS));
  }

  /** Takes a message; the value is its batch number, 0 when it is no batch. */
  #take(bytes: Uint8Array, start: number, end: number, reads: boolean): number {
    if (reads) {
      this.#nowMs = monotonicMs();
      scan.frames(bytes, start, end, this.#read);
      return scan.batchNumber;
    }
    if (bytes[start + 1] !== Kind.batch) return 0;
    scan.frame(bytes, start, end);
    return new DataView(bytes.buffer, bytes.byteOffset + scan.bodyStart + 1, 4).getUint32(0, true);
  }

  readonly #read = (bytes: Uint8Array): void => {
    if (!stamps.find(bytes, scan.bodyStart, scan.bodyEnd) || stamps.dueMs < this.#fromMs) return;
    const { classIndex, dueMs } = stamps;
    const ageMs = this.#nowMs - dueMs;
    this.#delivered[classIndex]! += 1;
    if (ageMs <= TIMELY_MS) this.#inTime[classIndex]! += 1;
    if (TRAFFIC_CLASSES[classIndex] === 'captions') return;
    const bin = Math.floor((this.#nowMs - this.#fromMs) / AGE_BIN_MS);
    this.#ageSums[bin] = (this.#ageSums[bin] ?? 0) + ageMs;
    this.#ageCounts[bin] = (this.#ageCounts[bin] ?? 0) + 1;
  };
}
