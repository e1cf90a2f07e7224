/**
 * Rendezvous (highest random weight) hashing: every party that knows the same candidates chooses the same one, and
 * when a candidate comes or goes only its own keys move.
 *
 *     score(key, candidate) = −weight / ln(u),   u = hash(key, candidate) scaled into (0, 1)
 *
 * Sources: Thaler and Ravishankar, 1998; weights after Schindelhauer and Schomaker, 2005. The hash is 32-bit FNV-1a
 * over UTF-16 code units with murmur3's finaliser. Invariant: equal on every machine and in every process.
 */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Stands between the parts of a key, so that ("a", "bc") and ("ab", "c") differ. */
const SEPARATOR = 0xffff;

/** A 32-bit hash of the parts, in order. */
export function hashOf(...parts: readonly string[]): number {
  let hash = FNV_OFFSET;
  for (const part of parts) {
    for (let index = 0; index < part.length; index++) hash = Math.imul(hash ^ part.charCodeAt(index), FNV_PRIME);
    hash = Math.imul(hash ^ SEPARATOR, FNV_PRIME);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The score of a candidate for a key; the highest wins. `weight` above 0 is its share relative to the others'. */
export function rendezvousScore(hash: number, weight: number): number {
  return -weight / Math.log((hash + 0.5) / 0x1_0000_0000);
}
