/**
 * What the control plane has told this worker of the signalling sessions in its rooms, and who of them is here: on a
 * metadata socket that has attached, on a mixed socket, or both in turn.
 *
 * Invariants: a session's sockets here are of its own identity, tenant and room; a newer attach takes the older's place.
 */
import type { SessionUpdate } from '../../../schemas/proto.ts';
import { equalSecrets } from '../../edge/equal-secrets.ts';
import type { MetadataSession } from './metadata-session.ts';

/** One signalling session. `Teller` is the stream on which the control plane told of it. */
export interface KnownSession<Teller = unknown> {
  update: SessionUpdate;
  /** Null when that stream has ended; then somebody must tell of the session again, or it is forgotten. */
  toldBy: Teller | null;
  untoldSinceMs: number;
  /** On a metadata socket of this worker. */
  attached: MetadataSession | null;
  /** On the control plane's mixed socket. */
  mixed: MetadataSession | null;
}

/** An attach that came before its session was told of. */
interface EarlyAttach {
  readonly untilMs: number;
  /** Tries again; true when the session is known by now. */
  readonly retry: (nowMs: number) => boolean;
  readonly giveUp: (nowMs: number) => void;
}

const MOST_EARLY = 1024;
const EARLY_MS = 2000;
/** How long a session is kept that the control plane, come back, does not tell of. */
const UNTOLD_MS = 30_000;

export class SessionDirectory<Teller = unknown> {
  readonly #known = new Map<string, KnownSession<Teller>>();
  #early: EarlyAttach[] = [];

  get(sessionId: string): KnownSession<Teller> | undefined {
    return this.#known.get(sessionId);
  }

  /** Takes the control plane's word. Returns the session, new or updated. */
  update(update: SessionUpdate, toldBy: Teller): KnownSession<Teller> {
    const id = update.session ?? '';
    let known = this.#known.get(id);
    if (known === undefined) {
      known = { update, toldBy, untoldSinceMs: 0, attached: null, mixed: null };
      this.#known.set(id, known);
    } else {
      known.update = update;
      known.toldBy = toldBy;
    }
    return known;
  }

  /** The stream has ended. Returns the sessions told of on it, which stay known for a while. */
  tellerGone(teller: Teller, nowMs: number): KnownSession<Teller>[] {
    const orphans = [...this.#known.values()].filter(({ toldBy }) => toldBy === teller);
    for (const known of orphans) {
      known.toldBy = null;
      known.untoldSinceMs = nowMs;
    }
    return orphans;
  }

  /** Once a second: gives up attaches that waited too long, and forgets sessions nobody tells of any more. */
  sweep(nowMs: number): void {
    this.retryEarly(nowMs);
    for (const [id, { toldBy, untoldSinceMs }] of this.#known) {
      if (toldBy === null && nowMs - untoldSinceMs > UNTOLD_MS) this.#known.delete(id);
    }
  }

  forget(sessionId: string): void {
    this.#known.delete(sessionId);
  }

  all(): IterableIterator<KnownSession<Teller>> {
    return this.#known.values();
  }

  /** Lets an attach wait for its session; false when too many wait already. */
  waitFor(nowMs: number, retry: EarlyAttach['retry'], giveUp: EarlyAttach['giveUp']): boolean {
    if (this.#early.length >= MOST_EARLY) return false;
    this.#early.push({ untilMs: nowMs + EARLY_MS, retry, giveUp });
    return true;
  }

  /** Tries waiting attaches again and gives up those whose time is over. */
  retryEarly(nowMs: number): void {
    if (this.#early.length === 0) return;
    this.#early = this.#early.filter((attach) => {
      if (attach.retry(nowMs)) return false;
      if (attach.untilMs > nowMs) return true;
      attach.giveUp(nowMs);
      return false;
    });
  }
}

/** Whether `session` may attach as the session the update describes, with the resume token it shows. */
export function mayAttach(session: MetadataSession, update: SessionUpdate, resumeToken: string): boolean {
  const { room, identity } = session;
  if (update.identity !== identity || update.tenant !== room.tenant || update.room !== room.name) return false;
  return equalSecrets(update.resumeToken ?? '', resumeToken);
}
