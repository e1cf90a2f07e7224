/** What pocketsphinx prints of an utterance with `-time yes`: the text, then a line for each word with its probability. */

/** A text, and how sure the recogniser is of it, from 0 to 1; null where it says nothing of its words. */
export interface Recognised {
  readonly text: string;
  readonly confidence: number | null;
}

/** `word begin end probability`; words in brackets are silence and noises. */
const WORD = /^(\S+) \d+\.\d+ \d+\.\d+ (\d+\.\d+)$/;
const NOT_A_WORD = /^[<[+]/;

/** Reads the recogniser's output. The confidence is the mean of the words' posterior probabilities. */
export function recognisedWords(output: string): Recognised {
  const texts: string[] = [];
  const probabilities: number[] = [];
  for (const line of output.split('\n')) {
    const [, word = '', probability = ''] = WORD.exec(line.trim()) ?? [];
    if (word === '') texts.push(line);
    // Rounding in its logarithms takes it a little above 1.
    else if (!NOT_A_WORD.test(word)) probabilities.push(Math.min(1, Number(probability)));
  }
  const text = texts.join(' ').replace(/\s+/g, ' ').trim();
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  return { text, confidence: probabilities.length === 0 ? null : sum / probabilities.length };
}
