/**
 * The signalling conversation of one client: join, the requests that follow, and the same session again after a loss.
 *
 * Invariants: `joined` is told once per socket, before any event that came after it; events that bear `seq` are told
 * once and in order across sockets of one session; requests made while there is no socket are refused at once.
 */
import { Kind, type KindName } from '../../schemas/kinds.ts';
import type { Frame } from '../../schemas/proto.ts';
import type { ResumePoint } from './client-types.ts';
import { KeptSocket, type KeptSocketOptions } from './kept-socket.ts';
import { errorOf, PendingReplies } from './pending-replies.ts';
import { ClientReason, SluiceError } from './sluice-error.ts';

/** Payload of a request: everything but its id. */
export type RequestPayload = Readonly<Record<string, unknown>>;

export interface SignalListener {
  opened(): void;
  welcomed(frame: Frame): void;
  joined(frame: Frame): void;
  /** Everything that answers no request: participants, offers, metadata on a mixed socket, … */
  received(frame: Frame): void;
  failed(error: SluiceError): void;
  lost(error: SluiceError, delayMs: number): void;
  ended(error: SluiceError): void;
}

export interface SignalOptions extends KeptSocketOptions {
  readonly room: string;
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly requestTimeoutMs: number;
  /** The session of an earlier client to go on with. */
  readonly resume?: ResumePoint | undefined;
}

export class SignalLink {
  /** The session the gateway keeps for us, empty before the first `joined`. */
  session = '';
  resumeToken = '';
  readonly #options: SignalOptions;
  readonly #listener: SignalListener;
  readonly #socket: KeptSocket;
  readonly #pending = new PendingReplies();
  #capabilities: readonly string[];
  #welcome: Frame['welcome'] = null;
  #lastSeq = 0;
  #joined = false;
  #early: Frame[] = [];

  constructor(options: SignalOptions, listener: SignalListener) {
    this.#options = options;
    this.#listener = listener;
    this.#capabilities = options.capabilities;
    this.session = options.resume?.session ?? '';
    this.resumeToken = options.resume?.resumeToken ?? '';
    this.#lastSeq = options.resume?.lastSeq ?? 0;
    this.#socket = new KeptSocket(
      { ...options, resuming: options.resume !== undefined },
      {
        opened: () => listener.opened(),
        greet: (welcome) => this.#greet(welcome),
        received: (frame) => this.#received(frame),
        lost: (error, delayMs) => {
          this.#abandon(error);
          listener.lost(error, delayMs);
        },
        ended: (error) => {
          this.#abandon(error);
          listener.ended(error);
        },
      },
    );
  }

  /** What the next join resumes. */
  get resumePoint(): ResumePoint {
    return { session: this.session, resumeToken: this.resumeToken, lastSeq: this.#lastSeq };
  }

  get open(): boolean {
    return this.#joined && this.#socket.open;
  }

  /** Connects and joins. Rejects with a `SluiceError`. */
  start(): Promise<void> {
    return this.#socket.start();
  }

  /** Ends for good, without a word to the gateway; `leave` first to leave the room at once. */
  stop(): void {
    this.#socket.stop();
  }

  /** Joins again, resuming, with other capabilities: how a client changes to a mixed socket. */
  rejoin(capabilities: readonly string[]): void {
    this.#capabilities = capabilities;
    this.#socket.move('', 0);
  }

  /** Sends a frame that has no reply; false when there is no joined socket. */
  send(frame: Frame): boolean {
    return this.#joined && this.#socket.send(frame);
  }

  /**
   * Sends a request and resolves with its reply of kind `reply`. Rejects with the gateway's `error`, or `timeout`,
   * `notConnected`, `connectionLost`.
   */
  request(name: KindName, payload: RequestPayload, reply: Kind = Kind.ok): Promise<Frame> {
    if (!this.open) {
      return Promise.reject(new SluiceError(0, ClientReason.notConnected, `no connection to send ${name} on`));
    }
    return this.#ask(name, payload, reply);
  }

  #ask(name: KindName, payload: RequestPayload, reply: Kind): Promise<Frame> {
    const id = this.#pending.nextId();
    const answered = this.#pending.wait(id, reply, name, this.#options.requestTimeoutMs);
    try {
      this.#socket.send({ kind: Kind[name], [name]: { id, ...payload } });
    } catch (thrown) {
      const message = `${name} cannot be sent: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      const error = new SluiceError(0, ClientReason.badFrame, message);
      this.#pending.settle(id, { kind: Kind.error, error: { id, code: 0, reason: error.reason, message } });
    }
    return answered;
  }

  async #greet(frame: Frame): Promise<void> {
    this.#welcome = frame.welcome ?? null;
    this.#listener.welcomed(frame);
    const { room, name } = this.#options;
    const resume = this.session === '' ? {} : { resume: this.resumePoint };
    const capabilities = [...this.#capabilities];
    await this.#ask('join', { room, name, capabilities, ...resume }, Kind.joined);
  }

  #received(frame: Frame): void {
    if (frame.kind === Kind.joined) this.#enter(frame);
    // What comes between welcome and joined belongs to a session we do not know yet.
    if (!this.#joined && !isReply(frame)) this.#early.push(frame);
    else this.#tell(frame);
  }

  #enter(frame: Frame): void {
    const joined = frame.joined;
    if (joined?.resumed !== true) this.#lastSeq = 0;
    this.session = joined?.session || this.#welcome?.session || '';
    this.resumeToken = joined?.resumeToken || this.#welcome?.resumeToken || '';
    this.#joined = true;
    const early = this.#early;
    this.#early = [];
    this.#pending.settle(joined?.id ?? 0, frame);
    this.#listener.joined(frame);
    for (const one of early) this.#tell(one);
  }

  #tell(frame: Frame): void {
    const seq = frame.seq ?? 0;
    if (seq > 0) {
      if (seq <= this.#lastSeq) return;
      this.#lastSeq = seq;
    }
    switch (frame.kind) {
      case Kind.joined:
        return;
      case Kind.ok:
        this.#pending.settle(frame.ok?.id ?? 0, frame);
        return;
      case Kind.pong:
        this.#pending.settle(frame.pong?.id ?? 0, frame);
        return;
      case Kind.answer:
        if (!this.#pending.settle(frame.answer?.id ?? 0, frame)) this.#listener.received(frame);
        return;
      case Kind.error:
        if (!this.#pending.settle(frame.error?.id ?? 0, frame)) this.#listener.failed(errorOf(frame));
        return;
      case Kind.goaway:
        this.#socket.move(frame.goaway?.url ?? '', frame.goaway?.reconnectAfterMs ?? 0);
        this.#listener.received(frame);
        return;
      default:
        this.#listener.received(frame);
    }
  }

  #abandon(error: SluiceError): void {
    this.#joined = false;
    this.#early = [];
    const lost = `the connection was lost before the reply: ${error.message}`;
    this.#pending.abandon(new SluiceError(error.code, ClientReason.connectionLost, lost));
  }
}

function isReply(frame: Frame): boolean {
  return frame.kind === Kind.error || frame.kind === Kind.ok || frame.kind === Kind.pong || frame.kind === Kind.goaway;
}
