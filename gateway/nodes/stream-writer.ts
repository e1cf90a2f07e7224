/**
 * Writes to a gRPC stream no faster than the other end reads: what does not fit waits in a bounded queue.
 *
 * Invariants: messages leave in the order they came; at most `maxQueued` wait; nothing is written after `stop()`.
 */

/** What is needed of a grpc-js stream. `write` answers false when it should not be called again before `drain`. */
export interface MessageStream<T> {
  write(message: T): boolean;
  on(event: 'drain', listener: () => void): unknown;
}

/** Owns the writing side of one stream. */
export class StreamWriter<T> {
  readonly #stream: MessageStream<T>;
  readonly #maxQueued: number;
  #queue: T[] = [];
  #head = 0;
  #blocked = false;
  #stopped = false;
  /** Messages given to the stream so far. */
  written = 0;

  /** `ready` is called each time nothing waits any more after something had to. */
  constructor(stream: MessageStream<T>, maxQueued: number, ready: () => void = () => {}) {
    this.#stream = stream;
    this.#maxQueued = maxQueued;
    stream.on('drain', () => {
      this.#drain();
      if (!this.#blocked && !this.#stopped) ready();
    });
  }

  /** Whether the next message would go to the stream at once. */
  get ready(): boolean {
    return !this.#blocked && !this.#stopped;
  }

  /** Messages that wait for the other end. */
  get queued(): number {
    return this.#queue.length - this.#head;
  }

  /** Takes a message over; false when it cannot, because the queue is full or the stream has ended. */
  write(message: T): boolean {
    if (this.#stopped) return false;
    if (this.#blocked) {
      if (this.queued >= this.#maxQueued) return false;
      this.#queue.push(message);
      return true;
    }
    this.#give(message);
    return true;
  }

  /** Forgets what waits and refuses everything from now on; answers how many messages were forgotten. */
  stop(): number {
    const forgotten = this.queued;
    this.#stopped = true;
    this.#queue = [];
    this.#head = 0;
    return forgotten;
  }

  #drain(): void {
    this.#blocked = false;
    while (this.#head < this.#queue.length && !this.#blocked) {
      this.#give(this.#queue[this.#head++]!);
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }
  #give(message: T): void {
    this.written++;
    this.#blocked = !this.#stream.write(message);
  }
}
