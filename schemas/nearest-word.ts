/** Which known word someone most likely meant: for errors about words that are not known. Pure; used by every reader of outside text. */

/**
 * The word of `known` nearest to `word` (edit distance with transpositions, case ignored), or null when none is near
 * enough to be worth naming: more than a third of the word's letters, and at least two, would have to change.
 */
export function nearestWord(word: string, known: Iterable<string>): string | null {
  const limit = Math.max(2, Math.floor(word.length / 3));
  let nearest: string | null = null;
  let least = limit + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** ` (did you mean "x"?)`, or nothing where no known word is near. To be put behind an error. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === null ? '' : ` (did you mean "${nearest}"?)`;
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each once. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, line[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      line.push(cost);
    }
    beforeLast = last;
    last = line;
  }
  return last[b.length]!;
}
