/**
 * Dialogs begun on schedule, whatever becomes of those before: each takes a client that is free of a pool of open sockets.
 *
 * Invariants: every dialog that is due is counted once, by how it ended; that nobody was free is an end too, and says that
 * the pool was too small for the load.
 */
import { TokenSigner } from '../access-token.ts';
import { monotonicMs, pause } from '../clock.ts';
import { LatencyRecord } from '../latency-record.ts';
import { openLoop, timerClock } from '../open-loop.ts';
import { schedule } from '../schedule.ts';
import { AddressGroup, type LoadTarget, loopbackAddress } from '../wire/load-target.ts';
import { openWire } from '../wire/wire-socket.ts';
import { DialogClient, DialogEnd } from './dialog-client.ts';
import { DIALOG_MESSAGES } from './dialog-messages.ts';

/** The pool. */
export interface DialogPool {
  readonly target: LoadTarget;
  readonly tenants: readonly string[];
  readonly clients: number;
  /** How long a message may be under way. */
  readonly patienceMs: number;
}

/** One run over the pool. Dialogs that are due in the first `settleMs` are not counted. */
export interface DialogRun {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  readonly settleMs: number;
  readonly seed: number;
}

/** What became of the dialogs that count. */
export interface DialogReport {
  readonly begun: number;
  readonly finished: number;
  /** By the message that was refused. */
  readonly refused: readonly number[];
  /** By the message that was not answered in time. */
  readonly unanswered: readonly number[];
  /** Whose connection ended. */
  readonly lost: number;
  /** For which no client was free. */
  readonly noneFree: number;
  /** From when they were due to the end, of those that finished: an encoded `LatencyRecord`. */
  readonly took: string;
  /** How late the load client began them, likewise. */
  readonly lateness: string;
  /** Messages sent during the whole run. */
  readonly sent: number;
}

const ADDRESSES = 200;
const OPEN_AT_ONCE = 64;
/** How often dialogs are looked at that were not answered. */
const LOOK_MS = 10;

/** Goes through dialogs. */
export class DialogLoad {
  readonly #pool: DialogPool;
  readonly #clients: DialogClient[] = [];
  #tokens: string[] = [];
  #next = 0;
  #count = emptyCount();

  constructor(pool: DialogPool) {
    this.#pool = pool;
  }

  /** Signs the tokens, then opens the pool. Throws when a client cannot connect. */
  async open(): Promise<void> {
    const { clients, tenants, target, patienceMs } = this.#pool;
    const signer = new TokenSigner(target.key);
    for (let index = 0; index < clients; index++) {
      const tenant = tenants[index % tenants.length]!;
      this.#tokens.push(await signer.sign({ identity: `dialogs-${index}`, tenant }));
      this.#clients.push(new DialogClient(`dialogs-${index}`, patienceMs, this.#ended));
    }
    for (let from = 0; from < clients; from += OPEN_AT_ONCE) {
      const some = Array.from({ length: Math.min(OPEN_AT_ONCE, clients - from) }, (_, index) => from + index);
      await Promise.all(some.map((index) => this.#connect(index)));
    }
  }

  /** Runs the schedule to its end and waits for the last dialog. */
  async run({ ratePerSecond, durationMs, settleMs, seed }: DialogRun): Promise<DialogReport> {
    const times = schedule('poisson', ratePerSecond, durationMs, seed);
    const startMs = monotonicMs() + 20;
    const count = emptyCount(startMs + settleMs);
    this.#count = count;
    const sentBefore = this.#sent();
    const looking = setInterval(() => this.#look(), LOOK_MS);
    const loop = openLoop(times, startMs, timerClock(monotonicMs), (_, dueMs) => this.#begin(dueMs));
    await loop.done;
    for (let ended = -1; ended !== count.ended; ) {
      ended = count.ended;
      await pause(this.#pool.patienceMs + 2 * LOOK_MS);
    }
    clearInterval(looking);
    const { begun, finished, refused, unanswered, lost, noneFree, took, lateness } = count;
    const records = { took: took.encode(), lateness: lateness.encode() };
    return { begun, finished, refused, unanswered, lost, noneFree, ...records, sent: this.#sent() - sentBefore };
  }

  /** Closes the pool. */
  close(): void {
    for (const client of this.#clients) client.close();
    this.#clients.length = 0;
    this.#tokens = [];
  }

  readonly #ended = (end: DialogEnd, message: number, dueMs: number, tookMs: number): void => {
    const count = this.#count;
    count.ended++;
    if (dueMs < count.fromMs) return;
    if (end === DialogEnd.finished) {
      count.finished++;
      count.took.record(tookMs);
    } else if (end === DialogEnd.refused) count.refused[message]!++;
    else if (end === DialogEnd.unanswered) count.unanswered[message]!++;
    else count.lost++;
  };

  #begin(dueMs: number): void {
    const count = this.#count;
    if (dueMs >= count.fromMs) {
      count.begun++;
      count.lateness.record(monotonicMs() - dueMs);
    }
    const client = this.#takeFree();
    if (client) client.begin(dueMs);
    else if (dueMs >= count.fromMs) count.noneFree++;
  }

  /** The next free client in turn. */
  #takeFree(): DialogClient | null {
    const clients = this.#clients;
    for (let tried = 0; tried < clients.length; tried++) {
      const client = clients[this.#next++ % clients.length]!;
      if (client.free) return client;
    }
    return null;
  }

  #look(): void {
    const nowMs = monotonicMs();
    for (const client of this.#clients) client.look(nowMs);
  }

  #sent(): number {
    return this.#clients.reduce((sum, { sent }) => sum + sent, 0);
  }

  async #connect(index: number): Promise<void> {
    const { host, signalPort } = this.#pool.target;
    const client = this.#clients[index]!;
    const accessToken = this.#tokens[index]!;
    const localAddress = loopbackAddress(AddressGroup.callers, index, ADDRESSES);
    client.connected(await openWire({ host, port: signalPort, path: '/v1/signal', accessToken, localAddress }, client));
  }
}

function emptyCount(fromMs = Number.POSITIVE_INFINITY) {
  const byMessage = () => DIALOG_MESSAGES.map(() => 0);
  return {
    fromMs,
    ended: 0,
    begun: 0,
    finished: 0,
    refused: byMessage(),
    unanswered: byMessage(),
    lost: 0,
    noneFree: 0,
    took: new LatencyRecord(),
    lateness: new LatencyRecord(),
  };
}
