/**
 * Who goes on beginning turns while turns are capped, and rests from them. Told by advice and by `throttled`, such an agent
 * costs a walk for each fragment, and counts among what the overload cursor has to choose from; while it rests its turns are
 * refused before either.
 *
 *     refused for the cap ─ more than REST_AFTER in WINDOW_MS ─► rests ─ silent for REST_MS ─► heard again
 *
 * Invariants: who has one turn at a time never rests; a rest ends with the cap.
 */
import type { MetadataSession } from '../sessions/metadata-session.ts';

/** Fragments refused in a window: as many as may have been under way when the advice came. */
const REST_AFTER = 10;
/** How long an agent must be silent. It is told so. */
export const REST_MS = 1000;
const WINDOW_MS = 5000;

export class TurnRest {
  /** Only those who were ever refused a turn are in it. */
  readonly #states = new WeakMap<MetadataSession, { refused: number; sinceMs: number; untilMs: number }>();

  /** A fragment of the session's was refused for the cap; whether the session rests from now on. */
  refused(session: MetadataSession, nowMs: number): boolean {
    let state = this.#states.get(session);
    if (state === undefined) {
      state = { refused: 0, sinceMs: nowMs, untilMs: Number.NEGATIVE_INFINITY };
      this.#states.set(session, state);
    }
    if (nowMs - state.sinceMs >= WINDOW_MS) {
      state.sinceMs = nowMs;
      state.refused = 0;
    }
    if (++state.refused <= REST_AFTER) return false;
    state.untilMs = nowMs + REST_MS;
    return true;
  }

  /** Whether a fragment that comes now is refused for that; it then rests for longer. */
  refuses(session: MetadataSession, nowMs: number): boolean {
    const state = this.#states.get(session);
    if (state === undefined || nowMs >= state.untilMs) return false;
    state.untilMs = nowMs + REST_MS;
    return true;
  }
}
