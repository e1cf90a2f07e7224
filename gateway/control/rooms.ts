/**
 * Rooms by tenant and name, and who is in them.
 *
 * Invariants: equal names of two tenants are two rooms; an identity is in a room once; a room exists as long as
 * someone is in it or on the way in; its SFU node stays the same while it exists and the node is there.
 */
import { roomWorker } from '../fabric/room-worker.ts';
import type { AttachedNode } from '../nodes/node-pool.ts';
import type { Session } from './session.ts';

/** Cannot be part of a tenant's name, which comes from the configuration. */
const SEPARATOR = '\u0000';

export class Room {
  readonly tenant: string;
  readonly name: string;
  /** The metadata worker that serves it. */
  readonly worker: number;
  /** By identity. */
  readonly sessions = new Map<string, Session>();
  /** Sessions on the way in. */
  joining = 0;
  node: AttachedNode | null = null;

  constructor(tenant: string, name: string, worker: number) {
    this.tenant = tenant;
    this.name = name;
    this.worker = worker;
  }
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #workers: number;

  constructor(workers: number) {
    this.#workers = workers;
  }

  get size(): number {
    return this.#rooms.size;
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.#rooms.values();
  }

  find(tenant: string, name: string): Room | undefined {
    return this.#rooms.get(tenant + SEPARATOR + name);
  }

  /** The room, made when it does not exist. */
  open(tenant: string, name: string): Room {
    const key = tenant + SEPARATOR + name;
    let room = this.#rooms.get(key);
    if (!room) {
      room = new Room(tenant, name, roomWorker(tenant, name, this.#workers));
      this.#rooms.set(key, room);
    }
    return room;
  }

  /** Forgets the room when nobody is in it nor on the way in. */
  release(room: Room): void {
    if (room.sessions.size === 0 && room.joining === 0) this.#rooms.delete(room.tenant + SEPARATOR + room.name);
  }
}
