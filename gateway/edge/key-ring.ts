/**
 * The API keys whose access tokens are accepted, and how a signature is checked with each.
 *
 * Invariants: a key has exactly one algorithm, so that a token can never choose how it is checked; checking never
 * waits, because a handshake must be answered inside uWebSockets.js's callback (see `edge.ts`).
 */
import { createHmac, createPublicKey, createSecretKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ApiKey, Config } from '../config/config.ts';
import { quoted } from './refusal.ts';

/** One API key, ready to verify with. */
export interface RingKey {
  readonly apiKey: string;
  readonly tenants: readonly string[];
  readonly algorithm: ApiKey['algorithm'];
  /** What is wrong with a signature over `signed`, as the end of a sentence about the token; null: nothing. */
  readonly fault: (signed: string, signature: Buffer, keyId: string | undefined) => string | null;
}

/** API key → how to verify with it. A Map, because API keys come from outside and `__proto__` is a string too. */
export type KeyRing = ReadonlyMap<string, RingKey>;

const MIN_RSA_BITS = 2048;
const KeySet = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional(), alg: z.string().optional() })),
});

/** Reads every key once. Rejects with one line naming the key that cannot be used and what was expected. */
export async function loadKeyRing(keys: Config['keys']): Promise<KeyRing> {
  const ring = new Map<string, RingKey>();
  for (const [apiKey, settings] of Object.entries(keys)) {
    const { algorithm, tenants } = settings;
    const fault = algorithm === 'HS256' ? bySecret(apiKey, settings) : await byFile(apiKey, settings);
    ring.set(apiKey, { apiKey, tenants, algorithm, fault });
  }
  return ring;
}

function bySecret(apiKey: string, settings: ApiKey): RingKey['fault'] {
  if (!settings.secret) throw new Error(`keys.${apiKey}: HS256 needs a secret`);
  const secret = createSecretKey(Buffer.from(settings.secret));
  const fault = `has a signature that API key ${quoted(apiKey)} did not make`;
  return (signed, signature) => {
    const expected = createHmac('sha256', secret).update(signed).digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected) ? null : fault;
  };
}

async function byFile(apiKey: string, settings: ApiKey): Promise<RingKey['fault']> {
  const { algorithm, jwksFile } = settings;
  if (!jwksFile) throw new Error(`keys.${apiKey}: ${algorithm} needs a jwksFile`);
  const where = `keys.${apiKey}.jwksFile ${jwksFile}`;
  let text: string;
  try {
    text = await readFile(jwksFile, 'utf8');
  } catch (error) {
    throw new Error(`${where} cannot be read: ${said(error)}`);
  }
  let keys: readonly { keyId: string | undefined; key: KeyObject }[];
  try {
    keys = publicKeys(text, algorithm);
  } catch (error) {
    throw new Error(`${where} is no JSON Web Key Set for ${algorithm}: ${said(error)}`);
  }
  const name = `API key ${quoted(apiKey)}`;
  return (signed, signature, keyId) => {
    const fitting = keyId === undefined ? keys : keys.filter((candidate) => candidate.keyId === keyId);
    if (fitting.length === 0) return `is signed with a key that is not in the JWKS file of ${name}`;
    if (fitting.length > 1) return `must name its key by kid, as the JWKS file of ${name} has several that fit`;
    const made = verify(algorithm === 'RS256' ? 'RSA-SHA256' : null, Buffer.from(signed), fitting[0]!.key, signature);
    return made ? null : `has a signature that ${name} did not make`;
  };
}

function publicKeys(text: string, algorithm: string): { keyId: string | undefined; key: KeyObject }[] {
  const keyType = algorithm === 'RS256' ? 'RSA' : 'OKP';
  const found: { keyId: string | undefined; key: KeyObject }[] = [];
  for (const jwk of KeySet.parse(JSON.parse(text)).keys) {
    if (jwk.kty !== keyType || (jwk.alg !== undefined && jwk.alg !== algorithm) || jwk.use === 'enc') continue;
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && bits < MIN_RSA_BITS)
      throw new Error(`expected ${MIN_RSA_BITS} bits or more, not ${bits}`);
    if (keyType === 'OKP' && !/^ed(25519|448)$/.test(key.asymmetricKeyType ?? '')) continue;
    found.push({ keyId: jwk.kid, key });
  }
  if (found.length === 0) throw new Error(`no key of type ${keyType} for signatures in it`);
  return found;
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
