/** Access tokens for the load, signed as a customer's token server would: the load test knows the key, not the gateway. */
import { SignJWT } from 'jose';

/** Who the token is for. */
export interface TokenClaims {
  readonly identity: string;
  readonly room?: string;
  readonly tenant?: string;
  readonly kind?: 'standard' | 'agent';
  /** Absent: allowed. */
  readonly canSubscribe?: boolean;
}

/** An API key of the gateway's configuration. */
export interface LoadKey {
  readonly apiKey: string;
  readonly secret: string;
}

/** Signs tokens of one API key with HS256, valid for `validSeconds`. */
export class TokenSigner {
  readonly #apiKey: string;
  readonly #secret: Uint8Array;
  readonly #validSeconds: number;

  constructor(key: LoadKey, validSeconds = 3600) {
    this.#apiKey = key.apiKey;
    this.#secret = new TextEncoder().encode(key.secret);
    this.#validSeconds = validSeconds;
  }

  /** A JWT in LiveKit's shape. Absent grants mean allowed. */
  sign(claims: TokenClaims): Promise<string> {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const { room, canSubscribe } = claims;
    const video = {
      roomJoin: true,
      ...(room !== undefined && { room }),
      ...(canSubscribe !== undefined && { canSubscribe }),
    };
    const sluice = claims.tenant === undefined ? {} : { sluice: { tenant: claims.tenant } };
    return new SignJWT({ kind: claims.kind ?? 'standard', video, ...sluice })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(this.#apiKey)
      .setSubject(claims.identity)
      .setNotBefore(nowSeconds - 5)
      .setExpirationTime(nowSeconds + this.#validSeconds)
      .sign(this.#secret);
  }
}
