/**
 * Publishers of every sort of frame, in a process of their own: batches of 64 at a constant rate, fixed beforehand.
 *
 * Invariants: a batch is written whole or not at all, and counts as written when the kernel has it; a publisher whose
 * connection is gone writes nothing, which shows in `withheld`.
 */
import { Kind } from '../../schemas/kinds.ts';
import { type Frame, proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { answerCalls } from '../processes/load-process.ts';
import { clientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';
import { FINAL, frameOfSort, INTERIM, PRESENCE, RULES, SORTS } from './ruled-policies.ts';

/** Most frames in a batch. */
export const BATCH_FRAMES = 64;
/** A socket on which this much waits gets no more. */
const WAITING_BYTES = 1_048_576;
const START_IN_MS = 20;
const SETTLE_MS = 5000;

/** Who they are. Publisher n is in room n mod `rooms`. */
export interface MixedStart {
  readonly target: LoadTarget;
  readonly tenant: string;
  readonly publishers: number;
  readonly rooms: number;
}

export interface MixedRun {
  readonly framesPerSecond: number;
  readonly durationMs: number;
}

export interface MixedReport {
  /** Frames the kernel took, by sort. */
  readonly written: readonly number[];
  /** Frames that were due and not written: connections gone, or more waiting than a socket may have. */
  readonly withheld: number;
  /** What the gateway told in `throttled`. */
  readonly throttled: number;
  /** From the first write that was due to the last that was done, ms. */
  readonly tookMs: number;
}

/** What the process offers. */
export type MixedCalls = {
  open(start: MixedStart): Promise<void>;
  publish(run: MixedRun): Promise<MixedReport>;
};

class MixedPublishers {
  readonly #sockets: WireSocket[] = [];
  readonly #written = new Array<number>(SORTS).fill(0);
  #withheld = 0;
  #throttled = 0;
  #next = 0;

  async open({ target, tenant, publishers, rooms }: MixedStart): Promise<void> {
    const signer = new TokenSigner(target.key);
    const { host, metadataPort: port } = target;
    const listener = { message: this.#told, closed: () => {} };
    for (let number = 0; number < publishers; number++) {
      const accessToken = await signer.sign({
        identity: `publisher-${number}`,
        tenant,
        room: `reload-${number % rooms}`,
        kind: 'agent',
        canSubscribe: false,
      });
      const localAddress = loopbackAddress(AddressGroup.agents, number, 100);
      this.#sockets.push(await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, listener));
    }
  }

  async publish({ framesPerSecond, durationMs }: MixedRun): Promise<MixedReport> {
    const gapMs = (1000 * BATCH_FRAMES) / framesPerSecond;
    const times = Float64Array.from({ length: Math.floor(durationMs / gapMs) }, (_, index) => index * gapMs);
    const startMs = monotonicMs() + START_IN_MS;
    const clock = timerClock(monotonicMs);
    await openLoop(times, startMs, clock, (index) => this.#write(index % this.#sockets.length)).done;
    const tookMs = monotonicMs() - startMs;
    for (const endMs = monotonicMs() + SETTLE_MS; this.#waiting() && monotonicMs() < endMs; ) await pause(10);
    return { written: this.#written, withheld: this.#withheld, throttled: this.#throttled, tookMs };
  }

  #waiting(): boolean {
    return this.#sockets.some((socket) => socket.open && socket.waitingBytes > 0);
  }

  #write(number: number): void {
    const socket = this.#sockets[number]!;
    if (!socket.open || socket.waitingBytes > WAITING_BYTES) {
      this.#withheld += BATCH_FRAMES;
      return;
    }
    const sorts = sortsOf(this.#next++);
    const frames = sorts.map((sort, index) => frameOfSort(sort, `s${number}`, this.#next * BATCH_FRAMES + index));
    const batch = { kind: Kind.batch, batch: { frames } } satisfies Frame;
    socket.write(clientFrame(proto.Frame.encode(batch).finish()), () => {
      for (const sort of sorts) this.#written[sort]! += 1;
    });
  }

  readonly #told = (bytes: Uint8Array, start: number, end: number): void => {
    const { kind, throttled } = proto.Frame.decode(bytes.subarray(start, end));
    if (kind === Kind.throttled) this.#throttled += Number(throttled?.dropped ?? 0);
  };
}

/** What batch number `batch` holds: mostly custom frames, every type as often, and of the other sorts some. */
function sortsOf(batch: number): number[] {
  return Array.from({ length: BATCH_FRAMES }, (_, index) => {
    if (index % 8 === 5) return INTERIM;
    if (index === 63) return FINAL;
    if (index % 16 === 3) return PRESENCE;
    return (batch * BATCH_FRAMES + index) % (RULES + 1);
  });
}

if (process.argv[1] === import.meta.filename && process.send) {
  const publishers = new MixedPublishers();
  const calls: MixedCalls = {
    open: (start) => publishers.open(start),
    publish: (run) => publishers.publish(run),
  };
  answerCalls(calls);
}
