/**
 * A crowd of agents that heed nothing: each begins one turn after the other and ends none before its hundredth next, at a
 * fixed rate, and comes back when it is cut. A process of its own.
 *
 *     turn …: started · … 100 turns later … · done
 *
 * Invariants: what is due is fixed beforehand; agent n is in room ⌊n / perRoom⌋; every frame is as long as any other.
 */
import { Kind } from '../../schemas/kinds.ts';
import { proto } from '../../schemas/proto.ts';
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { type OpenLoop, openLoop, timerClock } from '../open-loop.ts';
import { answerCalls } from '../processes/load-process.ts';
import { clientFrameBytes, writeClientFrame } from '../wire/client-frame.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { HandshakeRefused, openWire, type WireSocket } from '../wire/wire-socket.ts';

export interface TurnCrowdStart {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
  readonly agents: number;
  readonly perRoom: number;
}

export interface TurnFlood {
  /** Of all agents together. */
  readonly framesPerSecond: number;
  /** At most. */
  readonly durationMs: number;
}

export interface TurnCrowdReport {
  readonly writtenFrames: number;
  /** Connections that ended against their will. */
  readonly cuts: number;
  /** Handshakes that were refused. */
  readonly refused: number;
}

export type TurnCrowdCalls = {
  open(start: TurnCrowdStart): Promise<void>;
  flood(flood: TurnFlood): Promise<TurnCrowdReport>;
  /** Ends the flood: `flood` resolves with what was done so far. */
  halt(nothing: null): void;
};

const OPEN_TURNS = 100;
const OPEN_AT_ONCE = 32;
const ADDRESSES = 200;
const WRITES_PER_SECOND = 4000;
const WAITING_BYTES = 1_048_576;
const BACK_MS = 1000;
const DIGITS = 12;
const DIGIT_0 = 0x30;
const TEXT = 'an answer that nobody asked for';
const { Phase } = proto.AgentTurn;

/** A frame whose turn's number is written anew each time. */
interface Template {
  readonly bytes: Uint8Array;
  readonly numberAt: number;
}

class CrowdAgent {
  socket: WireSocket | null = null;
  readonly #started: Template;
  readonly #done: Template;
  #frames = 0;

  constructor(number: number) {
    this.#started = template(number, Phase.started);
    this.#done = template(number, Phase.done);
  }

  /** Writes the next `count` frames into `into`; returns where they end. */
  write(into: Uint8Array, count: number): number {
    let at = 0;
    for (let index = 0; index < count; index++) {
      const turn = this.#frames >>> 1;
      const ends = (this.#frames++ & 1) === 1;
      const frame = ends ? this.#done : this.#started;
      writeNumber(frame, ends ? Math.max(0, turn - OPEN_TURNS) : turn);
      at = writeClientFrame(into, at, frame.bytes, 0, frame.bytes.length);
    }
    return at;
  }

  get frameBytes(): number {
    return clientFrameBytes(Math.max(this.#started.bytes.length, this.#done.bytes.length));
  }
}

class TurnCrowd {
  readonly #agents: CrowdAgent[] = [];
  #start: TurnCrowdStart | null = null;
  #signer: TokenSigner | null = null;
  #cuts = 0;
  #refused = 0;
  #loop: OpenLoop | null = null;

  async open(start: TurnCrowdStart): Promise<void> {
    this.#start = start;
    this.#signer = new TokenSigner(start.target.key);
    for (let first = 0; first < start.agents; first += OPEN_AT_ONCE) {
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, start.agents - first) }, (_, index) => first + index);
      for (const number of fresh) this.#agents.push(new CrowdAgent(number));
      await Promise.all(fresh.map((number) => this.#connect(number)));
    }
  }

  async flood({ framesPerSecond, durationMs }: TurnFlood): Promise<TurnCrowdReport> {
    [this.#cuts, this.#refused] = [0, 0];
    const burst = Math.max(2, Math.ceil(framesPerSecond / WRITES_PER_SECOND));
    const gapMs = (1000 * burst) / framesPerSecond;
    const times = Float64Array.from({ length: Math.floor(durationMs / gapMs) }, (_, index) => index * gapMs);
    const scratch = new Uint8Array(burst * this.#agents[0]!.frameBytes);
    let written = 0;
    this.#loop = openLoop(times, monotonicMs() + 50, timerClock(monotonicMs), (index) => {
      const agent = this.#agents[index % this.#agents.length]!;
      if (!agent.socket?.open || agent.socket.waitingBytes > WAITING_BYTES) return;
      agent.socket.write(scratch.slice(0, agent.write(scratch, burst)));
      written += burst;
    });
    await this.#loop.done;
    return { writtenFrames: written, cuts: this.#cuts, refused: this.#refused };
  }

  halt(): void {
    this.#loop?.stop();
  }

  async #connect(number: number): Promise<void> {
    const { target, tenants, perRoom } = this.#start!;
    const room = Math.floor(number / perRoom);
    const accessToken = await this.#signer!.sign({
      identity: `crowd-${number}`,
      tenant: tenants[room % tenants.length]!,
      room: `classes-${room}`,
      kind: 'agent',
      canSubscribe: false,
    });
    const { host, metadataPort: port } = target;
    const localAddress = loopbackAddress(AddressGroup.agents, number, ADDRESSES);
    const agent = this.#agents[number]!;
    const listener = { message: () => {}, closed: () => this.#lost(number) };
    agent.socket = await openWire({ host, port, path: '/v1/metadata', accessToken, localAddress }, listener);
  }

  #lost(number: number): void {
    this.#agents[number]!.socket = null;
    this.#cuts++;
    void this.#comeBack(number);
  }

  async #comeBack(number: number): Promise<void> {
    for (;;) {
      await pause(BACK_MS);
      try {
        return await this.#connect(number);
      } catch (error) {
        if (!(error instanceof HandshakeRefused)) throw error;
        this.#refused++;
      }
    }
  }
}

function template(agent: number, phase: number): Template {
  const turn = `${agent}@${'0'.repeat(DIGITS)}`;
  const text = phase === Phase.started ? TEXT : '';
  const offset = phase === Phase.started ? 0 : TEXT.length;
  const bytes = proto.Frame.encode({ kind: Kind.agentTurn, agentTurn: { turn, phase, offset, text } }).finish();
  return { bytes, numberAt: bytes.indexOf(0x40) + 1 };
}

function writeNumber({ bytes, numberAt }: Template, number: number): void {
  for (let index = DIGITS - 1, rest = number; index >= 0; index--, rest = Math.floor(rest / 10)) {
    bytes[numberAt + index] = DIGIT_0 + (rest % 10);
  }
}

if (process.argv[1] === import.meta.filename && process.send) {
  const crowd = new TurnCrowd();
  const calls: TurnCrowdCalls = {
    open: (start) => crowd.open(start),
    flood: (flood) => crowd.flood(flood),
    halt: () => crowd.halt(),
  };
  answerCalls(calls);
}
