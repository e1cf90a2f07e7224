/**
 * Whom a frame is charged to: the rows of its flow at each level.
 *
 *     flow ─► session row    a socket, or a node, which has many flows
 *          ├► user row       (tenant, identity): shared by all sessions of a user
 *          ├► room row       (tenant, room)
 *          ├► tenant row
 *          └► gateway row    0
 *
 * Invariants: a flow holds its rows until it closes; a row is -1 where a flow has none.
 */
import { LEVELS, Level } from './class-limits.ts';
import { KeyedRows, type Rests } from './keyed-rows.ts';

/** Whom a flow speaks for. */
export interface FlowOwner {
  readonly tenant: string;
  /** Null: no user of the tenant, as with nodes. */
  readonly identity: string | null;
  /** Null: in no room yet. */
  readonly room: string | null;
}

const WIDTH = LEVELS.length;

/** Called with a row that begins without a past: its buckets are to be opened. */
export type RowBegan = (level: number, row: number, key: string) => void;

export class FlowRows {
  /** Rows of flow f: `rows[5 f + level]`. */
  rows = new Int32Array(64 * WIDTH);
  readonly tenants: KeyedRows;
  readonly #users: KeyedRows;
  readonly #rooms: KeyedRows;
  readonly #began: RowBegan;
  readonly #freeFlows: number[] = [];
  readonly #freeSessions: number[] = [];
  /** Of each session: its flows, and one for whoever opened it. */
  readonly #holders: number[] = [];
  #flows = 0;

  /** `restsAt(level)` says of rows that nobody holds whether their buckets are full again. */
  constructor(began: RowBegan, restsAt: (level: number) => Rests) {
    this.#began = began;
    this.#users = new KeyedRows(restsAt(Level.user));
    this.#rooms = new KeyedRows(restsAt(Level.room));
    this.tenants = new KeyedRows(restsAt(Level.tenant));
  }

  /** A new session, held by the caller. */
  openSession(): number {
    const session = this.#freeSessions.pop() ?? this.#holders.length;
    this.#holders[session] = 1;
    return session;
  }

  /** The caller holds the session no more; flows of it still may. */
  releaseSession(session: number): void {
    this.#holders[session]! -= 1;
    if (this.#holders[session] === 0) this.#freeSessions.push(session);
  }

  /** A new flow of a session. */
  openFlow(session: number, { tenant, identity, room }: FlowOwner): number {
    const flow = this.#freeFlows.pop() ?? this.#flows++;
    if ((flow + 1) * WIDTH > this.rows.length) {
      const grown = new Int32Array(this.rows.length * 2);
      grown.set(this.rows);
      this.rows = grown;
    }
    this.#holders[session]! += 1;
    const at = flow * WIDTH;
    const take = (keyed: KeyedRows, level: number, key: string) =>
      keyed.take(key, (row) => this.#began(level, row, key));
    this.rows[at + Level.session] = session;
    this.rows[at + Level.user] =
      identity === null ? -1 : take(this.#users, Level.user, `${tenant.length} ${tenant}${identity}`);
    this.rows[at + Level.room] =
      room === null ? -1 : take(this.#rooms, Level.room, `${tenant.length} ${tenant}${room}`);
    this.rows[at + Level.tenant] = take(this.tenants, Level.tenant, tenant);
    this.rows[at + Level.gateway] = 0;
    return flow;
  }

  /** Gives a flow back. */
  closeFlow(flow: number, nowMs: number): void {
    const at = flow * WIDTH;
    this.releaseSession(this.rows[at + Level.session]!);
    if (this.rows[at + Level.user]! >= 0) this.#users.release(this.rows[at + Level.user]!, nowMs);
    if (this.rows[at + Level.room]! >= 0) this.#rooms.release(this.rows[at + Level.room]!, nowMs);
    this.tenants.release(this.rows[at + Level.tenant]!, nowMs);
    this.#freeFlows.push(flow);
  }

  /** Forgets users, rooms and tenants that nobody holds and that have all they may have. */
  sweep(nowMs: number): void {
    this.#users.sweep(nowMs);
    this.#rooms.sweep(nowMs);
    this.tenants.sweep(nowMs);
  }

  /** Users, rooms and tenants that have rows: for tests and figures. */
  get kept(): number {
    return this.#users.size + this.#rooms.size + this.tenants.size;
  }
}
