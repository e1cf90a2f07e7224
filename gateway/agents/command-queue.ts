/**
 * Runs what belongs to one session in order and different sessions side by side.
 *
 * Invariants: of one key, the next starts when the one before has ended or used up its time; a task's failure is its
 * own; a key without tasks takes no memory.
 */

/** A task of the queue: resolves or rejects for itself alone. */
export type Task = () => Promise<void>;

export class CommandQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Keys with something waiting or running. */
  get busyKeys(): number {
    return this.#tails.size;
  }

  /**
   * Runs `task` after all earlier ones of `key`, each of which holds the key for at most its own `limitMs`. Rejections
   * are the task's to report: here they only let the next one go.
   */
  add(key: string, limitMs: number, task: Task): void {
    const before = this.#tails.get(key);
    const limited = () => within(task(), limitMs);
    const tail: Promise<void> = (before ? before.then(limited) : limited()).catch(() => {});
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
  }
}

/** Resolves when `promise` settles or `limitMs` has passed, whichever is first. */
async function within(promise: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
