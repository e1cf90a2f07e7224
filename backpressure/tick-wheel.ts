/**
 * Spreads rooms over a tick: a room's boundaries are at its own phase, the same every tick, so that rooms do not all
 * write at once.
 *
 *     boundary k of a room = (k · slots + phase) · slotMs
 *
 * Invariants: between two boundaries of a room lies one tick; a room waiting is in exactly one slot and falls due at
 * a boundary, once, however late the turn is that finds it so.
 */
export class TickWheel<T> {
  readonly slotMs: number;
  readonly #slots: T[][];
  #nextSlot: number;
  #waiting = 0;

  constructor(tickMs: number, slots: number, nowMs: number) {
    this.slotMs = tickMs / slots;
    this.#slots = Array.from({ length: slots }, () => []);
    this.#nextSlot = Math.floor(nowMs / this.slotMs) + 1;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** A phase for a member, from any number. */
  phaseOf(hash: number): number {
    return (hash >>> 0) % this.#slots.length;
  }

  /** Lets `member` wait for the next boundary of `phase`. It must not be waiting already. */
  wait(member: T, phase: number, nowMs: number): void {
    // While nobody waits, nobody advances the wheel.
    if (this.#waiting === 0) this.#nextSlot = Math.max(this.#nextSlot, Math.floor(nowMs / this.slotMs) + 1);
    this.#slots[phase]!.push(member);
    this.#waiting++;
  }

  /** The last boundary of `phase` that is not after `nowMs`, monotonic ms. */
  boundaryMs(phase: number, nowMs: number): number {
    const slots = this.#slots.length;
    const now = Math.floor(nowMs / this.slotMs);
    const since = (((now - phase) % slots) + slots) % slots;
    return (now - since) * this.slotMs;
  }

  /** Milliseconds from `nowMs` to the next slot. */
  nextInMs(nowMs: number): number {
    return Math.max(0, this.#nextSlot * this.slotMs - nowMs);
  }

  /** Takes everything that waits off the wheel. */
  leave(): T[] {
    const members = this.#slots.flat();
    for (const slot of this.#slots) slot.length = 0;
    this.#waiting = 0;
    return members;
  }

  /** Moves everything whose boundary has passed by `nowMs` into `due`. Returns how late the oldest was, ms. */
  advance(nowMs: number, due: T[]): number {
    const now = Math.floor(nowMs / this.slotMs);
    if (now < this.#nextSlot) return 0;
    const lateMs = nowMs - this.#nextSlot * this.slotMs;
    const last = Math.min(now, this.#nextSlot + this.#slots.length - 1);
    let oldestHadWork = false;
    for (let slot = this.#nextSlot; slot <= last; slot++) {
      const members = this.#slots[slot % this.#slots.length]!;
      if (members.length === 0) continue;
      if (slot === this.#nextSlot) oldestHadWork = true;
      for (const member of members) due.push(member);
      this.#waiting -= members.length;
      members.length = 0;
    }
    this.#nextSlot = now + 1;
    return oldestHadWork ? lateMs : 0;
  }
}
