/**
 * Access tokens: JWTs in LiveKit's shape, verified into a `Principal`, and created for people who have no token server.
 *
 * Invariants: the algorithm is the API key's, never the token's; a tenant is one of the API key's; what a sentence
 * quotes is bounded, and no secret is ever in one.
 */
import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters, SignJWT } from 'jose';
import { z } from 'zod';
import { faultsOfIssue } from '../../classes/schema-faults.ts';
import type { Principal } from './edge-socket.ts';
import type { KeyRing, RingKey } from './key-ring.ts';
import { quoted, type Refusal, refusal } from './refusal.ts';

/** How far apart the clocks of token server and gateway may be. */
export const LEEWAY_SECONDS = 10;
const MAX_TOKEN_CHARACTERS = 16_384;
const MAX_NAME_BYTES = 256;

function isWord(text: string): boolean {
  if (Buffer.byteLength(text) > MAX_NAME_BYTES || !text.isWellFormed()) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  }
  return true;
}

const word = z.string().refine(isWord, `at most ${MAX_NAME_BYTES} bytes of UTF-8 without control characters`);

const Claims = z.object({
  iss: z.string(),
  sub: word.refine((text) => text !== '', 'not empty'),
  exp: z.number().optional(),
  nbf: z.number().optional(),
  name: word.default(''),
  kind: z.enum(['standard', 'agent']).default('standard'),
  video: z
    .object({
      room: word.default(''),
      roomJoin: z.boolean().default(true),
      canPublish: z.boolean().default(true),
      canSubscribe: z.boolean().default(true),
      canPublishData: z.boolean().default(true),
      hidden: z.boolean().default(false),
    })
    .prefault({}),
  sluice: z
    .object({
      tenant: word.optional(),
      region: word.default(''),
      classes: z.array(word).max(64).optional(),
    })
    .prefault({}),
});

/**
 * Who an access token says is there, or the refusal (401, 403) that says what is wrong with it. Never waits: the
 * handshake it belongs to is answered within its callback. `nowMs`: wall clock.
 */
export function verifyAccessToken(ring: KeyRing, jwt: string, nowMs: number = Date.now()): Principal | Refusal {
  if (jwt.length > MAX_TOKEN_CHARACTERS) return unauthorised(`is longer than ${MAX_TOKEN_CHARACTERS} characters`);
  let header: ProtectedHeaderParameters;
  let payload: JWTPayload;
  try {
    header = decodeProtectedHeader(jwt);
    payload = decodeJwt(jwt);
  } catch {
    return unauthorised('is not a signed JWT');
  }
  if (typeof payload.iss !== 'string') return unauthorised('has no iss; expected the API key there');
  const key = ring.get(payload.iss);
  if (key === undefined) return unauthorised(`names the unknown API key ${quoted(payload.iss)} as iss`);
  if (header.alg !== key.algorithm) {
    const algorithm = typeof header.alg === 'string' ? quoted(header.alg) : 'no algorithm';
    return unauthorised(`is signed with ${algorithm}; API key ${quoted(key.apiKey)} takes ${key.algorithm}`);
  }
  if (header.crit !== undefined) return unauthorised('has crit in its header, which is not understood here');
  const end = jwt.lastIndexOf('.');
  const signature = Buffer.from(jwt.slice(end + 1), 'base64url');
  const fault = key.fault(jwt.slice(0, end), signature, typeof header.kid === 'string' ? header.kid : undefined);
  return fault === null ? principalOf(payload, key, nowMs) : unauthorised(fault);
}

function principalOf(payload: JWTPayload, key: RingKey, nowMs: number): Principal | Refusal {
  const parsed = Claims.safeParse(payload);
  if (!parsed.success) {
    const [fault] = parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, payload, Claims));
    return unauthorised(`is not as expected at ${fault?.path.join('.') || 'its top'}: ${fault?.message}`);
  }
  const claims = parsed.data;
  const nowSeconds = Math.floor(nowMs / 1000);
  if (claims.exp !== undefined && claims.exp <= nowSeconds - LEEWAY_SECONDS) {
    return unauthorised(`expired ${Math.round(nowSeconds - claims.exp)} s ago`);
  }
  if (claims.nbf !== undefined && claims.nbf > nowSeconds + LEEWAY_SECONDS) {
    return unauthorised(`is not valid before ${Math.round(claims.nbf - nowSeconds)} s from now (nbf)`);
  }
  const tenant = claims.sluice.tenant ?? (key.tenants.length === 1 ? key.tenants[0] : undefined);
  if (tenant === undefined) {
    return forbidden(`must name its tenant in sluice.tenant, because API key ${quoted(key.apiKey)} has several`);
  }
  if (!key.tenants.includes(tenant)) {
    return forbidden(`names tenant ${quoted(tenant)}, which API key ${quoted(key.apiKey)} does not have`);
  }
  return Object.freeze({
    identity: claims.sub,
    name: claims.name,
    tenant,
    apiKey: key.apiKey,
    kind: claims.kind,
    room: claims.video.room,
    roomJoin: claims.video.roomJoin,
    canPublish: claims.video.canPublish,
    canSubscribe: claims.video.canSubscribe,
    canPublishData: claims.video.canPublishData,
    hidden: claims.video.hidden,
    region: claims.sluice.region,
    classes: claims.sluice.classes ?? null,
    expiresAtMs: claims.exp === undefined ? Number.POSITIVE_INFINITY : claims.exp * 1000,
  });
}

function unauthorised(what: string): Refusal {
  return refusal(401, 'unauthorised', `the access token ${what}`);
}

function forbidden(what: string): Refusal {
  return refusal(403, 'forbidden', `the access token ${what}`);
}

/** What `createAccessToken` puts into a token; absent grants mean allowed. */
export interface AccessTokenOptions {
  readonly apiKey: string;
  readonly secret: string;
  readonly identity: string;
  readonly name?: string | undefined;
  readonly room?: string | undefined;
  readonly kind?: 'standard' | 'agent' | undefined;
  readonly tenant?: string | undefined;
  readonly region?: string | undefined;
  readonly classes?: readonly string[] | undefined;
  /** Default: one hour. */
  readonly ttlSeconds?: number | undefined;
  readonly grants?:
    | {
        readonly roomJoin?: boolean | undefined;
        readonly canPublish?: boolean | undefined;
        readonly canSubscribe?: boolean | undefined;
        readonly canPublishData?: boolean | undefined;
        readonly hidden?: boolean | undefined;
      }
    | undefined;
}

/** An HS256 access token for an API key with a secret. Throws when identity or secret is empty. */
export async function createAccessToken(options: AccessTokenOptions): Promise<string> {
  if (!isWord(options.identity) || options.identity === '') {
    throw new Error(`an identity is 1 to ${MAX_NAME_BYTES} bytes without control characters`);
  }
  if (options.secret === '') throw new Error('an access token needs the secret of its API key');
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { tenant, region, classes, name, kind, room, grants } = options;
  return new SignJWT({ name, kind, video: { room, ...grants }, sluice: { tenant, region, classes } })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(options.apiKey)
    .setSubject(options.identity)
    .setNotBefore(nowSeconds)
    .setExpirationTime(nowSeconds + (options.ttlSeconds ?? 3600))
    .sign(new TextEncoder().encode(options.secret));
}
