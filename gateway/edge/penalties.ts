/**
 * Who is refused at the handshake for a while, because their last socket was cut. Keyed by tenant and identity, so
 * that equal identities of two tenants never meet.
 *
 * Invariant: bounded; when full, the oldest penalty ends early rather than a new one going missing.
 */
const MAX_PENALTIES = 100_000;

export class Penalties {
  readonly #untilMs = new Map<string, number>();

  get size(): number {
    return this.#untilMs.size;
  }

  /** Refuses the identity until `untilMs`; a longer penalty it already has stays. */
  add(tenant: string, identity: string, untilMs: number): void {
    const key = `${tenant}\u0000${identity}`;
    const until = Math.max(untilMs, this.#untilMs.get(key) ?? 0);
    this.#untilMs.delete(key);
    if (this.#untilMs.size >= MAX_PENALTIES) {
      for (const oldest of this.#untilMs.keys()) {
        this.#untilMs.delete(oldest);
        break;
      }
    }
    this.#untilMs.set(key, until);
  }

  /** Milliseconds the identity is still refused; 0: it is not. */
  remainingMs(tenant: string, identity: string, nowMs: number): number {
    if (this.#untilMs.size === 0) return 0;
    const untilMs = this.#untilMs.get(`${tenant}\u0000${identity}`);
    return untilMs === undefined ? 0 : Math.max(0, untilMs - nowMs);
  }

  /** Forgets what has ended. Called about once a second. */
  sweep(nowMs: number): void {
    for (const [key, untilMs] of this.#untilMs) {
      if (untilMs <= nowMs) this.#untilMs.delete(key);
    }
  }
}
