/**
 * Agents of every class on one schedule, in a process of their own: who publishes what is fixed beforehand, and nobody
 * heeds credit or throttling.
 *
 * Invariants: agents publish in turn, agent n of class n mod 4 unless all are of one; a frame is stamped with when it was due.
 */
import { TokenSigner } from '../access-token.ts';
import { monotonicMs } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { answerCalls } from '../processes/load-process.ts';
import { writeClientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { openWire, type WireSocket } from '../wire/wire-socket.ts';
import { type StampedFrame, stamp, stampedFrame, TRAFFIC_CLASSES } from './stamped-frame.ts';

/** Who they are. The n-th of them is in room `firstRoom` + ⌊n / perRoom⌋. */
export interface ClassAgentsStart {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
  readonly agents: number;
  readonly perRoom: number;
  /** 0 when left out. */
  readonly firstRoom?: number;
  /** Index of the one class that all of them publish; absent: they take turns. */
  readonly classIndex?: number;
  /** How long their frames are; 1 when left out. */
  readonly fillers?: number;
}

/** A stretch of constant rate. */
export interface RatePiece {
  readonly framesPerSecond: number;
  readonly durationMs: number;
  /** Frames of an agent that are due at once; absent: so many that there are not too many writes. */
  readonly burst?: number;
}

/** What is published when. */
export interface ClassAgentsRun {
  readonly pieces: readonly RatePiece[];
  /** Of the machine's clock, ms; absent: at once. */
  readonly startMs?: number | undefined;
}

/** What was sent. */
export interface ClassAgentsReport {
  /** By class, in the order of `TRAFFIC_CLASSES`. */
  readonly due: readonly number[];
  readonly startMs: number;
  readonly latenessP99Ms: number;
  /** Agents whose connection is gone. */
  readonly lost: number;
}

/** What the process offers. */
export type ClassAgentCalls = {
  /** Adds agents to those there are. */
  open(start: ClassAgentsStart): Promise<void>;
  publish(run: ClassAgentsRun): Promise<ClassAgentsReport>;
};

const OPEN_AT_ONCE = 32;
const ADDRESSES = 200;
const MOST_WRITES_PER_SECOND = 5000;
/** A socket on which this much waits gets no more: what is due meanwhile counts as due, and is never sent. */
const WAITING_BYTES = 1_048_576;
const START_IN_MS = 50;

interface Agent {
  readonly classIndex: number;
  readonly socket: WireSocket;
  readonly frame: StampedFrame;
}

class ClassAgents {
  readonly #agents: Agent[] = [];
  readonly #scratch = new Uint8Array(65_536);

  async open(start: ClassAgentsStart): Promise<void> {
    const signer = new TokenSigner(start.target.key);
    const before = this.#agents.length;
    for (let opened = 0; opened < start.agents; opened = this.#agents.length - before) {
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, start.agents - opened) }, (_, index) =>
        connect(start, signer, opened + index),
      );
      this.#agents.push(...(await Promise.all(fresh)));
    }
  }

  async publish({ pieces, startMs = monotonicMs() + START_IN_MS }: ClassAgentsRun): Promise<ClassAgentsReport> {
    const due = TRAFFIC_CLASSES.map(() => 0);
    const late = new LatencyRecord();
    const { times, bursts } = timesOf(pieces);
    await openLoop(times, startMs, timerClock(monotonicMs), (index, dueMs) => {
      late.record(monotonicMs() - dueMs);
      const agent = index % this.#agents.length;
      due[this.#agents[agent]!.classIndex]! += bursts[index]!;
      this.#write(this.#agents[agent]!, bursts[index]!, dueMs);
    }).done;
    const lost = this.#agents.filter(({ socket }) => !socket.open).length;
    return { due, startMs, latenessP99Ms: late.percentileMs(99), lost };
  }

  #write({ socket, frame }: Agent, burst: number, dueMs: number): void {
    if (!socket.open || socket.waitingBytes > WAITING_BYTES) return;
    stamp(frame, dueMs);
    const scratch = this.#scratch;
    const one = writeClientFrame(scratch, 0, frame.bytes, 0, frame.bytes.length);
    const count = Math.min(burst, Math.floor(scratch.length / one));
    // All frames of a burst are due now, so they are the same bytes: copying them is cheaper than masking each.
    for (let copied = 1; copied < count; copied++) scratch.copyWithin(copied * one, 0, one);
    const at = count * one;
    socket.write(this.#scratch.slice(0, at));
  }
}

/** When writes are due, ms from the start, and how many frames each has: few large ones where there is much to say. */
function timesOf(pieces: readonly RatePiece[]): { times: Float64Array; bursts: readonly number[] } {
  const [times, bursts]: [number[], number[]] = [[], []];
  let fromMs = 0;
  for (const piece of pieces) {
    const { framesPerSecond, durationMs } = piece;
    const burst = piece.burst ?? Math.max(1, Math.ceil(framesPerSecond / MOST_WRITES_PER_SECOND));
    const gapMs = (1000 * burst) / framesPerSecond;
    for (let atMs = 0; atMs < durationMs; atMs += gapMs) {
      times.push(fromMs + atMs);
      bursts.push(burst);
    }
    fromMs += durationMs;
  }
  return { times: Float64Array.from(times), bursts };
}

async function connect(start: ClassAgentsStart, signer: TokenSigner, number: number): Promise<Agent> {
  const { target, tenants, perRoom, firstRoom = 0 } = start;
  const room = firstRoom + Math.floor(number / perRoom);
  const classIndex = start.classIndex ?? number % TRAFFIC_CLASSES.length;
  const accessToken = await signer.sign({
    identity: `agent-${number}`,
    tenant: tenants[room % tenants.length]!,
    room: `classes-${room}`,
    kind: 'agent',
    canSubscribe: false,
  });
  const { host, metadataPort: port } = target;
  const localAddress = loopbackAddress(AddressGroup.agents, number, ADDRESSES);
  const deaf = { message: () => {}, closed: () => {} };
  const socket = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, deaf);
  return { classIndex, socket, frame: stampedFrame(classIndex, number, start.fillers) };
}

if (process.argv[1] === import.meta.filename && process.send) {
  const agents = new ClassAgents();
  const calls: ClassAgentCalls = {
    open: (start) => agents.open(start),
    publish: (run) => agents.publish(run),
  };
  answerCalls(calls);
}
