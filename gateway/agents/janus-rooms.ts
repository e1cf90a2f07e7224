/**
 * The rooms of a Janus: which of its numbers is whose, made when the first session of ours comes and taken down when the
 * last has gone.
 *
 * Invariants: two rooms never share a number while this adapter knows both; making and taking down one room never
 * overlap; a room others are still in is left standing.
 */
import { createHash } from 'node:crypto';
import { JanusCode, JanusError, type JanusId } from './janus-message.ts';
import type { JanusHandle, JanusSession, Request, RoomReply } from './janus-session.ts';

/** Participants who may publish in one room; Janus' own default is 3. */
const MAX_PUBLISHERS = 1000;

interface KnownRoom {
  readonly number: number;
  sessions: number;
  /** What is being done to it, or was last. */
  turn: Promise<void>;
}

export class JanusRooms {
  readonly #session: JanusSession;
  readonly #adminKey: string | undefined;
  /** What rooms are made and taken down by: a participant's own handle goes before its room does. */
  #handle: Promise<JanusHandle> | null = null;
  readonly #rooms = new Map<string, KnownRoom>();
  /** Whether this Janus was configured to name rooms by text. */
  #named = false;

  constructor(session: JanusSession, adminKey?: string) {
    this.#session = session;
    this.#adminKey = adminKey;
  }

  /** Rooms with sessions of ours. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Makes sure that the room is there, and counts one session in it. Rejects with a JanusError. */
  async enter(key: string): Promise<JanusId> {
    const known = this.#rooms.get(key);
    const room = known ?? { number: this.#numberOf(key), sessions: 0, turn: Promise.resolve() };
    if (known === undefined) this.#rooms.set(key, room);
    room.sessions++;
    const made = room.turn.then(() => this.#create(room));
    room.turn = made.catch(() => {});
    try {
      await made;
    } catch (error) {
      this.#uncount(key, room);
      throw error;
    }
    return this.#idOf(room);
  }

  /** One session less, whose handle is no longer in the room. The last one takes the room down. */
  async leave(key: string): Promise<void> {
    const room = this.#rooms.get(key);
    if (room === undefined) return;
    const down = room.turn.then(async () => {
      if (this.#uncount(key, room)) await this.#destroy(room);
    });
    room.turn = down.catch(() => {});
    await room.turn;
  }

  #uncount(key: string, room: KnownRoom): boolean {
    room.sessions--;
    if (room.sessions > 0) return false;
    if (this.#rooms.get(key) === room) this.#rooms.delete(key);
    return true;
  }

  async #create(room: KnownRoom): Promise<void> {
    const settings = {
      is_private: true,
      publishers: MAX_PUBLISHERS,
      audiocodec: 'opus',
      videocodec: 'vp8',
      permanent: false,
    };
    const admin = this.#adminKey === undefined ? {} : { admin_key: this.#adminKey };
    try {
      await this.#ask({ request: 'create', room: this.#idOf(room), ...settings, ...admin });
    } catch (error) {
      if (!(error instanceof JanusError)) throw error;
      if (error.code === JanusCode.roomExists) return;
      if (error.code !== JanusCode.invalidElement || this.#named) throw error;
      this.#named = true;
      await this.#create(room);
    }
  }

  async #destroy(room: KnownRoom): Promise<void> {
    const where = { room: this.#idOf(room) };
    const { data } = await this.#ask({ request: 'listparticipants', ...where });
    if (data.participants.length === 0) await this.#ask({ request: 'destroy', ...where });
  }

  async #ask(body: Request): Promise<RoomReply> {
    this.#handle ??= this.#session.attach({ event: () => {}, trickle: () => {} });
    try {
      return await (await this.#handle).message(body);
    } catch (error) {
      // Without a number it came from the way to Janus: the next one asks by a handle of its own.
      if (!(error instanceof JanusError) || error.code === 0) this.#handle = null;
      throw error;
    }
  }

  #idOf(room: KnownRoom): JanusId {
    return this.#named ? `sluice-${room.number}` : room.number;
  }

  /** The same number for the same key wherever it is asked, unless two known keys would share it. */
  #numberOf(key: string): number {
    const taken = new Set([...this.#rooms.values()].map(({ number }) => number));
    for (let attempt = 0; ; attempt++) {
      const digest = createHash('sha256').update(`${attempt}\0${key}`).digest();
      // 52 bits: exact as a number on both sides, and never 0.
      const number = Number(digest.readBigUInt64BE() >> 12n) + 1;
      if (!taken.has(number)) return number;
    }
  }
}
