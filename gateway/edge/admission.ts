/**
 * Whether a handshake or probe is let in. The checks stand in the order of what they cost and of who could flood
 * them: the address's allowance comes before any signature is verified.
 */

import { verifyAccessToken } from './access-token.ts';
import type { Principal } from './edge-socket.ts';
import type { HandshakeLimits } from './handshake-limits.ts';
import { type HandshakeRequest, SUBPROTOCOLS } from './handshake-request.ts';
import type { AllowedOrigins } from './http-answers.ts';
import type { KeyRing } from './key-ring.ts';
import type { Penalties } from './penalties.ts';
import { isRefusal, type Refusal, refusal } from './refusal.ts';

/** How soon to come back to a gateway that is full or draining. */
const BUSY_RETRY_MS = 2000;

export interface AdmissionParts {
  readonly ring: KeyRing;
  readonly origins: AllowedOrigins;
  readonly limits: HandshakeLimits;
  readonly penalties: Penalties;
  readonly maxSockets: number;
  readonly sockets: () => number;
  readonly admit: ((principal: Principal, query: URLSearchParams) => Refusal | null) | undefined;
}

export class Admission {
  readonly #parts: AdmissionParts;
  /** Set while new sockets are refused for good. */
  draining = false;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Checks that need neither the request's headers nor a promise; null: go on. */
  early(address: string, resume: boolean, nowMs: number): Refusal | null {
    const waitMs = this.#parts.limits.refusedMs(address, resume, nowMs);
    return waitMs > 0 ? tooManyFrom(address, waitMs) : this.room();
  }

  /** Whether there is room for one more socket. Checked before and after the awaits. */
  room(): Refusal | null {
    if (this.draining)
      return refusal(503, 'draining', 'the gateway is draining; another one will answer', BUSY_RETRY_MS);
    const { sockets, maxSockets } = this.#parts;
    if (sockets() < maxSockets) return null;
    return refusal(503, 'full', `the gateway has all of its ${maxSockets} sockets`, BUSY_RETRY_MS);
  }

  /** Everything else, for a socket or, with `probe`, for a plain GET, which takes none of the tenant's allowance. */
  async check(request: HandshakeRequest, probe: boolean, nowMs: number): Promise<Principal | Refusal> {
    try {
      return await this.#check(request, probe, nowMs);
    } catch {
      // A mistake in a plane's `admit` must not end the sessions of everybody else.
      return refusal(500, 'failed', 'the gateway could not check this handshake');
    }
  }

  async #check(request: HandshakeRequest, probe: boolean, nowMs: number): Promise<Principal | Refusal> {
    const { limits, origins, penalties, ring, admit } = this.#parts;
    const addressMs = await limits.takeAddress(request.address, request.resume, nowMs);
    if (addressMs > 0) return tooManyFrom(request.address, addressMs);
    if (!origins.allows(request.origin)) {
      return refusal(403, 'forbidden', 'pages of this origin may not connect; it is not in the list of origins');
    }
    if (!probe && request.subprotocol === '') {
      const { protobuf, json } = SUBPROTOCOLS;
      return refusal(400, 'malformed', `expected Sec-WebSocket-Protocol to offer ${protobuf} or ${json}`);
    }
    if (request.accessToken === '') {
      return refusal(
        401,
        'unauthorised',
        'expected an access token: Authorization: Bearer, access_token or bearer.<jwt>',
      );
    }
    const principal = verifyAccessToken(ring, request.accessToken);
    if (isRefusal(principal)) return principal;
    if (!principal.roomJoin) return refusal(403, 'forbidden', 'the access token does not grant roomJoin');
    const refused = admit?.(principal, request.query);
    if (refused) return refused;
    const penaltyMs = penalties.remainingMs(principal.tenant, principal.identity, performance.now());
    if (penaltyMs > 0) {
      return refusal(429, 'penalised', 'this identity sent far more than allowed and has to wait', penaltyMs);
    }
    if (probe) return principal;
    const tenantMs = await limits.takeTenant(principal.tenant, request.resume);
    if (tenantMs > 0) return refusal(429, 'limited', 'this tenant makes too many handshakes', tenantMs);
    return this.room() ?? principal;
  }
}

function tooManyFrom(address: string, waitMs: number): Refusal {
  return refusal(429, 'limited', `too many handshakes from ${address}`, waitMs);
}
