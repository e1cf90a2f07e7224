/**
 * Words of an utterance, by Debian's pocketsphinx. The program tells only finals, so that an interim is a run of its own
 * over what has been said so far, by a quicker search.
 *
 *     final(pcm)   ─► waits for a place ─► text, and how sure it is
 *     interim(pcm) ─► a place is free ─► text;   none is ─► null
 *
 * Invariants: at most `MAX_RUNS` run at once; finals come before interims; a run that fails or takes too long is
 * reported, and is nobody else's affair.
 */
import { spawn } from 'node:child_process';
import { type Recognised, recognisedWords } from './recognised-words.ts';

const MAX_RUNS = 2;
const MAX_WAITING = 32;
const RUN_MS = 60_000;
/** One utterance is one text, whatever pauses are in it. */
const OPTIONS = ['-infile', '/dev/stdin', '-logfn', '/dev/null', '-remove_silence', 'no'];
/** It opens its input by name, which Linux allows of a pipe and not of the socket Node would give it. */
const PIPE = 'cat | "$0" "$@"';
/** Without its last search it knows no probabilities. */
const QUICK = ['-fwdflat', 'no', '-bestpath', 'no'];
const SURE = ['-time', 'yes'];

export const RECOGNISER = 'pocketsphinx_continuous';

export class Pocketsphinx {
  readonly #program: string;
  readonly #waiting: (() => void)[] = [];
  readonly #running = new Set<AbortController>();

  /** `program`: a path, or a name on PATH. */
  constructor(program: string = RECOGNISER) {
    this.#program = program;
  }

  /** What was said, in lower case without punctuation; rejects with why it cannot be told. */
  async final(samples: Float32Array): Promise<Recognised> {
    while (this.#running.size >= MAX_RUNS) {
      if (this.#waiting.length >= MAX_WAITING) throw new Error('too much was said at once to be recognised');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#run(samples, SURE);
  }

  /** What is being said, as far as it can be told; null when finals need the machine. */
  interim(samples: Float32Array): Promise<Recognised> | null {
    if (this.#running.size >= MAX_RUNS || this.#waiting.length > 0) return null;
    return this.#run(samples, QUICK);
  }

  /** Ends what runs. */
  stop(): void {
    for (const running of this.#running) running.abort();
  }

  async #run(samples: Float32Array, options: readonly string[]): Promise<Recognised> {
    const abort = new AbortController();
    this.#running.add(abort);
    try {
      return await this.#recognise(pcmOf(samples), options, abort.signal);
    } finally {
      this.#running.delete(abort);
      this.#waiting.shift()?.();
    }
  }

  #recognise(pcm: Buffer, options: readonly string[], signal: AbortSignal): Promise<Recognised> {
    return new Promise((resolve, reject) => {
      const args = ['-c', PIPE, this.#program, ...OPTIONS, ...options];
      const child = spawn('sh', args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
      const end = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It has ended by itself just now.
        }
      };
      const late = setTimeout(end, RUN_MS);
      signal.addEventListener('abort', end);
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      child.on('error', (error) => reject(new Error(`${this.#program}: ${error.message}`)));
      child.on('close', (code, killed) => {
        clearTimeout(late);
        signal.removeEventListener('abort', end);
        if (code === 0) resolve(recognisedWords(text));
        else reject(new Error(`${this.#program} ended with ${code ?? killed}`));
      });
      // It may end before it has read everything; its exit says whether that was well.
      child.stdin.on('error', () => {});
      child.stdin.end(pcm);
    });
  }
}

/** 16-bit little-endian samples, which is what the recogniser reads. */
function pcmOf(samples: Float32Array): Buffer {
  const pcm = Buffer.allocUnsafe(samples.length * 2);
  samples.forEach((sample, index) => {
    pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), index * 2);
  });
  return pcm;
}

/** Whether the recogniser can be started. */
export function isInstalled(program: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, ['-infile', '/dev/null', '-logfn', '/dev/null'], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
  });
}
