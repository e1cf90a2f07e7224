/**
 * Subscribers that count, by class, what reaches them and how old it is.
 *
 * Invariant: a frame counts in time when it was due no longer than `TIMELY_MS` ago; what comes later is no goodput.
 */
import { AckPacer } from '../../gateway/client/ack-pacer.ts';
import { Kind } from '../../schemas/kinds.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { DeliveryScan } from '../wire/delivery-scan.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { encodeSignal } from '../wire/signal-message.ts';
import { openWire, type WireListener, type WireSocket } from '../wire/wire-socket.ts';
import { StampScan, TRAFFIC_CLASSES } from './stamped-frame.ts';

/** How old a delivered frame may be. */
export const TIMELY_MS = 500;
/** Ages are kept by when they were seen, to this. */
const AGE_GRAIN_MS = 5;
const ADDRESSES = 200;
const OPEN_AT_ONCE = 32;
const BACK_MS = 200;
/** About what a frame of this load takes: as our client does, listeners acknowledge by frames, which most of them do not count. */
const FRAME_BYTES = 100;
const QUIET_MS = 300;
const MOST_WAIT_MS = 10_000;

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
  /** 0 when left out. */
  readonly firstRoom?: number;
  /** Told of every frame that is counted: which of these listeners received it, and its age, ms. */
  readonly heard?: (listener: number, ageMs: number) => void;
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
  #restartedMs = 0;
  #nowMs = 0;
  /** Who is reading, and who is told of it. */
  #number = 0;
  #heard: ClassListenersStart['heard'] | null = null;
  #lost = 0;
  #stopped = false;

  /** Connections that were lost; who lost one comes back without what it missed. */
  get lost(): number {
    return this.#lost;
  }

  /** Connects them all, beside those there are. Rejects when one is refused. */
  async open(start: ClassListenersStart): Promise<void> {
    const signer = new TokenSigner(start.target.key);
    const count = start.rooms * start.perRoom;
    const place = this.#sockets.length;
    for (let opened = 0; opened < count; opened += OPEN_AT_ONCE) {
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, count - opened) }, (_, index) =>
        this.#connect(start, signer, opened + index, place + opened + index),
      );
      await Promise.all(fresh);
    }
  }

  /** Counts anew, and only what was due at `fromMs` of the machine's clock or later; ages, of all that comes from now on. */
  restart(fromMs: number): void {
    this.#fromMs = fromMs;
    this.#restartedMs = monotonicMs();
    this.#delivered.fill(0);
    this.#inTime.fill(0);
    this.#ageSums = [];
    this.#ageCounts = [];
  }

  counts(): ClassCounts {
    return { delivered: [...this.#delivered], inTime: [...this.#inTime] };
  }

  /** Mean age, ms, of what was received between two times of the machine's clock, captions aside; NaN where nothing was. */
  meanAgeMs(fromMs: number, untilMs: number): number {
    let [sum, count] = [0, 0];
    const end = Math.round((untilMs - this.#restartedMs) / AGE_GRAIN_MS);
    for (let grain = Math.round((fromMs - this.#restartedMs) / AGE_GRAIN_MS); grain < end; grain++) {
      sum += this.#ageSums[grain] ?? 0;
      count += this.#ageCounts[grain] ?? 0;
    }
    return sum / count;
  }

  /** Resolves when nothing has come for a while, after what may still come in time; or after ten seconds. */
  async quiet(): Promise<void> {
    await pause(TIMELY_MS);
    for (const endMs = monotonicMs() + MOST_WAIT_MS; monotonicMs() < endMs; await pause(QUIET_MS / 3)) {
      const nowMs = monotonicMs();
      if (Number.isNaN(this.meanAgeMs(nowMs - QUIET_MS, nowMs))) return;
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const socket of this.#sockets) socket?.destroy();
  }

  /** `number` among those of `start`, `place` among all. */
  async #connect(start: ClassListenersStart, signer: TokenSigner, number: number, place: number): Promise<void> {
    this.#sockets[place] = null;
    const { target, tenants, perRoom, decoding, firstRoom = 0 } = start;
    const room = firstRoom + Math.floor(number / perRoom);
    const tenant = tenants[room % tenants.length]!;
    const accessToken = await signer.sign({ identity: `listener-${number}`, tenant, room: `classes-${room}` });
    const { host, metadataPort: port } = target;
    const localAddress = loopbackAddress(AddressGroup.listeners, number, ADDRESSES);
    const reads = number % perRoom < decoding;
    const acks = new AckPacer();
    const listener: WireListener = {
      message: (bytes, from, end) => {
        this.#heard = start.heard ?? null;
        this.#number = number;
        const batch = this.#take(bytes, from, end, reads);
        if (batch === 0 || !acks.received(Math.ceil((end - from) / FRAME_BYTES))) return;
        this.#sockets[place]?.write(clientFrame(encodeSignal(false, 'ack', { upTo: batch })));
      },
      closed: () => {
        if (this.#stopped) return;
        this.#lost++;
        setTimeout(() => this.#again(start, signer, number, place), BACK_MS);
      },
    };
    this.#sockets[place] = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, listener);
  }

  #again(start: ClassListenersStart, signer: TokenSigner, number: number, place: number): void {
    if (this.#stopped) return;
    this.#connect(start, signer, number, place).catch(() =>
      setTimeout(() => this.#again(start, signer, number, place), BACK_MS),
    );
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
    if (!stamps.find(bytes, scan.bodyStart, scan.bodyEnd)) return;
    const { classIndex, dueMs } = stamps;
    const ageMs = this.#nowMs - dueMs;
    if (TRAFFIC_CLASSES[classIndex] !== 'captions') {
      const grain = Math.floor((this.#nowMs - this.#restartedMs) / AGE_GRAIN_MS);
      this.#ageSums[grain] = (this.#ageSums[grain] ?? 0) + ageMs;
      this.#ageCounts[grain] = (this.#ageCounts[grain] ?? 0) + 1;
    }
    if (dueMs < this.#fromMs) return;
    this.#delivered[classIndex]! += 1;
    if (ageMs <= TIMELY_MS) this.#inTime[classIndex]! += 1;
    this.#heard?.(this.#number, ageMs);
  };
}
