/**
 * What the control plane has told this worker of the signalling sessions in its rooms, and who of them is here: on a
 * metadata socket that has attached, on a mixed socket, or both in turn.
 *
 * Invariants: a session's sockets here are of its own identity, tenant and room; a newer attach takes the older's place.
 */
import { timingSafeEqual } from 'node:crypto';
import type { SessionUpdate } from '../../schemas/proto.ts';
import type { MetadataSession } from './metadata-session.ts';

/** One signalling session. */
export interface KnownSession {
  update: SessionUpdate;
  /** On a metadata socket of this worker. */
  attached: MetadataSession | null;
  /** On the control plane's mixed socket. */
  mixed: MetadataSession | null;
}

/** An attach that came before its session was told of. */
interface EarlyAttach {
  readonly untilMs: number;
  /** Tries again; true when the session is known by now. */
  readonly retry: () => boolean;
  readonly giveUp: () => void;
}

const MOST_EARLY = 1024;
const EARLY_MS = 2000;

export class SessionDirectory {
  readonly #known = new Map<string, KnownSession>();
  #early: EarlyAttach[] = [];

  get(sessionId: string): KnownSession | undefined {
    return this.#known.get(sessionId);
  }

  /** Takes the control plane's word. Returns the session, new or updated. */
  update(update: SessionUpdate): KnownSession {
    const id = update.session ?? '';
    let known = this.#known.get(id);
    if (known === undefined) {
      known = { update, attached: null, mixed: null };
      this.#known.set(id, known);
    } else known.update = update;
    return known;
  }

  forget(sessionId: string): void {
    this.#known.delete(sessionId);
  }

  all(): IterableIterator<KnownSession> {
    return this.#known.values();
  }

  /** Lets an attach wait for its session; false when too many wait already. */
  waitFor(nowMs: number, retry: () => boolean, giveUp: () => void): boolean {
    if (this.#early.length >= MOST_EARLY) return false;
    this.#early.push({ untilMs: nowMs + EARLY_MS, retry, giveUp });
    return true;
  }

  /** Tries waiting attaches again and gives up those whose time is over. */
  retryEarly(nowMs: number): void {
    if (this.#early.length === 0) return;
    this.#early = this.#early.filter((attach) => {
      if (attach.retry()) return false;
      if (attach.untilMs > nowMs) return true;
      attach.giveUp();
      return false;
    });
  }
}

/** Whether `session` may attach as the session the update describes, with the resume token it shows. */
export function mayAttach(session: MetadataSession, update: SessionUpdate, resumeToken: string): boolean {
  const { room, identity } = session;
  if (update.identity !== identity || update.tenant !== room.tenant || update.room !== room.name) return false;
  const expected = Buffer.from(update.resumeToken ?? '', 'utf8');
  const shown = Buffer.from(resumeToken, 'utf8');
  return expected.length > 0 && expected.length === shown.length && timingSafeEqual(expected, shown);
}
