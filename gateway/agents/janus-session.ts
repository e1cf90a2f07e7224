/**
 * One session on a Janus server, over one WebSocket, with any number of handles of its videoroom.
 *
 *     request ─► {transaction} ─► success | error           (ack: only that it was taken; the event follows)
 *     message ─► {transaction} ─► ack ─► event with that transaction
 *     (unasked)                 ─► event, trickle of a handle
 *
 * Invariants: every request settles, at the latest when the session is lost; what a handle is told comes in wire order;
 * `lost` resolves once, and after it nothing is told.
 */
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  type JanusCandidate,
  JanusCode,
  JanusError,
  type JanusMessage,
  type Jsep,
  janusErrorOf,
  type RoomData,
  readJanusMessage,
} from './janus-message.ts';

const SUBPROTOCOL = 'janus-protocol';
const PLUGIN = 'janus.plugin.videoroom';
const REQUEST_MS = 8000;
/** Well below the 60 s after which Janus forgets a silent session; also how soon a Janus that hangs is noticed. */
const KEEPALIVE_MS = 10_000;

export type Request = Readonly<Record<string, unknown>>;

/** Who hears of a handle. */
export interface HandleListener {
  /** What the videoroom says unasked, with an offer where it makes one. */
  event(data: RoomData, jsep: Jsep | null): void;
  /** A candidate of Janus'; null: no more will come. */
  trickle(candidate: JanusCandidate | null): void;
}

/** The videoroom's answer to a message. */
export interface RoomReply {
  readonly data: RoomData;
  readonly jsep: Jsep | null;
}

interface Pending {
  /** Whether its ack is all the answer there will be. */
  readonly ackIsAll: boolean;
  readonly settle: (message: JanusMessage) => void;
  readonly fail: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A handle of the videoroom. */
export interface JanusHandle {
  readonly id: number;
  /** Asks the videoroom. Rejects with a `JanusError` that says why not. */
  message(body: Request, jsep?: Jsep): Promise<RoomReply>;
  /** Passes a candidate of the client's on; null: no more will come. */
  trickle(candidate: JanusCandidate | null): void;
  /** Gives the handle back, and its peer connection with it. Never rejects. */
  detach(): Promise<void>;
}

export class JanusSession {
  /** Resolves to why the session is no more. */
  readonly lost: Promise<string>;
  readonly #socket: WebSocket;
  readonly #apiSecret: string | undefined;
  readonly #pending = new Map<string, Pending>();
  readonly #handles = new Map<number, HandleListener>();
  readonly #keepalive: NodeJS.Timeout;
  #lose: (reason: string) => void = () => {};
  #gone = false;
  #id = 0;

  private constructor(socket: WebSocket, apiSecret: string | undefined) {
    this.#socket = socket;
    this.#apiSecret = apiSecret;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    socket.on('message', (data) => this.#received(String(data)));
    socket.on('close', () => this.#end('the connection to Janus was lost'));
    socket.on('error', (error) => this.#end(error.message || 'the connection to Janus failed'));
    this.#keepalive = setInterval(() => {
      this.#request({ janus: 'keepalive', session_id: this.#id }).catch((error) => this.#end(String(error.message)));
    }, KEEPALIVE_MS);
  }

  /** Connects and creates the session. Rejects with why there is none. */
  static async open(url: string, apiSecret?: string): Promise<JanusSession> {
    const socket = new WebSocket(url, SUBPROTOCOL, { handshakeTimeout: REQUEST_MS, perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const session = new JanusSession(socket, apiSecret);
    try {
      const { data } = await session.#request({ janus: 'create' });
      if (data === undefined) throw new Error('expected Janus to number the session');
      session.#id = data.id;
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** A new handle of the videoroom. */
  async attach(listener: HandleListener): Promise<JanusHandle> {
    const at = { session_id: this.#id };
    const { data } = await this.#request({ janus: 'attach', ...at, plugin: PLUGIN });
    if (data === undefined) throw new JanusError(0, 'expected Janus to number the handle');
    const { id } = data;
    this.#handles.set(id, listener);
    const where = { ...at, handle_id: id };
    return {
      id,
      message: async (body, jsep) => {
        const reply = await this.#request({ janus: 'message', ...where, body, ...(jsep ? { jsep } : {}) });
        if (reply.plugindata === undefined) throw new JanusError(0, 'expected an answer of the videoroom');
        return { data: reply.plugindata.data, jsep: reply.jsep ?? null };
      },
      trickle: (candidate) => {
        const trickle = { janus: 'trickle', ...where, candidate: candidate ?? { completed: true } };
        // Late candidates of a connection that has just gone are nobody's loss.
        this.#request(trickle).catch(() => {});
      },
      detach: async () => {
        this.#handles.delete(id);
        await this.#request({ janus: 'detach', ...where }).catch(() => {});
      },
    };
  }

  /** Ends the session, and all handles with it. */
  close(): void {
    if (this.#gone) return;
    if (this.#id !== 0) this.#send({ janus: 'destroy', session_id: this.#id, transaction: transactionId() });
    this.#socket.close();
    this.#end('closed by the node');
  }

  #request(request: Request): Promise<JanusMessage> {
    if (this.#gone) return Promise.reject(new JanusError(0, 'Janus is not there'));
    const transaction = transactionId();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(transaction);
        reject(new JanusError(0, `Janus did not answer ${String(request.janus)} within ${REQUEST_MS} ms`));
      }, REQUEST_MS);
      const ackIsAll = request.janus === 'keepalive' || request.janus === 'trickle';
      this.#pending.set(transaction, { ackIsAll, settle: resolve, fail: reject, timer });
      this.#send({ ...request, transaction });
    });
  }

  #send(request: Request): void {
    const secret = this.#apiSecret === undefined ? {} : { apisecret: this.#apiSecret };
    this.#socket.send(JSON.stringify({ ...request, ...secret }));
  }

  #received(text: string): void {
    const message = readJanusMessage(text);
    if (message === null || this.#gone) return;
    if (message.transaction !== undefined && this.#settle(message.transaction, message)) return;
    const listener = this.#handles.get(message.sender ?? 0);
    if (message.janus === 'timeout') this.#end('Janus has given the session up');
    else if (message.janus === 'trickle' && message.candidate) {
      listener?.trickle(message.candidate.completed ? null : message.candidate);
    } else if (message.janus === 'event' && message.plugindata) {
      listener?.event(message.plugindata.data, message.jsep ?? null);
    }
  }

  /** Settles the request of that transaction; false when it is none of ours. */
  #settle(transaction: string, message: JanusMessage): boolean {
    const pending = this.#pending.get(transaction);
    if (pending === undefined) return false;
    // To a message it only says that the event will follow.
    if (message.janus === 'ack' && !pending.ackIsAll) return true;
    this.#pending.delete(transaction);
    clearTimeout(pending.timer);
    const error = janusErrorOf(message);
    if (error?.code === JanusCode.noSuchSession) this.#end('Janus does not know the session any more');
    if (error) pending.fail(error);
    else pending.settle(message);
    return true;
  }

  #end(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    clearInterval(this.#keepalive);
    this.#socket.terminate();
    for (const { fail, timer } of this.#pending.values()) {
      clearTimeout(timer);
      fail(new JanusError(0, reason));
    }
    this.#pending.clear();
    this.#handles.clear();
    this.#lose(reason);
  }
}

function transactionId(): string {
  return randomBytes(9).toString('base64url');
}
