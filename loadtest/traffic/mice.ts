/**
 * Who is in e5: a thousand rooms that publish a little (mice), a room of the same tenant that publishes a hundred times as much
 * to a large audience (the elephant), and the only room of another tenant. All of one class.
 *
 * Mice's ages are taken in the process that owns this; publishers, elephant and its audience have processes of their own,
 * so that nobody waits for them but in the gateway.
 */
import { LatencyRecord } from '../latency-record.ts';
import { LoadProcess } from '../processes/load-process.ts';
import type { LoadTarget } from '../wire/load-target.ts';
import type { AudienceCalls } from './audience.ts';
import type { ClassAgentCalls } from './class-agents.ts';
import { ClassListeners, TIMELY_MS } from './class-listeners.ts';
import { TRAFFIC_CLASSES } from './stamped-frame.ts';

export interface MiceStart {
  readonly target: LoadTarget;
  readonly mice: number;
  readonly audience: number;
  /** Of the mice and the elephant, and of the single room. */
  readonly crowdTenant: string;
  readonly singleTenant: string;
}

/** What came of what was published, by room. */
export interface MiceReport {
  /** Ages of all mice's frames, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of each mouse, frames that came in time as a part of those it published; then the single room's. */
  readonly parts: readonly number[];
  readonly singlePart: number;
  readonly singleP99Ms: number;
  /** Frames of the elephant that came to one of its audience, in time or not, per second. */
  readonly elephantPerSecond: number;
  /** Whether the gateway has cut the elephant off: a worker that stood still reads more from it at once than anybody may send. */
  readonly elephantCut: boolean;
  /** Load client's own lateness, p99, ms. */
  readonly latenessP99Ms: number;
}

const CLASS_INDEX = TRAFFIC_CLASSES.indexOf('standard');
/** Its frames are some 300 bytes: the audience asks for more than any process can write. */
const ELEPHANT_FILLERS = 9;
const AGENTS = new URL('./class-agents.ts', import.meta.url);
const AUDIENCE = new URL('./audience.ts', import.meta.url);

export class Mice {
  readonly #start: MiceStart;
  readonly #listeners = new ClassListeners();
  readonly #publishers = new LoadProcess<ClassAgentCalls>(AGENTS, 'mice', 'last');
  readonly #elephant = new LoadProcess<ClassAgentCalls>(AGENTS, 'elephant', 'last');
  readonly #audience = new LoadProcess<AudienceCalls>(AUDIENCE, 'audience', 'ordinary');
  readonly #ages = new LatencyRecord();
  readonly #singleAges = new LatencyRecord();
  /** By mouse; the single room is behind them. */
  readonly #inTime: Float64Array;

  constructor(start: MiceStart) {
    this.#start = start;
    this.#inTime = new Float64Array(start.mice + 1);
  }

  /** Connects everybody. Rejects when one is refused. */
  async open(): Promise<void> {
    const { target, mice, audience, crowdTenant, singleTenant } = this.#start;
    const crowd = { target, tenants: [crowdTenant], rooms: mice, perRoom: 1, decoding: 1 };
    const single = { target, tenants: [singleTenant], rooms: 1, perRoom: 1, decoding: 1, firstRoom: mice + 1 };
    const elephant = { target, tenants: [crowdTenant], perRoom: 1, firstRoom: mice };
    await this.#listeners.open({ ...crowd, heard: (mouse, ageMs) => this.#count(mouse, ageMs, this.#ages) });
    await this.#listeners.open({ ...single, heard: (_, ageMs) => this.#count(mice, ageMs, this.#singleAges) });
    await this.#audience.call('open', { ...elephant, rooms: 1, perRoom: audience, decoding: 1 });
    await this.#publishers.call('open', { ...crowd, agents: mice, classIndex: CLASS_INDEX });
    await this.#publishers.call('open', { ...single, agents: 1, classIndex: CLASS_INDEX });
    await this.#elephant.call('open', { ...elephant, agents: 1, classIndex: CLASS_INDEX, fillers: ELEPHANT_FILLERS });
  }

  /**
   * Every mouse and the single room publish `perSecond` frames a second from `startMs` on, the elephant `elephantFactor` times
   * as many; what is due from `fromMs` on counts.
   */
  async publish(run: {
    readonly perSecond: number;
    readonly elephantFactor: number;
    readonly startMs: number;
    readonly fromMs: number;
    readonly durationMs: number;
  }): Promise<MiceReport> {
    const { perSecond, elephantFactor, startMs, fromMs, durationMs } = run;
    const { mice } = this.#start;
    this.#ages.reset();
    this.#singleAges.reset();
    this.#inTime.fill(0);
    this.#listeners.restart(fromMs);
    await this.#audience.call('restart', fromMs);
    const pieces = [{ framesPerSecond: perSecond * (mice + 1), durationMs, burst: 1 }];
    const flood = [{ framesPerSecond: perSecond * elephantFactor, durationMs }];
    const [{ latenessP99Ms }, elephant] = await Promise.all([
      this.#publishers.call('publish', { pieces, startMs }),
      elephantFactor === 0 ? null : this.#elephant.call('publish', { pieces: flood, startMs }),
    ]);
    await this.#listeners.quiet();
    const seconds = (startMs + durationMs - fromMs) / 1000;
    const parts = Array.from(this.#inTime, (inTime) => inTime / (perSecond * seconds));
    const heard = await this.#audience.call('counts', null);
    return {
      p50Ms: this.#ages.percentileMs(50),
      p99Ms: this.#ages.percentileMs(99),
      parts: parts.slice(0, mice),
      singlePart: parts[mice]!,
      singleP99Ms: this.#singleAges.percentileMs(99),
      elephantPerSecond: heard.delivered[CLASS_INDEX]! / seconds,
      elephantCut: elephant !== null && elephant.lost > 0,
      latenessP99Ms,
    };
  }

  async stop(): Promise<void> {
    this.#listeners.stop();
    await Promise.all([this.#publishers.stop(), this.#elephant.stop(), this.#audience.stop()]);
  }

  #count(room: number, ageMs: number, ages: LatencyRecord): void {
    ages.record(ageMs);
    if (ageMs <= TIMELY_MS) this.#inTime[room]! += 1;
  }
}
