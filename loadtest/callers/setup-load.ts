/**
 * Calls placed on schedule: each takes a free caller of a pool (or opens a connection of its own) and has one second,
 * counted from when it was due.
 *
 * Invariants: every scheduled setup is counted once, as answered or by its failure; no free caller is a failure too.
 */
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { schedule } from '../schedule.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { Caller, type CallerStart } from './caller.ts';

/** The pool. */
export interface SetupPool {
  readonly target: LoadTarget;
  readonly tenant: string;
  readonly callers: number;
}

/** One run over the pool. */
export interface SetupRun {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly seed: number;
  /** Every n-th setup opens its own connection; 0: none does. */
  readonly coldEvery: number;
  readonly deadlineMs: number;
}

/** What became of a run. Records are encoded `LatencyRecord`s of ms from the intended time. */
export interface SetupReport {
  readonly setups: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly warm: string;
  readonly cold: string;
  /** How late the sends were: the load test's own share of the latency. */
  readonly lateness: string;
  /** Pool sockets that were lost and opened again. */
  readonly reopened: number;
}

const ADDRESSES = 64;
const OPEN_AT_ONCE = 8;

/** Places calls. */
export class SetupLoad {
  readonly #pool: SetupPool;
  readonly #signer: TokenSigner;
  readonly #callers: Caller[] = [];
  #next = 0;
  #identities = 0;
  #reopened = 0;

  constructor(pool: SetupPool) {
    this.#pool = pool;
    this.#signer = new TokenSigner(pool.target.key);
  }

  /** Opens the pool. Throws when a caller cannot connect. */
  async open(): Promise<void> {
    const { callers } = this.#pool;
    while (this.#callers.length < callers) {
      const fresh = Array.from({ length: Math.min(OPEN_AT_ONCE, callers - this.#callers.length) }, () =>
        this.#connect(),
      );
      this.#callers.push(...(await Promise.all(fresh)));
    }
  }

  /** Runs the schedule to its end and waits for the last setup. */
  async run(run: SetupRun): Promise<SetupReport> {
    const times = schedule('poisson', run.ratePerSecond, run.durationMs, run.seed);
    const failures: Record<string, number> = {};
    const warm = new LatencyRecord();
    const cold = new LatencyRecord();
    const lateness = new LatencyRecord();
    const reopenedBefore = this.#reopened;
    let open = times.length;
    const ended = (record: LatencyRecord, failure: string | null, latencyMs: number) => {
      open--;
      if (failure === null) record.record(latencyMs);
      else failures[failure] = (failures[failure] ?? 0) + 1;
    };
    const tokens = await this.#coldStarts(run.coldEvery > 0 ? Math.ceil(times.length / run.coldEvery) : 0);
    const loop = openLoop(times, monotonicMs() + 20, timerClock(monotonicMs), (index, dueMs) => {
      lateness.record(monotonicMs() - dueMs);
      const coldStart = run.coldEvery > 0 && index % run.coldEvery === 0 ? tokens.pop() : undefined;
      if (coldStart) placeCold(coldStart, dueMs, run.deadlineMs, ended.bind(null, cold));
      else this.#placeWarm(dueMs, run.deadlineMs, ended.bind(null, warm));
    });
    await loop.done;
    for (const endMs = monotonicMs() + 2 * run.deadlineMs; open > 0 && monotonicMs() < endMs; ) await pause(10);
    const setups = times.length;
    const records = { warm: warm.encode(), cold: cold.encode(), lateness: lateness.encode() };
    return { setups, failures, ...records, reopened: this.#reopened - reopenedBefore };
  }

  /** Closes the pool. */
  close(): void {
    for (const caller of this.#callers) caller.close();
    this.#callers.length = 0;
  }

  #placeWarm(dueMs: number, deadlineMs: number, ended: (failure: string | null, latencyMs: number) => void): void {
    const caller = this.#takeFree();
    if (caller) placeCall(caller, dueMs, deadlineMs, ended);
    else ended('no caller was free', 0);
  }

  /** The next free caller in turn. One whose connection is gone is replaced in the background. */
  #takeFree(): Caller | null {
    const callers = this.#callers;
    for (let tried = 0; tried < callers.length; tried++) {
      const index = this.#next++ % callers.length;
      const caller = callers[index]!;
      if (caller.free) return caller;
      if (caller.closed) void this.#reopen(index);
    }
    return null;
  }

  async #reopen(index: number): Promise<void> {
    this.#reopened++;
    const caller = new Caller(await this.#callerStart());
    this.#callers[index] = caller;
    await caller.connect();
  }

  async #connect(): Promise<Caller> {
    const caller = new Caller(await this.#callerStart());
    const failure = await caller.connect();
    if (failure !== null) throw new Error(`a caller cannot connect: ${failure}`);
    return caller;
  }

  async #callerStart(): Promise<CallerStart> {
    const number = this.#identities++;
    const { target, tenant } = this.#pool;
    return {
      url: `ws://${target.host}:${target.signalPort}/v1/signal`,
      accessToken: await this.#signer.sign({ identity: `caller-${number}`, tenant }),
      localAddress: loopbackAddress(AddressGroup.callers, number, ADDRESSES),
      json: number % 2 === 1,
      room: `call-${number >>> 1}`,
    };
  }

  async #coldStarts(count: number): Promise<CallerStart[]> {
    const starts: CallerStart[] = [];
    while (starts.length < count) starts.push(await this.#callerStart());
    return starts;
  }
}

function placeCall(
  caller: Caller,
  dueMs: number,
  deadlineMs: number,
  ended: (failure: string | null, latencyMs: number) => void,
): void {
  const late = setTimeout(() => caller.abandon('no answer in time'), dueMs + deadlineMs - monotonicMs());
  caller.setup((end) => {
    clearTimeout(late);
    const latencyMs = end.answeredMs - dueMs;
    // A timer can be late itself: the deadline holds whoever notices first.
    ended(end.failure === null && latencyMs > deadlineMs ? 'no answer in time' : end.failure, latencyMs);
  });
}

function placeCold(
  start: CallerStart,
  dueMs: number,
  deadlineMs: number,
  ended: (failure: string | null, latencyMs: number) => void,
): void {
  const caller = new Caller(start);
  let over = false;
  const late = setTimeout(
    () => {
      over = true;
      caller.close();
      ended('no connection in time', 0);
    },
    dueMs + deadlineMs - monotonicMs(),
  );
  void caller.connect().then((failure) => {
    clearTimeout(late);
    if (over) return;
    if (failure !== null) {
      ended(`not connected: ${failure}`, 0);
      return;
    }
    placeCall(caller, dueMs, deadlineMs, (setupFailure, latencyMs) => {
      ended(setupFailure, latencyMs);
      caller.close();
    });
  });
}
