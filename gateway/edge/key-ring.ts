/**
 * The API keys whose access tokens are accepted. Invariant: a key has exactly one algorithm, so that a token can
 * never choose how it is checked.
 */
import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { ApiKey, Config } from '../config/config.ts';

/** One API key, ready to verify with. */
export interface RingKey {
  readonly apiKey: string;
  readonly tenants: readonly string[];
  readonly algorithm: ApiKey['algorithm'];
  /** Finds the key for a signature; rejects with a jose error when none fits. */
  readonly find: JWTVerifyGetKey;
}

/** API key → how to verify with it. A Map, because API keys come from outside and `__proto__` is a string too. */
export type KeyRing = ReadonlyMap<string, RingKey>;

/** Reads every key once. Rejects with one line naming the key that cannot be used and what was expected. */
export async function loadKeyRing(keys: Config['keys']): Promise<KeyRing> {
  const ring = new Map<string, RingKey>();
  for (const [apiKey, settings] of Object.entries(keys)) {
    const find = settings.algorithm === 'HS256' ? await secretKey(apiKey, settings) : await fileKey(apiKey, settings);
    ring.set(apiKey, { apiKey, tenants: settings.tenants, algorithm: settings.algorithm, find });
  }
  return ring;
}

async function secretKey(apiKey: string, settings: ApiKey): Promise<JWTVerifyGetKey> {
  if (!settings.secret) throw new Error(`keys.${apiKey}: HS256 needs a secret`);
  const bytes = new TextEncoder().encode(settings.secret);
  const imported = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return async () => imported;
}

async function fileKey(apiKey: string, settings: ApiKey): Promise<JWTVerifyGetKey> {
  if (!settings.jwksFile) throw new Error(`keys.${apiKey}: ${settings.algorithm} needs a jwksFile`);
  const where = `keys.${apiKey}.jwksFile ${settings.jwksFile}`;
  let text: string;
  try {
    text = await readFile(settings.jwksFile, 'utf8');
  } catch (error) {
    throw new Error(`${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const set = JSON.parse(text) as JSONWebKeySet;
    const keyType = settings.algorithm === 'RS256' ? 'RSA' : 'OKP';
    const fitting = set.keys.filter((key) => key.kty === keyType);
    if (fitting.length === 0) throw new Error(`no key of type ${keyType} in it`);
    return createLocalJWKSet({ keys: fitting });
  } catch (error) {
    throw new Error(
      `${where} is no JSON Web Key Set for ${settings.algorithm}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
