/**
 * Patterns in which `*` stands for any text. Linear in time for one star, at worst pattern × text: no regular expressions.
 *
 * Patterns and texts are compared as UTF-8: no letter begins inside another one, so that is the same as by letters.
 */

const STAR = 0x2a;
const utf8 = new TextEncoder();

/** Whether the pattern covers all of `bytes[start, end)`. Allocates nothing. */
export function globMatchesBytes(pattern: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = start; index < end; ) {
    // The star first: where the text itself has one, the pattern's still stands for anything.
    if (at < pattern.length && pattern[at] === STAR) {
      star = at++;
      resume = index;
    } else if (at < pattern.length && pattern[at] === bytes[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === STAR) at++;
  return at === pattern.length;
}

/** Whether the pattern covers the whole text. */
export function globMatches(pattern: string, text: string): boolean {
  const bytes = utf8.encode(text);
  return globMatchesBytes(utf8.encode(pattern), bytes, 0, bytes.length);
}

/**
 * Whether everything `narrow` covers is covered by `wide`: then a star of `narrow`, read as a letter, is covered by a star.
 */
export function globCovers(wide: string, narrow: string): boolean {
  return globMatches(wide, narrow);
}
