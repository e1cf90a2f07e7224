import t from 'tap';
import { SAMPLE_RATE_HZ, SpeechSegmenter } from './speech-segmenter.ts';

/** Sound of that loudness, deterministic and without a period. */
function sound(ms: number, loudness: number): Float32Array {
  const samples = new Float32Array((SAMPLE_RATE_HZ * ms) / 1000);
  let seed = 1;
  for (let at = 0; at < samples.length; at++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    samples[at] = ((seed / 2147483648) * 2 - 1) * loudness;
  }
  return samples;
}

function segmented(...parts: Float32Array[]): number[] {
  const endedMs: number[] = [];
  const segmenter = new SpeechSegmenter({
    ended: (samples) => endedMs.push((samples.length * 1000) / SAMPLE_RATE_HZ),
  });
  for (const part of parts) for (let at = 0; at < part.length; at += 333) segmenter.push(part.subarray(at, at + 333));
  return endedMs;
}

t.test('REAL-6 an utterance is what is loud between silences, with its lead and half a second after', async (t) => {
  const utterances = segmented(sound(1000, 0), sound(2000, 0.3), sound(1000, 0), sound(1000, 0.3), sound(1000, 0));
  t.equal(utterances.length, 2);
  for (const [index, spokenMs] of [2000, 1000].entries()) {
    t.ok(utterances[index]! >= spokenMs + 500 && utterances[index]! <= spokenMs + 900, `${utterances[index]} ms`);
  }
});

t.test('REAL-6 a pause shorter than half a second parts no utterance', async (t) => {
  t.equal(segmented(sound(500, 0), sound(900, 0.3), sound(300, 0), sound(900, 0.3), sound(900, 0)).length, 1);
});

t.test('REAL-6 steady noise is not speech, and speech over it is', async (t) => {
  t.strictSame(segmented(sound(3000, 0.004)), []);
  t.equal(segmented(sound(3000, 0.004), sound(1000, 0.3), sound(2000, 0.004)).length, 1);
});

t.test('REAL-6 who never pauses is cut at 15 s, and no sound is lost or comes twice', async (t) => {
  const utterances = segmented(sound(32_000, 0.3), sound(1000, 0));
  t.strictSame(utterances.slice(0, 2), [15_000, 15_000]);
  t.equal(utterances.length, 3);
});

t.test('REAL-6 when no more sound comes, what was being said is ended', async (t) => {
  const ended: Float32Array[] = [];
  const segmenter = new SpeechSegmenter({ ended: (samples) => ended.push(samples) });
  segmenter.push(sound(500, 0.3));
  t.ok(segmenter.speaking);
  t.ok(segmenter.utterance.length > 0);
  segmenter.flush();
  t.equal(ended.length, 1);
  t.notOk(segmenter.speaking);
  segmenter.flush();
  t.equal(ended.length, 1);
});
