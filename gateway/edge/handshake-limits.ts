/**
 * How many handshakes an address and a tenant may make per second.
 *
 * Invariants: a refused address costs one Map look-up until its second is over, no promise and no signature check;
 * while resumes come, new handshakes get at most half of an allowance; loopback is never below 200 a second; far
 * over its allowance an address is not even answered.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { isLoopback } from './client-address.ts';

const LOOPBACK_FLOOR = 200;
/** Requests of all sorts an address may make before it is closed unanswered, as a multiple of its allowance. */
const ANSWERED_MULTIPLE = 2;

/** One allowance per key and second, of which new handshakes leave half to resumes while there are any. */
class SharedAllowance {
  readonly #all: RateLimiterMemory;
  readonly #fresh: RateLimiterMemory;
  readonly #resumed: RateLimiterMemory;

  constructor(perSecond: number) {
    this.#all = new RateLimiterMemory({ points: perSecond, duration: 1 });
    this.#fresh = new RateLimiterMemory({ points: Math.max(1, Math.floor(perSecond / 2)), duration: 1 });
    this.#resumed = new RateLimiterMemory({ points: perSecond, duration: 1 });
  }

  /** Takes one; 0, or the milliseconds after which to try again. */
  async take(key: string, resume: boolean): Promise<number> {
    const shareMs = await overMs((resume ? this.#resumed : this.#fresh).consume(key));
    if (!resume && shareMs > 0 && (await this.#resumed.get(key)) !== null) return shareMs;
    return overMs(this.#all.consume(key));
  }
}

async function overMs(taken: Promise<RateLimiterRes>): Promise<number> {
  try {
    await taken;
    return 0;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
    throw refused;
  }
}

interface Heard {
  requests: number;
  freshUntilMs: number;
  resumeUntilMs: number;
}

export class HandshakeLimits {
  readonly #perAddress: number;
  readonly #addresses: SharedAllowance;
  readonly #loopback: SharedAllowance;
  readonly #tenants: SharedAllowance;
  readonly #heard = new Map<string, Heard>();
  #second = 0;

  constructor(perAddress: number, perTenant: number) {
    this.#perAddress = perAddress;
    this.#addresses = new SharedAllowance(perAddress);
    this.#loopback = new SharedAllowance(Math.max(LOOPBACK_FLOOR, perAddress));
    this.#tenants = new SharedAllowance(perTenant);
  }

  /** Counts a request of any sort. False: the address is so far over that it is not answered. Plain numbers only. */
  answers(address: string, nowMs: number): boolean {
    const heard = this.#hear(address, nowMs);
    heard.requests += 1;
    const floor = isLoopback(address) ? LOOPBACK_FLOOR : 0;
    return heard.requests <= ANSWERED_MULTIPLE * Math.max(floor, this.#perAddress);
  }

  /** Milliseconds for which the address was already refused; 0: ask `takeAddress`. Plain numbers only. */
  refusedMs(address: string, resume: boolean, nowMs: number): number {
    const heard = this.#heard.get(address);
    if (heard === undefined) return 0;
    return Math.max(0, (resume ? heard.resumeUntilMs : heard.freshUntilMs) - nowMs);
  }

  /** Takes one handshake of the address; 0, or the milliseconds after which to try again. */
  async takeAddress(address: string, resume: boolean, nowMs: number): Promise<number> {
    const allowance = isLoopback(address) ? this.#loopback : this.#addresses;
    const waitMs = await allowance.take(address, resume);
    if (waitMs > 0) {
      const heard = this.#hear(address, nowMs);
      if (resume) heard.resumeUntilMs = nowMs + waitMs;
      else heard.freshUntilMs = nowMs + waitMs;
    }
    return waitMs;
  }

  /** Takes one handshake of the tenant; 0, or the milliseconds after which to try again. */
  takeTenant(tenant: string, resume: boolean): Promise<number> {
    return this.#tenants.take(tenant, resume);
  }

  #hear(address: string, nowMs: number): Heard {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.#forget(second, nowMs);
    let heard = this.#heard.get(address);
    if (heard === undefined) {
      heard = { requests: 0, freshUntilMs: 0, resumeUntilMs: 0 };
      this.#heard.set(address, heard);
    }
    return heard;
  }

  #forget(second: number, nowMs: number): void {
    this.#second = second;
    for (const [address, heard] of this.#heard) {
      heard.requests = 0;
      if (heard.freshUntilMs <= nowMs && heard.resumeUntilMs <= nowMs) this.#heard.delete(address);
    }
  }
}
