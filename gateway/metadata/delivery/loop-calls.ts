/** The two ways in which work asks the event loop to be called again; tests bring a loop of their own. */
export interface LoopCalls {
  /** Calls `run` when sockets have been read once more. Returns what takes the call back. */
  soon(run: () => void): () => void;
  /** Calls `run` after `ms`, a whole number. Returns what takes the call back. */
  after(ms: number, run: () => void): () => void;
}

/** Node's event loop. */
export const NODE_LOOP: LoopCalls = {
  soon(run) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  },
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
