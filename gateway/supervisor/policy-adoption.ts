/**
 * What one plane has said about policies: which it goes by, and whether it took over the one it was last told to.
 *
 * Invariant: every order ends once: by the plane's word, by its death (the next life starts with the policy), by a newer
 * order, or by `PATIENCE_MS` without a word.
 */

/** How long a plane may take to say that it has adopted a policy. */
const PATIENCE_MS = 5000;

interface OpenOrder {
  readonly hash: string;
  readonly end: (error: string | null) => void;
}

export class PolicyAdoption {
  /** Of the policy the plane goes by; empty while that is not known. */
  hash = '';
  #open: OpenOrder | null = null;

  /** The plane has been told to adopt a policy. Resolves to null when it goes by it or will, else to why not. */
  ordered(hash: string): Promise<string | null> {
    // Who is told twice answers twice, in order: the newer order speaks for both.
    this.#end(null);
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#end(`it did not say within ${PATIENCE_MS / 1000} s that it goes by the policy`);
      }, PATIENCE_MS);
      this.#open = {
        hash,
        end: (error) => {
          clearTimeout(late);
          resolve(error);
        },
      };
    });
  }

  /** The plane listens, and goes by what it was started with. */
  started(hash: string): void {
    this.hash = hash;
  }

  /** The plane's word on an order. */
  ended(hash: string, error: string | null): void {
    if (error === null) this.hash = hash;
    if (this.#open?.hash === hash) this.#end(error);
  }

  /** The plane's process is gone. */
  died(): void {
    this.hash = '';
    this.#end(null);
  }

  #end(error: string | null): void {
    const open = this.#open;
    this.#open = null;
    open?.end(error);
  }
}
