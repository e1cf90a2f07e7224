/** Comparing secrets that strangers show. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether `shown` is the secret, in a time that says nothing about either. An empty secret is nobody's. */
export function equalSecrets(secret: string, shown: string): boolean {
  return timingSafeEqual(digestOf(secret), digestOf(shown)) && secret !== '';
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
