/** The rooms of one worker: made when first needed, dropped when nobody is left and nothing has happened for a while. */
import { hashBytes } from '../../../backpressure/byte-key-table.ts';
import type { Policy } from '../../../classes/policy.ts';
import type { Config } from '../../config/config.ts';
import type { ActiveLadder } from '../../ladder/active-ladder.ts';
import type { PlaneCounters } from '../../telemetry/plane-counters.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import { Room } from './room.ts';

/** A caption segment nobody has touched for this long has been abandoned. */
const SEGMENT_IDLE_MS = 30_000;
/** A stream nobody has used for this long may be opened by another. */
const STREAM_IDLE_MS = 60_000;
/** A room nobody is in is kept this long for whoever comes next. */
const ROOM_IDLE_MS = 60_000;

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #dispatcher: Dispatcher;
  readonly #policy: Policy;
  readonly #counters: PlaneCounters;
  readonly #ladder: ActiveLadder;
  readonly #mostKeys: number;
  readonly #mostLiveBytes: number;
  readonly #resumeMs: number;

  constructor(
    dispatcher: Dispatcher,
    policy: Policy,
    counters: PlaneCounters,
    { limits, resumeMs }: Pick<Config, 'limits' | 'resumeMs'>,
    ladder: ActiveLadder,
  ) {
    this.#ladder = ladder;
    this.#dispatcher = dispatcher;
    this.#policy = policy;
    this.#counters = counters;
    this.#mostKeys = limits.roomKeys;
    this.#mostLiveBytes = limits.roomLiveBytes;
    this.#resumeMs = resumeMs;
  }

  /** The room of that tenant and name, made when there is none. */
  get(tenant: string, name: string, nowMs: number): Room {
    const key = `${tenant}\0${name}`;
    let room = this.#rooms.get(key);
    if (room === undefined) {
      const bytes = Buffer.from(key, 'utf8');
      room = new Room({
        tenant,
        name,
        phase: this.#dispatcher.phaseOf(hashBytes(bytes, 0, bytes.length)),
        clock: this.#dispatcher,
        policy: this.#policy,
        counters: this.#counters,
        mostKeys: this.#mostKeys,
        mostLiveBytes: this.#mostLiveBytes,
        resumeMs: this.#resumeMs,
        ladder: this.#ladder,
      });
      this.#rooms.set(key, room);
    }
    room.usedMs = nowMs;
    return room;
  }

  /** All of them, in no order. */
  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  /** Another level of overload says whose interims leave. */
  limitInterims(): void {
    for (const room of this.#rooms.values()) room.limitInterims();
  }

  /** The room is to write at its next tick, though nothing has come. */
  wake(room: Room): void {
    this.#dispatcher.tick(room);
  }

  /** Ends what has been abandoned. Called about once a second. */
  sweep(nowMs: number): void {
    const moment = { nowMs, ts: Math.floor(performance.timeOrigin + nowMs) };
    for (const [key, room] of this.#rooms) {
      room.expire(nowMs - SEGMENT_IDLE_MS, nowMs - STREAM_IDLE_MS, moment);
      if (!room.empty) room.usedMs = nowMs;
      else if (nowMs - room.usedMs > ROOM_IDLE_MS && room.live.all.length === 0 && this.#dispatcher.forget(room))
        this.#rooms.delete(key);
    }
  }
}
